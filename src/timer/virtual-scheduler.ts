import { DueQueue } from './due-queue.ts';
import { LatenessRecorder, type Lateness } from './lateness.ts';
import type { MeasuredScheduler, Scheduled } from './scheduler.ts';

const msNs = 1e6;
/** Longest virtual time that `until` continues for, ms: an hour, beyond any session. */
const longestMs = 3_600_000;

/**
 * A scheduler whose clock moves only when told to: exact, and as fast as the actions are.
 *
 * Code without promises is driven by `advanceTo` and `advanceMs`, immediately. Code that awaits needs
 * `advance` or `until`: after each entry they let all promises continue that can, so that what those
 * schedule in turn has its place in the order. Nothing outside may be waited for meanwhile: a socket, a
 * file or a thread takes real time, of which a virtual clock knows nothing.
 */
export class VirtualScheduler implements MeasuredScheduler {
  private readonly queue = new DueQueue();
  private nowNs: number;
  private closed = false;

  constructor(startNs = 0) {
    this.nowNs = startNs;
  }

  now(): number {
    return this.nowNs;
  }

  at(dueNs: number, action: () => void): Scheduled {
    return this.add(dueNs, action, true);
  }

  inBackground(dueNs: number, action: () => void): Scheduled {
    return this.add(dueNs, action, false);
  }

  soon(action: () => void): Scheduled {
    return this.at(this.nowNs, action);
  }

  close(): void {
    this.closed = true;
    this.queue.clear();
  }

  /** Entries that are still to come, background ones included. */
  get waiting(): number {
    return this.queue.size;
  }

  /** Not kept: on this clock nothing is late but what a `stall` has made so. */
  lateness(): Lateness {
    return new LatenessRecorder().summary(this.nowNs);
  }

  /** Moves the clock to `untilNs`, running everything due on the way, each at its own time. */
  advanceTo(untilNs: number): void {
    while (this.runNext(untilNs));
    this.nowNs = Math.max(this.nowNs, untilNs);
  }

  /** As `advanceTo`, by a span in ms. */
  advanceMs(ms: number): void {
    this.advanceTo(this.nowNs + ms * msNs);
  }

  /** Moves the clock and runs nothing, as when the process is stopped: what was due then comes late. */
  stall(ms: number): void {
    this.nowNs += ms * msNs;
  }

  /**
   * Moves the clock by `ms`, running everything due on the way, each at its own time and with its promises.
   *
   * @throws whatever an action throws; the clock then stands at that action's time.
   */
  async advance(ms: number): Promise<void> {
    const untilNs = this.nowNs + ms * msNs;
    do await promisesSettle();
    while (this.runNext(untilNs));
    this.nowNs = Math.max(this.nowNs, untilNs);
  }

  /**
   * Moves the clock from entry to entry until the promise is settled, and not a moment further.
   *
   * @param withinMs - virtual time after which it is given up.
   * @returns what the promise brings.
   * @throws what it rejects with; an Error where nothing but background entries is left, as a process would
   *   end then, or where the time is over.
   */
  async until<T>(promise: Promise<T>, withinMs = longestMs): Promise<T> {
    const limitNs = this.nowNs + withinMs * msNs;
    let settled = false;
    const note = (): void => void (settled = true);
    promise.then(note, note);
    for (;;) {
      await promisesSettle();
      if (settled) return promise;
      if (!this.queue.holds) {
        throw new Error(
          `nothing is due after ${this.nowNs / msNs} ms, and the promise still waits`,
        );
      }
      if (!this.runNext(limitNs)) {
        throw new Error(`the promise still waits after ${withinMs} ms of virtual time`);
      }
    }
  }

  private add(dueNs: number, action: () => void, holds: boolean): Scheduled {
    const entry = this.queue.push(dueNs, action, holds);
    if (this.closed) entry.cancel();
    return entry;
  }

  /** Runs the next entry if it is due by `untilNs`, and says whether it was. */
  private runNext(untilNs: number): boolean {
    const next = this.queue.peek();
    if (!next || next.dueNs > untilNs) return false;
    this.nowNs = Math.max(this.nowNs, next.dueNs);
    this.queue.takeTop()();
    return true;
  }
}

/**
 * Resolves when no promise can continue without something new: Node empties the queue of microtasks, those
 * that they add included, before its next turn.
 */
function promisesSettle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
