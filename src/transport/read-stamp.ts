import type { Scheduler } from '../timer/scheduler.ts';

/**
 * The read that is being handled: when it was made, and which one of its connection it is. Each
 * connection has its own stamp, so that a late read of an old one does not disturb the next.
 */
export class ReadStamp {
  /** Monotonic ns; 0 before the first read. */
  at = 0;
  /** From 0; −1 before the first read. */
  ordinal = -1;
  private readonly time: Scheduler;

  constructor(time: Scheduler) {
    this.time = time;
  }

  /** A read has returned. To be called before any of its bytes is looked at. */
  mark(): void {
    this.at = this.time.now();
    this.ordinal++;
  }
}
