/** An arm in one line, for `validate` and the start of a run. */
import { makePacer } from '../load/registry.ts';
import { durationInWords } from '../load/load-text.ts';
import { describeFault } from '../fault/registry.ts';
import type { Distribution } from '../random/distribution.ts';
import type {
  ArmPlan,
  LeavePlan,
  Plan,
  ProxyPlan,
  ReaderPlan,
  ReconnectPlan,
  SessionStep,
} from './plan.ts';

/**
 * `DIALECT over sse against the mock: 8 sessions at a time for 6 s after 1 s of warm-up,
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
    ...(describeClient(arm) === '' ? [] : [describeClient(arm)]),
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

/** `broken streams continued after 200ms, doubling up to 10s, 5 tries`. */
function describeReconnect({ policy, baseMs, maxMs, attempts }: ReconnectPlan): string {
  if (policy === 'give_up') return 'broken streams given up';
  const when =
    policy === 'immediate'
      ? 'at once'
      : `after ${durationInWords(baseMs)}, doubling up to ${durationInWords(maxMs)}`;
  return `broken streams continued ${when}, ${attempts} ${attempts === 1 ? 'try' : 'tries'}`;
}

/** `a simulated nginx (buffering=off)`, `the installed haproxy`. */
export function describeProxy(proxy: ProxyPlan): string {
  const { kind, ...settings } = proxy.settings;
  const given = Object.entries(settings)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => (key === 'config' ? 'custom config' : `${key}=${String(value)}`));
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

/** `leaves 30 % of turns by fin after 50 tokens; reads at 2 kB/s`; '' where the client does neither. */
export function describeClient({ leave, reader }: Pick<ArmPlan, 'leave' | 'reader'>): string {
  return [leave && describeLeave(leave), reader && describeReader(reader)]
    .filter((part) => part !== undefined)
    .join('; ');
}

function describeLeave({ how, code, moment, before, share, resumes }: LeavePlan): string {
  const who = share === 1 ? 'every turn' : `${Math.round(share * 1000) / 10} % of turns`;
  const way = how === 'cancel' ? 'a cancelling call' : how === 'ws_close' ? `${how} ${code}` : how;
  const late = before === undefined ? '' : ` before the ${before.replace('_', ' ')}`;
  return `leaves ${who} by ${way} ${momentText(moment)}${late}${resumes ? ', and comes back' : ''}`.replaceAll(
    /  +/g,
    ' ',
  );
}

function momentText(moment: LeavePlan['moment']): string {
  switch (moment.kind) {
    case 'begun':
      return 'when the answer has begun,';
    case 'last_token':
      return 'after the last token';
    case 'time':
      return `after ${distributionText(moment.ms, durationInWords)}`;
    default:
      return `after ${distributionText(moment.count, String)} ${moment.kind}`;
  }
}

/** As it is written in a scenario: `uniform(10, 200)`. */
function distributionText(distribution: Distribution, text: (value: number) => string): string {
  if (distribution.kind === 'constant') return text(distribution.value);
  const { kind, ...numbers } = distribution;
  return `${kind}(${Object.values(numbers).join(', ')})`;
}

function describeReader(reader: ReaderPlan): string {
  return reader.kind === 'rate'
    ? `reads at ${reader.bytesPerSecond / 1000} kB/s`
    : `reads for ${durationInWords(reader.everyMs)}, then pauses for ${durationInWords(reader.lengthMs)}`;
}
