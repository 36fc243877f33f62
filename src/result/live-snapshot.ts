/**
 * What the engine tells a live view, a few times a second. Plain data: the engine makes it, any view
 * may draw it, none may change it.
 */
import type { Outcome } from '../metric/outcome.ts';

export type LivePhase = 'connecting' | 'warmup' | 'measuring' | 'cooldown' | 'draining' | 'done';

/** Percentiles over the last seconds only, ms; null where nothing was measured in them. */
export interface LivePercentiles {
  p50: number | null;
  p95: number | null;
}

export interface LiveSnapshot {
  arm: string;
  /** From 0. */
  armIndex: number;
  armCount: number;
  /** From 0. */
  trial: number;
  trialCount: number;
  phase: LivePhase;
  /** Since the load of this trial began, ms. */
  elapsedMs: number;
  /** Planned length of warm-up, measurement and cool-down together, ms; null where only a count ends it. */
  totalMs: number | null;
  /** Sessions running now. */
  active: number;
  /** Sessions meant to run now (closed loads), else null. */
  targetActive: number | null;
  /** Sessions per second meant now (open loads), else null. */
  intendedRate: number | null;
  /** Sessions waiting for a slot under max_concurrency. */
  waiting: number;
  /** Sessions started in this trial. */
  started: number;
  /** Turns that ended in success in this trial. */
  done: number;
  /** Turns that ended otherwise in this trial, by outcome. */
  failed: Readonly<Partial<Record<Outcome, number>>>;
  /** Output tokens per second over the last seconds. */
  tokensPerSecond: number;
  ttft: LivePercentiles;
  itl: LivePercentiles;
  /** p99 of the event loop's delay over the last seconds, ms. */
  eventLoopDelayMs: number;
}

/** What draws snapshots. The engine calls `update` as often as it likes; the view thins out. */
export interface LiveView {
  update(snapshot: LiveSnapshot): void;
  /** A line that should stay on the screen, above the moving part. */
  note(text: string): void;
  /** Clears what moves and gives the cursor back. Safe to call twice. */
  stop(): void;
}
