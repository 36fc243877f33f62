/**
 * What the sender makes of acknowledgements and timeouts: which state it is in, when a loss is certain,
 * when one was a false alarm. It sends nothing; the `Sender` does, as this says.
 */
import type { CongestionWindow } from './congestion.ts';
import { FalseAlarm } from './false-alarm.ts';
import { toJiffies } from './kernel-timer.ts';
import type { Rack } from './rack.ts';
import type { Acknowledgement } from './receiver.ts';
import type { RttEstimator } from './rtt-estimator.ts';
import type { News } from './scoreboard.ts';
import type { Outstanding } from './segment.ts';
import { type SenderTimer, timerSlackNs } from './sender-timer.ts';
import type { Sequence } from './sequence.ts';

/**
 * Linux's five states: nothing amiss; something selectively acknowledged; the window being reduced
 * after a repaired tail; repairing losses that RACK found; repairing after a timeout.
 */
export type RecoveryState = 'open' | 'disorder' | 'reduced' | 'recovery' | 'loss';

/** What the recovery shares with its sender. */
export interface RecoveryParts {
  sequence: Sequence;
  outstanding: Outstanding;
  rack: Rack;
  trips: RttEstimator;
  congestion: CongestionWindow;
  timer: SenderTimer;
  counters: { fastRecoveries: number };
}

export class Recovery {
  state: RecoveryState = 'open';
  /** What must be acknowledged for the present state to end. */
  stateEnd = 0;
  /** End of the data that a tail loss probe stands for; 0: no probe is out. */
  probeEnd = 0;
  probeResent = false;
  /** The timeout was lengthened, and nothing new has been acknowledged since. */
  backedOff = false;
  readonly alarm = new FalseAlarm();
  /** RFC 5682: after a timeout, whether it may still prove spurious. */
  private mayBeSpurious = false;
  private readonly sequence: Sequence;
  private readonly outstanding: Outstanding;
  private readonly rack: Rack;
  private readonly trips: RttEstimator;
  private readonly congestion: CongestionWindow;
  private readonly timer: SenderTimer;
  private readonly counters: { fastRecoveries: number };

  constructor(parts: RecoveryParts) {
    this.sequence = parts.sequence;
    this.outstanding = parts.outstanding;
    this.rack = parts.rack;
    this.trips = parts.trips;
    this.congestion = parts.congestion;
    this.timer = parts.timer;
    this.counters = parts.counters;
  }

  get reducing(): boolean {
    return this.state === 'reduced' || this.state === 'recovery';
  }

  get recovering(): boolean {
    return this.state === 'recovery' || this.state === 'loss';
  }

  /** The timeout has struck: all that is not known to have arrived is lost, but for what is too recent. */
  beginLoss(now: number): void {
    const { outstanding, trips, sequence } = this;
    const wasRecovering = this.recovering;
    const head = outstanding.first;
    for (let i = 0; i < outstanding.count; i++) {
      const segment = outstanding.at(i);
      if (segment.sacked) continue;
      // What was sent within the last round trip may well be on its way.
      const recent =
        segment !== head &&
        this.rack.remainingNs(segment, now, wasRecovering, outstanding, trips) > 0;
      if (!recent) outstanding.markLost(segment);
    }
    const first =
      this.state === 'open' ||
      this.state === 'disorder' ||
      sequence.acknowledged >= this.stateEnd ||
      (this.state === 'loss' && !this.backedOff);
    if (first) this.raiseAlarm();
    this.congestion.collapse(outstanding.inFlight, !first, this.reducing, now);
    this.mayBeSpurious = !wasRecovering || this.backedOff;
    this.backedOff = true;
    this.state = 'loss';
    this.stateEnd = sequence.next;
    this.probeEnd = 0;
  }

  /** RFC 8985, 7.4: a probe that repaired a loss must cost what a loss costs. */
  judgeProbe({ cumulative, duplicateEnd }: Acknowledgement, news: News): void {
    if (cumulative < this.probeEnd) return;
    if (!this.probeResent || duplicateEnd === this.probeEnd) {
      this.probeEnd = 0;
    } else if (cumulative > this.probeEnd) {
      this.beginReduction(false);
      this.state = 'reduced';
      this.congestion.endReduction();
      this.settle();
    } else if (!news.advanced && !news.sacked) {
      this.probeEnd = 0;
    }
  }

  /** @returns whether lost segments may be sent again. */
  react(news: News, now: number): boolean {
    if (this.state === 'open') {
      this.alarm.restart();
    } else if (this.sequence.acknowledged >= this.stateEnd) {
      if (this.state === 'reduced' && this.sequence.acknowledged !== this.stateEnd) {
        this.congestion.endReduction();
        this.state = 'open';
      } else if (this.state === 'recovery') {
        if (this.alarm.proven(news.echoNs)) this.undo(false);
        else if (this.alarm.raised) this.congestion.endReduction();
        this.state = 'open';
      }
    }

    if (this.state === 'recovery') {
      if (news.advanced && this.alarm.originalArrived(news.echoNs)) {
        if (this.outstanding.retransmittingCount > 0) return true;
        this.undo(true);
        this.settle();
        return true;
      }
      if (this.alarm.allNeedless) {
        this.undo(false);
        this.settle();
      }
      this.detectLosses(news, now);
    } else if (this.state === 'loss') {
      const retransmittingBefore = this.outstanding.retransmittingCount;
      const repair = this.reactAfterTimeout(news);
      if (!repair) return false;
      this.detectLosses(news, now);
      const retransmissionLost = this.outstanding.retransmittingCount < retransmittingBefore;
      if (!((this.state as RecoveryState) === 'open') && !retransmissionLost) return true;
      if (this.outstanding.lostCount > 0) this.beginRecovery();
      return true;
    } else {
      if (this.alarm.allNeedless) this.undo(false);
      this.detectLosses(news, now);
    }
    if (this.recovering) return true;
    if (this.outstanding.lostCount === 0) {
      if (this.state !== 'reduced') this.settle();
      return false;
    }
    this.beginRecovery();
    return true;
  }

  /** F-RTO with SACK (RFC 5682, 3.1). @returns whether lost segments may be sent again. */
  private reactAfterTimeout(news: News): boolean {
    const recovered = this.sequence.acknowledged >= this.stateEnd;
    if (news.advanced && this.alarm.proven(news.echoNs)) {
      this.undo(true);
      this.state = 'open';
      return true;
    }
    if (this.mayBeSpurious) {
      if (news.original && this.alarm.raised) {
        this.undo(true);
        this.state = 'open';
        return true;
      }
      if (this.sequence.next > this.stateEnd) {
        if (news.sacked) this.mayBeSpurious = false;
      } else if (news.advanced && !recovered) {
        this.stateEnd = this.sequence.next;
        if (this.sequence.next < this.sequence.end) {
          // New data tells whether the rest is still on its way; repair waits for the answer.
          return false;
        }
        this.mayBeSpurious = false;
      }
    }
    if (recovered) {
      if (this.alarm.proven(news.echoNs)) this.undo(false);
      this.state = 'open';
    }
    return true;
  }

  private detectLosses(news: News, now: number): void {
    const { rack, outstanding } = this;
    if (!rack.advanced) return;
    rack.advanced = false;
    if (outstanding.count === 0) return;
    const waitNs = rack.detect(outstanding, now, this.recovering, this.trips);
    if (waitNs > 0) {
      this.timer.set('reorder', toJiffies(waitNs + timerSlackNs));
      news.resetTimer = false;
    }
  }

  private beginReduction(undoable: boolean): void {
    this.congestion.beginReduction(undoable);
    this.stateEnd = this.sequence.next;
    this.probeEnd = 0;
  }

  private raiseAlarm(): void {
    const probe = this.probeEnd > 0 && this.probeResent ? 1 : 0;
    this.alarm.raise(this.sequence.acknowledged, this.outstanding.retransmittingCount + probe);
  }

  beginRecovery(): void {
    this.counters.fastRecoveries++;
    this.raiseAlarm();
    if (!this.reducing) this.beginReduction(true);
    this.state = 'recovery';
  }

  /** To the calm states: open, or disorder while something is not accounted for. */
  private settle(): void {
    const { outstanding } = this;
    const unsettled =
      outstanding.sackedCount + outstanding.lostCount + outstanding.retransmittingCount > 0 ||
      outstanding.first?.resent === true;
    const state = unsettled ? 'disorder' : 'open';
    if (this.state === state) return;
    this.state = state;
    this.stateEnd = this.sequence.next;
  }

  private undo(unmark: boolean): void {
    if (unmark) {
      for (let i = 0; i < this.outstanding.count; i++) {
        this.outstanding.clearLost(this.outstanding.at(i));
      }
    }
    this.congestion.undo();
    this.alarm.clear();
    this.rack.advanced = true;
  }
}
