/** An arm in one line, for `validate` and the start of a run. */
import { makePacer } from '../load/registry.ts';
import { durationInWords } from '../load/words.ts';
import { describeFault } from '../fault/registry.ts';
import type { ArmPlan, ReconnectPlan, Plan, ProxyPlan, SessionStep } from './plan.ts';

/**
 * `openai-responses over sse against the mock: 8 sessions at a time for 6 s after 1 s of warm-up,
 * 21 turns each, +40 ms round trip`
 */
export function describeArm(arm: ArmPlan): string {
  const { load } = arm;
  const pacer = makePacer(load.shape, { durationMs: load.durationMs, seed: '' });
  const turns = countTurns(arm.session.steps);
  return [
    `${arm.dialect} over ${arm.transport}${arm.http.version === '2' ? ' on HTTP/2' : ''}` +
      (arm.via === 'sdk' ? ' through the official SDK' : '') +
      ` against ${arm.target.kind === 'mock' ? 'the mock' : arm.target.baseUrl}: ${pacer.describe()}` +
      (load.warmupMs > 0 ? ` after ${durationInWords(load.warmupMs)} of warm-up` : ''),
    ...(turns > 1 ? [`${turns} turns each`] : []),
    ...(arm.network ? [`network ${arm.network.description}`] : []),
    ...arm.faults.map(describeFault),
    ...(arm.proxy ? [`behind ${describeProxy(arm.proxy)}`] : []),
    ...(arm.reconnect ? [describeReconnect(arm.reconnect)] : []),
  ].join(', ');
}

/** `3 arms × network.rtt (4) × network.loss (4) = 48 arms`; undefined without a matrix. */
export function describeMatrix({ arms }: Pick<Plan, 'arms'>): string | undefined {
  const cells = arms.map((arm) => arm.cell).filter((cell) => cell !== undefined);
  const [first] = cells;
  if (!first) return undefined;
  const bases = new Set(cells.map((cell) => cell.base)).size;
  const axes = Object.keys(first.values).map(
    (path) => `${path} (${new Set(cells.map((cell) => cell.values[path])).size})`,
  );
  return `${bases} ${bases === 1 ? 'arm' : 'arms'} × ${axes.join(' × ')} = ${arms.length} arms`;
}

/** `broken streams carried on after 200ms, doubling up to 10s, 5 tries`. */
function describeReconnect({ policy, baseMs, maxMs, attempts }: ReconnectPlan): string {
  if (policy === 'give_up') return 'broken streams given up';
  const when =
    policy === 'immediate'
      ? 'at once'
      : `after ${durationInWords(baseMs)}, doubling up to ${durationInWords(maxMs)}`;
  return `broken streams carried on ${when}, ${attempts} ${attempts === 1 ? 'try' : 'tries'}`;
}

/** `a simulated nginx (buffering=off)`, `the installed haproxy`. */
export function describeProxy(proxy: ProxyPlan): string {
  const { kind, ...settings } = proxy.settings;
  const given = Object.entries(settings)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => (key === 'config' ? 'own config' : `${key}=${String(value)}`));
  const name = proxy.kind === 'real' ? `the installed ${kind}` : `a simulated ${kind}`;
  return given.length === 0 ? name : `${name} (${given.join(', ')})`;
}

/** Turns of one session that answers every tool call. */
export function countTurns(steps: readonly SessionStep[]): number {
  return steps.reduce((sum, step) => {
    if (step.kind === 'think') return sum;
    return sum + (step.kind === 'repeat' ? step.times * countTurns(step.steps) : 1);
  }, 0);
}
