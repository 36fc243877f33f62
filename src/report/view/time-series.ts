/** What happened when: ticks of all trials of an arm laid over one another. */
import type { ArmResult, Tick } from '../../result/schema.ts';

/** Rates per second; percentiles in ms; null where nothing happened. Means over trials. */
export interface SeriesPoint {
  /** Middle of the interval, seconds since the load began. */
  at: number;
  intendedRate: number | null;
  startedRate: number;
  completedRate: number;
  failedRate: number;
  tokenRate: number;
  active: number;
  ttftP50: number | null;
  ttftP95: number | null;
  itlP50: number | null;
  itlP95: number | null;
}

/** Seconds since the load began at which phases end. */
export interface PhaseBands {
  warmupEnd: number;
  measuredEnd: number;
  end: number;
}

function mean(values: readonly (number | null)[]): number | null {
  const some = values.filter((value): value is number => value !== null);
  return some.length === 0 ? null : some.reduce((sum, value) => sum + value, 0) / some.length;
}

function pointOf(ticks: readonly Tick[]): SeriesPoint {
  const rate = (pick: (tick: Tick) => number): number =>
    mean(ticks.map((tick) => pick(tick) / tick.seconds)) ?? 0;
  const first = ticks[0]!;
  return {
    at: first.at + first.seconds / 2,
    intendedRate: mean(ticks.map((tick) => tick.intended_rate)),
    startedRate: rate((tick) => tick.started),
    completedRate: rate((tick) => tick.completed),
    failedRate: rate((tick) => tick.failed),
    tokenRate: rate((tick) => tick.tokens),
    active: mean(ticks.map((tick) => tick.active)) ?? 0,
    ttftP50: mean(ticks.map((tick) => tick.ttft_p50)),
    ttftP95: mean(ticks.map((tick) => tick.ttft_p95)),
    itlP50: mean(ticks.map((tick) => tick.itl_p50)),
    itlP95: mean(ticks.map((tick) => tick.itl_p95)),
  };
}

/** At most this many points; longer runs are thinned by averaging neighbours. */
const mostPoints = 240;

/** The series of an arm. */
export function timeSeries(arm: ArmResult): SeriesPoint[] {
  const length = Math.max(0, ...arm.trials.map((trial) => trial.ticks.length));
  const step = Math.max(1, Math.ceil(length / mostPoints));
  const points: SeriesPoint[] = [];
  for (let index = 0; index < length; index += step) {
    const ticks = arm.trials.flatMap((trial) => trial.ticks.slice(index, index + step));
    if (ticks.length > 0) points.push(pointOf(ticks));
  }
  return points;
}

/** Phases as the first trial had them; all trials follow one plan. */
export function phaseBands(arm: ArmResult): PhaseBands {
  const trial = arm.trials[0];
  if (!trial) return { warmupEnd: 0, measuredEnd: 0, end: 0 };
  const warmupEnd = trial.warmup.seconds;
  const measuredEnd = warmupEnd + trial.measured.seconds;
  const last = trial.ticks.at(-1);
  return {
    warmupEnd,
    measuredEnd,
    end: Math.max(measuredEnd + trial.cooldown.seconds, last ? last.at + last.seconds : 0),
  };
}
