/**
 * The pacer seam: when sessions start.
 *
 * A pacer is a pure function of elapsed time and of what has happened, without timers or clocks, so
 * it is tested by calling it. The engine asks it again whenever its answer may have changed.
 *
 * To add one, see docs/adding-a-pacer.md.
 */

/** What a pacer may look at. */
export interface PaceState {
  /** Since the load began (warm-up included), ms. */
  elapsedMs: number;
  /** Sessions scheduled so far. */
  scheduled: number;
  /** Sessions running now. */
  active: number;
  /** Elapsed time at which the latest session ended, ms; −1 where none has. */
  lastEndedMs: number;
}

/** What to do next. */
export type Pace =
  /** Schedule one session whose intended start is `atMs` (≤ now: immediately, the lag is recorded). */
  | { kind: 'start'; atMs: number }
  /** Nothing before `untilMs`; `Infinity`: until a session ends. */
  | { kind: 'wait'; untilMs: number }
  /** No further sessions. */
  | { kind: 'stop' };

export interface Pacer {
  /**
   * Asked repeatedly until it answers `wait` or `stop`. `start` counts as scheduled immediately, so the
   * next call sees `scheduled` one higher.
   */
  next(state: PaceState): Pace;
  /** Intended rate at a moment, sessions per second; undefined for closed models. For reports. */
  rateAt(elapsedMs: number): number | undefined;
  /** Sessions meant to run at a moment; undefined for open models. */
  sessionsAt(elapsedMs: number): number | undefined;
  /** Most sessions that it lets run at once; Infinity for open models, which do not know. */
  mostSessions: number;
  /** One sentence for the start of a run: "200 sessions at a time for 30 s, each thinking 1 s". */
  describe(): string;
  /** When the last session may start, ms; Infinity where only a count ends it. */
  durationMs: number;
}

export interface PacerContext {
  /** Length of the whole load, warm-up and cool-down included, ms; Infinity where a count ends it. */
  durationMs: number;
  seed: string;
}
