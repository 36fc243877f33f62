/**
 * The congestion window: NewReno growth (RFC 5681), proportional rate reduction (RFC 6937, RFC 9937),
 * and Linux's rules for senders that the application limits, which a token stream always is.
 *
 * PRR is why a lost retransmission can end in a timeout: with one packet in flight the window shrinks
 * to one, so no later token may leave to expose the second loss.
 */

/** RFC 6928. */
export const defaultInitialWindow = 10;

const smallestThreshold = 2;

export class CongestionWindow {
  /** Packets. */
  window: number;
  threshold = Infinity;
  /** Packets sent since the reduction began (prr_out). */
  reductionSent = 0;
  private readonly initialWindow: number;
  private reductionDelivered = 0;
  private growthCount = 0;
  /** Before the last reduction; `priorThreshold` 0: none to go back to. */
  private priorWindow = 0;
  private priorThreshold = 0;
  /** Whether the window, not the application, was the limit in the last round trip. */
  private limited = false;
  private mostOutstanding = 0;
  private usageEnd = 0;
  private used = 0;
  private usedSinceNs: number;

  constructor(initialWindow: number, nowNs: number) {
    this.initialWindow = initialWindow;
    this.window = initialWindow;
    this.usedSinceNs = nowNs;
  }

  /** The threshold that the present window stands for, for going back after a false alarm. */
  private effectiveThreshold(reducing: boolean): number {
    return reducing
      ? this.threshold
      : Math.max(this.threshold, Math.floor(this.window / 2) + Math.floor(this.window / 4));
  }

  private halve(): void {
    this.threshold = Math.max(Math.floor(this.window / 2), smallestThreshold);
  }

  /** Starts a reduction. @param undoable - false where the loss is proven, so that nothing is undone. */
  beginReduction(undoable: boolean): void {
    this.priorThreshold = undoable ? this.effectiveThreshold(false) : 0;
    this.priorWindow = this.window;
    this.reductionDelivered = 0;
    this.reductionSent = 0;
    this.growthCount = 0;
    this.halve();
  }

  /** PRR, on each acknowledgement of a reduction. */
  reduce(delivered: number, inFlight: number, advanced: boolean, newlyLost: boolean): void {
    if (delivered <= 0 || this.priorWindow === 0) return;
    this.reductionDelivered += delivered;
    const room = this.threshold - inFlight;
    let count: number;
    if (room < 0) {
      const share = (this.threshold * this.reductionDelivered) / this.priorWindow;
      count = Math.ceil(share) - this.reductionSent;
    } else {
      count = Math.max(this.reductionDelivered - this.reductionSent, delivered);
      if (advanced && !newlyLost) count++;
      count = Math.min(room, count);
    }
    // The first retransmission always goes out.
    count = Math.max(count, this.reductionSent > 0 ? 0 : 1);
    this.window = Math.max(1, inFlight + count);
  }

  endReduction(): void {
    if (this.threshold !== Infinity) this.window = this.threshold;
  }

  /** Retransmission timeout. @param again - false for the first timeout of a window of data. */
  collapse(inFlight: number, again: boolean, reducing: boolean, nowNs: number): void {
    if (!again) {
      this.priorThreshold = this.effectiveThreshold(reducing);
      this.priorWindow = this.window;
      this.halve();
    }
    this.window = inFlight + 1;
    this.growthCount = 0;
    this.usedSinceNs = nowNs;
  }

  /** Goes back to before the last reduction, which was a false alarm. */
  undo(): void {
    if (this.priorThreshold === 0) return;
    this.window = Math.max(this.window, this.priorWindow);
    this.threshold = Math.max(this.threshold, this.priorThreshold);
  }

  /** Grows on acknowledged data, only while the window is what limits the sender. */
  grow(acknowledged: number): void {
    const slowStart = this.window < this.threshold;
    if (!this.limited && !(slowStart && this.window < 2 * this.mostOutstanding)) return;
    let left = acknowledged;
    if (slowStart) {
      const grown = Math.min(this.window + left, this.threshold);
      left -= grown - this.window;
      this.window = grown;
    }
    if (left <= 0) return;
    this.growthCount += left;
    if (this.growthCount >= this.window) {
      const steps = Math.floor(this.growthCount / this.window);
      this.growthCount -= steps * this.window;
      this.window += steps;
    }
  }

  /**
   * Notes how full the window is after sending (RFC 7661's concern, Linux's rule): unused for a timeout,
   * it shrinks towards what was used.
   */
  noteUse(use: {
    full: boolean;
    outstanding: number;
    acknowledgedEnd: number;
    nextEnd: number;
    calm: boolean;
    nowNs: number;
    rtoNs: number;
  }): void {
    const { full, outstanding, nowNs } = use;
    if (
      use.acknowledgedEnd >= this.usageEnd ||
      full ||
      (!this.limited && outstanding > this.mostOutstanding)
    ) {
      this.limited = full;
      this.mostOutstanding = outstanding;
      this.usageEnd = use.nextEnd;
    }
    const slowStart = this.window < this.threshold;
    if (this.limited || (slowStart && this.window < 2 * this.mostOutstanding)) {
      this.used = 0;
      this.usedSinceNs = nowNs;
      return;
    }
    this.used = Math.max(this.used, outstanding);
    if (nowNs - this.usedSinceNs < use.rtoNs) return;
    if (use.calm) {
      const enough = Math.max(this.used, this.initialWindow);
      if (enough < this.window) {
        this.threshold = this.effectiveThreshold(false);
        this.window = Math.floor((this.window + enough) / 2);
      }
      this.used = 0;
    }
    this.usedSinceNs = nowNs;
  }

  /** After an idle time longer than the timeout, halves once for each of it (RFC 2861). */
  restartAfterIdle(idleNs: number, rtoNs: number): void {
    if (idleNs <= rtoNs) return;
    const floor = Math.min(this.initialWindow, this.window);
    this.threshold = this.effectiveThreshold(false);
    for (let left = idleNs - rtoNs; left > 0 && this.window > floor; left -= rtoNs) {
      this.window = Math.floor(this.window / 2);
    }
    this.window = Math.max(this.window, floor);
    this.used = 0;
  }
}
