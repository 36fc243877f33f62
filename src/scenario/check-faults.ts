/** Whether the faults of an arm can happen on its way to the target. */
import type { FaultWay } from '../fault/definition.ts';
import { misfitOf } from '../fault/registry.ts';
import type { TransportName } from '../transport/transport.ts';
import type { Target } from './plan.ts';
import type { Problem } from '../settings/problem.ts';
import type { MergedArm } from './schema-arm.ts';

interface Way {
  transport: TransportName;
  version: '1.1' | '2';
  /** Undefined where it is wrong already. */
  target: Target | undefined;
}

export function checkFaults(
  arm: MergedArm,
  { transport, version, target }: Way,
  report: (problem: Problem) => void,
): void {
  const mock = target?.kind === 'mock';
  const secure = target?.kind === 'url' && target.baseUrl.startsWith('https:');
  if (arm.tls?.terminate && target && (mock ? version !== '2' : !secure)) {
    report({
      path: ['tls', 'terminate'],
      code: 'nothing-to-terminate',
      message: 'the target is reached without TLS, so there is none to end',
      hints: ['remove `terminate: true`'],
    });
  }
  const way: FaultWay = {
    transport,
    httpVersion: version,
    mock,
    asciiOnly: mock && arm.mock?.text !== 'unicode',
    sealed:
      secure && !arm.tls?.terminate
        ? 'set tls: { terminate: true }: TLS then ends at the relay, whose certificate the run trusts'
        : undefined,
  };
  for (const [index, fault] of (arm.faults ?? []).entries()) {
    const misfit = misfitOf(fault, way);
    if (!misfit) continue;
    report({
      path: ['faults', index, ...misfit.path],
      code: 'fault-mismatch',
      message: misfit.message,
      hints: misfit.hints,
    });
  }
}
