import { monotonicNow } from '../world.ts';
import { DueQueue } from './due-queue.ts';
import { LatenessRecorder, type Lateness } from './lateness.ts';
import type { Scheduled, Scheduler } from './scheduler.ts';

const msNs = 1e6;
/** How early an entry may run: what one timer tick is rounded by. */
const earlyNs = 0.5 * msNs;
/** Work done in one go before sockets get their turn, ns. */
const sliceNs = 4 * msNs;
/** Share of a core that may go into polling for the exact moment. */
const pollShare = 0.02;
const pollCreditCapNs = 3 * msNs;

/**
 * The scheduler of a running server.
 *
 * A Node timer has a grid of 1 ms and fires up to another millisecond late. So the last millisecond
 * is polled with `setImmediate`, which keeps sockets served, but only while the polling is cheap: a
 * budget of a fiftieth of a core. At thousands of events per second polling would never stop, and then
 * the timer's grid is used: everything due within half a millisecond of a tick runs in that tick.
 * Nothing runs while nothing is due.
 */
export class RealScheduler implements Scheduler {
  private readonly queue = new DueQueue();
  private readonly late = new LatenessRecorder();
  private timer: NodeJS.Timeout | undefined;
  private timerDueNs = Infinity;
  private immediate: NodeJS.Immediate | undefined;
  private pollCreditNs = pollCreditCapNs;
  private creditAtNs = 0;
  private pollingSinceNs = 0;
  private running = false;
  private closed = false;

  now(): number {
    return monotonicNow();
  }

  at(dueNs: number, action: () => void): Scheduled {
    const entry = this.queue.push(dueNs, action);
    if (!this.running && !this.closed && dueNs < this.timerDueNs) this.arm();
    return entry;
  }

  close(): void {
    this.closed = true;
    this.queue.clear();
    this.disarm();
  }

  lateness(): Lateness {
    return this.late.summary(monotonicNow());
  }

  /** Entries waiting. */
  get waiting(): number {
    return this.queue.size;
  }

  private disarm(): void {
    if (this.timer) clearTimeout(this.timer);
    if (this.immediate) clearImmediate(this.immediate);
    this.timer = undefined;
    this.immediate = undefined;
    this.timerDueNs = Infinity;
  }

  private arm(): void {
    const next = this.queue.peek();
    this.disarm();
    if (!next || this.closed) return;
    const now = monotonicNow();
    const remainingNs = next.dueNs - now;
    this.timerDueNs = next.dueNs;
    if (remainingNs <= 0 || (remainingNs < msNs && this.mayPoll(now))) {
      this.pollingSinceNs = now;
      this.immediate = setImmediate(this.onImmediate);
      return;
    }
    // Rounded down, so that the tick comes before the due time and polling (or the early margin)
    // does the rest; never more than a day, which is beyond any session.
    const ms = Math.min(86_400_000, Math.max(1, Math.floor(remainingNs / msNs)));
    this.timer = setTimeout(this.onTimer, ms);
  }

  /** Grows the polling budget with time, and says whether any is left. */
  private mayPoll(now: number): boolean {
    this.pollCreditNs = Math.min(
      pollCreditCapNs,
      this.pollCreditNs + (now - this.creditAtNs) * pollShare,
    );
    this.creditAtNs = now;
    return this.pollCreditNs > 0;
  }

  private readonly onTimer = (): void => {
    this.run(monotonicNow());
  };

  private readonly onImmediate = (): void => {
    const now = monotonicNow();
    // Every turn of the loop that was taken instead of sleeping counts, whatever it found due: at
    // high rates something always is, and a loop turn per event costs more than the event.
    this.pollCreditNs -= now - this.pollingSinceNs;
    this.run(now);
  };

  private run(startedNs: number): void {
    this.running = true;
    this.timerDueNs = Infinity;
    // With budget left, wait for the moment itself; without, take what is due around this tick.
    const margin = this.mayPoll(startedNs) ? 0 : earlyNs;
    let now = startedNs;
    for (;;) {
      const next = this.queue.peek();
      if (!next || next.dueNs > now + margin || now - startedNs > sliceNs) break;
      const action = next.action!;
      next.action = undefined;
      this.queue.removeTop();
      this.late.record(now, now - next.dueNs);
      action();
      now = monotonicNow();
    }
    this.running = false;
    this.arm();
  }
}
