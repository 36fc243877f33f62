import { monotonicNow } from '../world.ts';
import { DueQueue } from './due-queue.ts';
import { LatenessRecorder, type Lateness } from './lateness.ts';
import type { MeasuredScheduler, Scheduled } from './scheduler.ts';

const msNs = 1e6;
/** Work done in one go before sockets get their turn, ns. */
const sliceNs = 4 * msNs;
/** Longest time that polling may take in one go, before its share is earned again, ns. */
const pollCreditCapNs = 3 * msNs;

export interface RealSchedulerOptions {
  /** How early an entry may run, ms: what one timer tick is rounded by. Default 0.5. */
  earlyMs?: number;
  /** Share of a core that may go into polling for the exact moment, 0 to 1. Default 0.02. */
  pollShare?: number;
}

/**
 * The scheduler of a running program.
 *
 * A Node timer has a grid of 1 ms and fires up to another millisecond late. So the last millisecond
 * is polled with `setImmediate`, which keeps sockets served, but only while the polling is cheap: a
 * budget of a fiftieth of a core. At thousands of events per second polling would never stop, and then
 * the timer's grid is used: everything due within half a millisecond of a tick runs in that tick.
 * Nothing runs while nothing is due.
 */
export class RealScheduler implements MeasuredScheduler {
  private readonly queue = new DueQueue((holds) => this.hold(holds));
  private readonly late = new LatenessRecorder();
  private readonly turns = new Set<NodeJS.Immediate>();
  private readonly earlyNs: number;
  private readonly pollShare: number;
  private timer: NodeJS.Timeout | undefined;
  private timerDueNs = Infinity;
  private immediate: NodeJS.Immediate | undefined;
  private pollCreditNs: number;
  private creditAtNs = 0;
  private pollingSinceNs = 0;
  private running = false;
  private closed = false;

  constructor({ earlyMs = 0.5, pollShare = 0.02 }: RealSchedulerOptions = {}) {
    this.earlyNs = earlyMs * msNs;
    this.pollShare = pollShare;
    this.pollCreditNs = pollShare > 0 ? pollCreditCapNs : 0;
  }

  now(): number {
    return monotonicNow();
  }

  at(dueNs: number, action: () => void): Scheduled {
    return this.add(dueNs, action, true);
  }

  inBackground(dueNs: number, action: () => void): Scheduled {
    return this.add(dueNs, action, false);
  }

  soon(action: () => void): Scheduled {
    if (this.closed) return never;
    const turn = setImmediate(() => {
      this.turns.delete(turn);
      action();
    });
    this.turns.add(turn);
    return {
      cancel: () => {
        clearImmediate(turn);
        this.turns.delete(turn);
      },
    };
  }

  close(): void {
    this.closed = true;
    this.queue.clear();
    this.disarm();
    for (const turn of this.turns) clearImmediate(turn);
    this.turns.clear();
  }

  lateness(): Lateness {
    return this.late.summary(monotonicNow());
  }

  /** Entries waiting. */
  get waiting(): number {
    return this.queue.size;
  }

  private add(dueNs: number, action: () => void, holds: boolean): Scheduled {
    if (this.closed) return never;
    const entry = this.queue.push(dueNs, action, holds);
    if (!this.running && dueNs < this.timerDueNs) this.arm();
    return entry;
  }

  /** The process continues for what waits here, or may end. */
  private hold(holds: boolean): void {
    if (holds) {
      this.timer?.ref();
      this.immediate?.ref();
    } else {
      this.timer?.unref();
      this.immediate?.unref();
    }
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
      this.hold(this.queue.holds);
      return;
    }
    // Rounded down, so that the tick comes before the due time and polling (or the early margin)
    // does the rest; never more than a day, which is beyond any session.
    const ms = Math.min(86_400_000, Math.max(1, Math.floor(remainingNs / msNs)));
    this.timer = setTimeout(this.onTimer, ms);
    this.hold(this.queue.holds);
  }

  /** Grows the polling budget with time, and says whether any is left. */
  private mayPoll(now: number): boolean {
    this.pollCreditNs = Math.min(
      pollCreditCapNs,
      this.pollCreditNs + (now - this.creditAtNs) * this.pollShare,
    );
    this.creditAtNs = now;
    return this.pollCreditNs > 0;
  }

  private readonly onTimer = (): void => {
    this.timer = undefined;
    this.run(monotonicNow());
  };

  private readonly onImmediate = (): void => {
    this.immediate = undefined;
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
    const margin = this.mayPoll(startedNs) ? 0 : this.earlyNs;
    let now = startedNs;
    try {
      for (;;) {
        const next = this.queue.peek();
        if (!next || next.dueNs > now + margin || now - startedNs > sliceNs) break;
        const { dueNs } = next;
        const action = this.queue.takeTop();
        this.late.record(now, now - dueNs);
        action();
        now = monotonicNow();
      }
    } finally {
      // An action that throws must not stop the others.
      this.running = false;
      this.arm();
    }
  }
}

/** What a closed scheduler gives. */
const never: Scheduled = { cancel: () => {} };
