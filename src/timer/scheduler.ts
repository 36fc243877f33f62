/**
 * One timer for all streams. A Node timer per token costs more than the token itself and fires on a
 * 1 ms grid shared with everything else; one timer over a heap of due times holds the schedule.
 */

/** A running entry; `cancel` is idempotent. */
export interface Scheduled {
  cancel(): void;
}

export interface Scheduler {
  /** Monotonic ns, as `World.clock.now`. */
  now(): number;
  /** Runs `action` at a monotonic time in ns, never early by more than 0.5 ms; equal times keep order. */
  at(dueNs: number, action: () => void): Scheduled;
  close(): void;
}
