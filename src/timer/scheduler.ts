/**
 * Time as everything outside this folder has it: what time it is, and what is to happen later.
 *
 * One timer serves all entries. A Node timer per token costs more than the token itself and fires on a
 * 1 ms grid shared with everything else; one timer over a heap of due times holds the schedule.
 *
 * `RealScheduler` is the machine's time, `VirtualScheduler` one that moves when it is told to; what both
 * must do is in test/contract/schedulers.test.ts. What is made from these few calls (waiting, repeating,
 * time limits) is in waiting.ts.
 */
import type { Lateness } from './lateness.ts';

/** Something that is to happen later. */
export interface Scheduled {
  /** It does not happen. Idempotent, and harmless once it has happened. */
  cancel(): void;
}

export interface Scheduler {
  /** Monotonic ns, as `World.clock.now`. */
  now(): number;
  /**
   * Runs `action` at a monotonic time in ns; equal times keep their order. Never within the call, and
   * never early by more than the scheduler's margin (0.5 ms unless it was made with another).
   * Code that awaits an entry may continue only after others that are overdue as well.
   */
  at(dueNs: number, action: () => void): Scheduled;
  /** As `at`, but the process may end although this is still to come. */
  inBackground(dueNs: number, action: () => void): Scheduled;
  /**
   * Runs `action` once sockets and promises have had their turn, at this time as far as a clock can
   * tell. Polling with it would never end on a clock that stands still: wait with `at`.
   */
  soon(action: () => void): Scheduled;
  /** Cancels everything; whatever is asked for afterwards never happens. Idempotent. */
  close(): void;
}

/** A scheduler that says how well it holds its schedule. */
export interface MeasuredScheduler extends Scheduler {
  /** Entries that are still to come. */
  readonly waiting: number;
  lateness(): Lateness;
}
