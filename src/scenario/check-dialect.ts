/** What an arm asks of its dialect, held against what the dialect says of itself. */
import type { AskedArm, Dialect } from '../dialect/dialect.ts';
import type { DialectOptions } from '../dialect/options.ts';
import { dialectsThat } from '../dialect/registry.ts';
import type { TransportName } from '../transport/transport.ts';
import type { Target } from './plan.ts';
import type { Path, Problem } from '../settings/problem.ts';
import type { MergedArm } from './schema-arm.ts';

/** The parts of an arm that a dialect may have something to say about. */
interface DialectParts {
  arm: MergedArm;
  transport: TransportName;
  target: Target | undefined;
  dialectOptions: DialectOptions;
}

/** Reports the transport that it cannot use, the turns it cannot begin, and what its member finds. */
export function checkDialect(
  dialect: Dialect,
  parts: DialectParts,
  report: (problem: Problem, follows: readonly Path[]) => void,
): void {
  const { arm, transport } = parts;
  if (!dialect.transports.includes(transport)) {
    report(
      {
        path: ['transport'],
        code: 'transport-mismatch',
        message: `${dialect.name} cannot use ${transport}`,
        hints: [
          `${dialect.name} uses ${dialect.transports.join(', ')}`,
          `${transport} is used by ${dialectsThat((other) => other.transports.includes(transport))}`,
        ],
      },
      [['dialect']],
    );
  }
  if (arm.history === 'none' && !dialect.supports.freshTurns) {
    report(
      {
        path: ['history'],
        code: 'history-mismatch',
        message: `${dialect.name} keeps its conversation in the connection and cannot begin another on it`,
        hints: ['remove `history: none`, or make a session of one turn'],
      },
      [['dialect']],
    );
  }
  const keys = ['dialect', 'transport', 'via', 'target', 'http', 'reconnect'];
  const follows = [...keys, ...Object.keys(dialect.options)].map((key) => [key]);
  for (const problem of dialect.check?.(askedOf(parts)) ?? []) report(problem, follows);
}

function askedOf({ arm, transport, target, dialectOptions }: DialectParts): AskedArm {
  return {
    transport,
    via: arm.via ?? 'wire',
    target: target?.kind,
    options: dialectOptions,
    resumes: arm.via !== 'sdk' && arm.reconnect !== undefined && arm.reconnect.policy !== 'give_up',
    leave: arm.leave && { how: arm.leave.how, probes: arm.leave.probe !== undefined },
    mock: arm.mock ?? {},
  };
}
