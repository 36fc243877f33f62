/** How an arm goes just now, for a live view. */
import type { Pacer } from '../load/pacer.ts';
import type { MetricHistogram } from '../metric/histogram.ts';
import type { LivePhase, LiveSnapshot } from '../result/live-snapshot.ts';
import type { LoadPlan } from '../scenario/plan.ts';
import type { FailureTally } from './failure-tally.ts';
import type { TickRecorder } from './tick-recorder.ts';

/** A snapshot without the place of the arm and the trial in the run, which only the run knows. */
export type ArmSnapshot = Omit<
  LiveSnapshot,
  'arm' | 'armIndex' | 'armCount' | 'trial' | 'trialCount'
>;

export interface ArmNow {
  phase: LivePhase;
  elapsedMs: number;
  load: Pick<LoadPlan, 'warmupMs' | 'durationMs' | 'cooldownMs'>;
  pacer: Pacer;
  /** Sessions that run, that wait for a slot, and that have been started so far. */
  active: number;
  waiting: number;
  started: number;
  /** Turns that succeeded. */
  done: number;
  failures: FailureTally;
  ticks: TickRecorder;
  tokensPerSecond: number;
  eventLoopDelayMs: number;
}

export function snapshotOf(now: ArmNow): ArmSnapshot {
  const { pacer, elapsedMs, load, ticks } = now;
  const totalMs = load.warmupMs + load.durationMs + load.cooldownMs;
  return {
    phase: now.phase,
    elapsedMs,
    totalMs: Number.isFinite(pacer.durationMs) ? totalMs : null,
    active: now.active,
    targetActive: pacer.sessionsAt(elapsedMs) ?? null,
    intendedRate: pacer.rateAt(elapsedMs) ?? null,
    waiting: now.waiting,
    started: now.started,
    done: now.done,
    failed: { ...now.failures.byOutcome },
    tokensPerSecond: now.tokensPerSecond,
    ttft: percentiles(ticks.recent.ttft),
    itl: percentiles(ticks.recent.itl),
    eventLoopDelayMs: now.eventLoopDelayMs,
  };
}

function percentiles(histogram: MetricHistogram): { p50: number | null; p95: number | null } {
  return histogram.count === 0
    ? { p50: null, p95: null }
    : { p50: histogram.percentile(50), p95: histogram.percentile(95) };
}
