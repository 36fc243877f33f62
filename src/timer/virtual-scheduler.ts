import { DueQueue } from './due-queue.ts';
import type { Scheduled, Scheduler } from './scheduler.ts';

/** A scheduler whose clock moves only when told to: exact, and as fast as the actions are. */
export class VirtualScheduler implements Scheduler {
  private readonly queue = new DueQueue();
  private nowNs: number;

  constructor(startNs = 0) {
    this.nowNs = startNs;
  }

  now(): number {
    return this.nowNs;
  }

  at(dueNs: number, action: () => void): Scheduled {
    return this.queue.push(dueNs, action);
  }

  close(): void {
    this.queue.clear();
  }

  /** Moves the clock to `untilNs`, running everything due on the way, each at its own time. */
  advanceTo(untilNs: number): void {
    for (;;) {
      const next = this.queue.peek();
      if (!next || next.dueNs > untilNs) break;
      this.nowNs = Math.max(this.nowNs, next.dueNs);
      const action = next.action!;
      next.action = undefined;
      this.queue.removeTop();
      action();
    }
    this.nowNs = Math.max(this.nowNs, untilNs);
  }

  /** As `advanceTo`, by a span in ms. */
  advanceMs(ms: number): void {
    this.advanceTo(this.nowNs + ms * 1e6);
  }
}
