/** `reconnect:` and `verify:` of an arm, and whether `via: sdk` can be: what they may say, and what they need. */
import { z } from 'zod';
import type { Dialect } from '../dialect/dialect.ts';
import { dialects, dialectsThat } from '../dialect/registry.ts';
import type { TransportName } from '../transport/transport.ts';
import { parseDuration, parsePercent } from '../settings/units.ts';
import { duration, percent, someTime } from '../settings/fields.ts';
import type { ReconnectPlan, Target } from './plan.ts';
import type { Path, Problem } from '../settings/problem.ts';

const policies = ['immediate', 'exponential', 'give_up'] as const;

/** Keys that mean something under a policy. */
const keysOf: Record<(typeof policies)[number], readonly string[]> = {
  immediate: ['attempts', 'stalled'],
  exponential: ['attempts', 'stalled', 'base', 'max', 'jitter'],
  give_up: [],
};

export const reconnectSchema = z
  .strictObject({
    policy: z
      .enum(policies)
      .optional()
      .describe(
        'immediate: immediately, or when the server wishes it (SSE `retry:`); exponential: after delays that double; give_up: never, the turn ends where its stream breaks. Default exponential',
      ),
    base: duration()
      .optional()
      .describe('First delay; a server’s `retry:` takes its place. Default 200ms'),
    max: someTime().optional().describe('Longest delay. Default 10s'),
    jitter: percent()
      .optional()
      .describe('Largest share taken off a delay, drawn from the seed. Default 50%'),
    attempts: z
      .int()
      .positive()
      .optional()
      .describe('Tries in a row without a new event before giving up. Default 5'),
    stalled: z
      .boolean()
      .optional()
      .describe(
        'Whether a stream on which nothing arrives for `timeouts.idle` is left and continued too. Default true',
      ),
  })
  .superRefine((spec, context) => {
    const policy = spec.policy ?? defaults.policy;
    for (const key of Object.keys(spec)) {
      if (key === 'policy' || keysOf[policy].includes(key)) continue;
      context.addIssue({
        code: 'custom',
        path: [key],
        message: `${key} has no meaning under policy: ${policy}`,
      });
    }
  })
  .describe(
    'What the client does when its stream breaks: the turn continues over a new connection, from the last event that arrived whole',
  );

const defaults = {
  policy: 'exponential',
  baseMs: 200,
  maxMs: 10_000,
  jitter: 0.5,
  attempts: 5,
} as const;

export type ReconnectInput = z.infer<typeof reconnectSchema>;

export function buildReconnect(spec: ReconnectInput): ReconnectPlan {
  return {
    policy: spec.policy ?? defaults.policy,
    baseMs: spec.base === undefined ? defaults.baseMs : parseDuration(spec.base),
    maxMs: spec.max === undefined ? defaults.maxMs : parseDuration(spec.max),
    jitter: spec.jitter === undefined ? defaults.jitter : parsePercent(spec.jitter),
    attempts: spec.attempts ?? defaults.attempts,
    stalled: spec.stalled ?? true,
  };
}

/** The parts of an arm that resuming depends on. */
export interface ResumeParts {
  dialect: Dialect;
  transport: TransportName;
  via: 'wire' | 'sdk';
  target: Target | undefined;
  reconnect: ReconnectInput | undefined;
  verify: boolean | undefined;
}

/** Reports what an arm asks for that its API, transport or target cannot do. */
export function checkResume(
  parts: ResumeParts,
  report: (problem: Problem, follows?: readonly Path[]) => void,
): void {
  const { dialect, transport, via, target, reconnect, verify } = parts;
  const follows: Path[] = [['dialect'], ['transport'], ['via'], ['target']];
  const wrong = (key: string, message: string, ...hints: string[]): void =>
    report({ path: [key], code: 'resume-mismatch', message, hints }, follows);

  if (via === 'sdk' && !dialect.supports.sdk) {
    wrong(
      'via',
      `no official package speaks ${dialect.name}`,
      'use via: wire in this arm',
      `the official package is driven for ${dialectsThat((other) => other.supports.sdk !== undefined)}`,
    );
  }
  if (reconnect && via === 'sdk') {
    wrong(
      'reconnect',
      'the official package resumes nothing by itself, and reconnect is for streamgauge’s client',
      'use via: wire in this arm',
    );
  }
  if (reconnect && reconnect.policy !== 'give_up' && via !== 'sdk') {
    if (!dialect.supports.resume.includes(transport)) {
      wrong(
        'reconnect',
        `a stream of ${dialect.name} over ${transport} cannot be continued once it has broken`,
        `it can with ${dialects
          .flatMap((other) => other.supports.resume.map((over) => `${other.name} over ${over}`))
          .join(', ')}`,
        'or measure what a break costs: reconnect: { policy: give_up }',
      );
    }
  }
  if (verify === true && target?.kind === 'url') {
    wrong(
      'verify',
      'only the mock knows what it has really sent',
      'use target: mock, or leave verify out: what the protocol’s numbers tell is counted anyway',
    );
  }
  if (verify === true && !dialect.supports.verify) {
    wrong('verify', `the answers of ${dialect.name} are not compared`, 'leave verify out');
  }
}
