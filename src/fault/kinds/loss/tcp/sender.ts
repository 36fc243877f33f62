/**
 * The virtual TCP sender: what Linux would put on the wire, and when, for the bytes that are written.
 *
 * RACK-TLP (RFC 8985) finds losses, PRR (RFC 6937) paces their repair, the timeout of RFC 6298 is the
 * last resort, and F-RTO (RFC 5682) with timestamps (RFC 3522) takes back what was a false alarm. It
 * handles lengths and sequence numbers only; the bytes themselves wait in a `ByteStore`.
 *
 * The Nagle algorithm is off, as in every streaming server.
 */
import { CongestionWindow } from './congestion.ts';
import { FalseAlarm } from './false-alarm.ts';
import { jiffyNs, toJiffies } from './kernel-timer.ts';
import { Rack } from './rack.ts';
import type { Acknowledgement } from './receiver.ts';
import { rtoFloorNs, RttEstimator } from './rtt-estimator.ts';
import { type News, Scoreboard } from './scoreboard.ts';
import { Outstanding, type Segment } from './segment.ts';
import { SenderTimer, type TimerKind } from './sender-timer.ts';

/** What is added to a timer that waits for something other than a timeout, ns. */
const timerSlackNs = 2e6;

export interface SenderOptions {
  now: () => number;
  schedule: (atNs: number, action: () => void) => void;
  transmit: (segment: Segment) => void;
  mss: number;
  initialWindow: number;
  /** Round trip of the handshake, ns. */
  rttNs: number;
  timerPhaseNs: number;
  /** Counted into; several senders may share one. */
  counters: SenderCounters;
}

export interface SenderCounters {
  segments: number;
  retransmissions: number;
  probes: number;
  timeouts: number;
  /** Losses found by RACK, without a timeout. */
  fastRecoveries: number;
}

/**
 * Linux's five states: nothing amiss; something selectively acknowledged; the window being reduced
 * after a repaired tail; repairing losses that RACK found; repairing after a timeout.
 */
type State = 'open' | 'disorder' | 'reduced' | 'recovery' | 'loss';

export class Sender {
  private readonly counters: SenderCounters;
  private readonly options: SenderOptions;
  private readonly outstanding = new Outstanding();
  private readonly rack = new Rack();
  private readonly trips: RttEstimator;
  private readonly scoreboard: Scoreboard;
  private readonly congestion: CongestionWindow;
  private readonly timer: SenderTimer;
  private state: State = 'open';
  /** Sequence numbers: oldest unacknowledged, next to send, end of what was written. */
  private acknowledged = 0;
  private next = 0;
  private written = 0;
  private finished = false;
  /** What must be acknowledged for the present state to end. */
  private stateEnd = 0;
  /** End of the data that a tail loss probe stands for; 0: no probe is out. */
  private probeEnd = 0;
  private probeResent = false;
  private lastSentNs: number;
  private readonly alarm = new FalseAlarm();
  /** RFC 5682: after a timeout, whether it may still prove spurious. */
  private mayBeSpurious = false;
  private backedOff = false;

  constructor(options: SenderOptions) {
    this.options = options;
    this.counters = options.counters;
    const now = options.now();
    this.lastSentNs = now;
    this.trips = new RttEstimator(options.rttNs);
    this.scoreboard = new Scoreboard(this.outstanding, this.rack, this.trips);
    this.congestion = new CongestionWindow(options.initialWindow, now);
    this.timer = new SenderTimer(options.now, options.schedule, options.timerPhaseNs, (kind) =>
      this.onTimer(kind),
    );
  }

  write(length: number): void {
    this.restartAfterIdle();
    this.written += length;
    this.push();
  }

  /** The end of the stream takes one sequence number, and rides on the last unsent segment if any. */
  finish(): void {
    this.restartAfterIdle();
    this.finished = true;
    this.push();
  }

  receive(ack: Acknowledgement): void {
    const now = this.options.now();
    const lostBefore = this.outstanding.lostCount;
    const news = this.scoreboard.read(ack, this.acknowledged, this.stateEnd, this.next, now);
    this.acknowledged = ack.cumulative;
    if (news.advanced) this.backedOff = false;
    if (news.duplicate) this.alarm.noteDuplicate(ack.duplicateEnd);
    if (this.probeEnd > 0) this.judgeProbe(ack, news);
    let repair = false;
    if (this.state !== 'open' || news.sacked || news.duplicate) repair = this.react(news, now);
    if (news.resetTimer && !this.scheduleProbe(true)) this.rearmTimeout();

    if (this.reducing) {
      const newlyLost = this.outstanding.lostCount > lostBefore;
      const { inFlight } = this.outstanding;
      this.congestion.reduce(news.delivered, inFlight, news.advanced, newlyLost);
    } else if (news.advanced) {
      this.congestion.grow(news.delivered);
    }
    if (repair) this.retransmitLost();
    this.push();
  }

  private get reducing(): boolean {
    return this.state === 'reduced' || this.state === 'recovery';
  }

  private get recovering(): boolean {
    return this.state === 'recovery' || this.state === 'loss';
  }

  // ── sending ───────────────────────────────────────────────────────────────────────────────────

  /** Bytes written that have not left yet. */
  get unsent(): number {
    return Math.max(0, this.written - this.next);
  }

  private get end(): number {
    return this.finished ? this.written + 1 : this.written;
  }

  private restartAfterIdle(): void {
    if (this.outstanding.count > 0) return;
    const rtoNs = this.trips.rtoJiffies * jiffyNs;
    this.congestion.restartAfterIdle(this.options.now() - this.lastSentNs, rtoNs);
  }

  /** Sends what the window allows. Writes that had to wait leave together, up to the MSS. */
  private push(): void {
    const { outstanding, congestion } = this;
    if (this.next >= this.end) return;
    let sent = 0;
    while (this.next < this.end && outstanding.inFlight < congestion.window) {
      this.sendNext();
      sent++;
    }
    if (sent > 0) {
      if (this.reducing) congestion.reductionSent += sent;
      this.scheduleProbe(false);
    }
    const full = outstanding.inFlight >= congestion.window;
    if (sent === 0 && !full) return;
    congestion.noteUse({
      full,
      outstanding: outstanding.count,
      acknowledgedEnd: this.acknowledged,
      nextEnd: this.next,
      calm: this.state === 'open',
      nowNs: this.options.now(),
      rtoNs: this.trips.rtoJiffies * jiffyNs,
    });
  }

  private sendNext(): void {
    const start = this.next;
    let end = Math.min(start + this.options.mss, this.written);
    if (end === this.written) end = this.end;
    const wasIdle = this.outstanding.count === 0;
    const now = this.options.now();
    const segment: Segment = {
      start,
      end,
      sentNs: now,
      sacked: false,
      lost: false,
      retransmitting: false,
      resent: false,
    };
    this.next = end;
    this.outstanding.push(segment);
    this.lastSentNs = now;
    this.counters.segments++;
    this.options.transmit(segment);
    if (wasIdle || this.timer.kind === 'probe') this.rearmTimeout();
  }

  private resend(segment: Segment): void {
    const now = this.options.now();
    segment.sentNs = now;
    this.outstanding.markResent(segment);
    this.lastSentNs = now;
    this.alarm.noteResent(now);
    this.counters.retransmissions++;
    this.options.transmit(segment);
  }

  private retransmit(segment: Segment): void {
    this.resend(segment);
    this.outstanding.markRetransmitting(segment);
    this.alarm.noteRetransmission();
  }

  private retransmitLost(): void {
    const { outstanding, congestion } = this;
    if (outstanding.lostCount === 0) return;
    let rearm = false;
    for (let i = 0; i < outstanding.count; i++) {
      if (outstanding.inFlight >= congestion.window) break;
      const segment = outstanding.at(i);
      if (!segment.lost || segment.sacked || segment.retransmitting) continue;
      this.retransmit(segment);
      if (this.reducing) congestion.reductionSent++;
      if (i === 0 && this.timer.kind !== 'reorder') rearm = true;
    }
    if (rearm) this.timer.set('retransmit', this.trips.rtoJiffies);
  }

  // ── what follows from it ──────────────────────────────────────────────────────────────────────

  /** RFC 8985, 7.4: a probe that repaired a loss must cost what a loss costs. */
  private judgeProbe({ cumulative, duplicateEnd }: Acknowledgement, news: News): void {
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
  private react(news: News, now: number): boolean {
    if (this.state === 'open') {
      this.alarm.restart();
    } else if (this.acknowledged >= this.stateEnd) {
      if (this.state === 'reduced' && this.acknowledged !== this.stateEnd) {
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
      if (!((this.state as State) === 'open') && !retransmissionLost) return true;
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
    const recovered = this.acknowledged >= this.stateEnd;
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
      if (this.next > this.stateEnd) {
        if (news.sacked) this.mayBeSpurious = false;
      } else if (news.advanced && !recovered) {
        this.stateEnd = this.next;
        if (this.next < this.end) {
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
    this.stateEnd = this.next;
    this.probeEnd = 0;
  }

  private raiseAlarm(): void {
    const probe = this.probeEnd > 0 && this.probeResent ? 1 : 0;
    this.alarm.raise(this.acknowledged, this.outstanding.retransmittingCount + probe);
  }

  private beginRecovery(): void {
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
    this.stateEnd = this.next;
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

  // ── timers ────────────────────────────────────────────────────────────────────────────────────

  private rearmTimeout(): void {
    const head = this.outstanding.first;
    if (!head) {
      this.timer.clear();
      return;
    }
    let jiffies = this.trips.rtoJiffies;
    if (this.timer.kind === 'probe' || this.timer.kind === 'reorder') {
      const leftNs = head.sentNs + jiffies * jiffyNs - this.options.now();
      jiffies = toJiffies(Math.max(leftNs, 1));
    }
    this.timer.set('retransmit', jiffies);
  }

  /** RFC 8985, 7.2. @returns false where the plain timeout must be armed instead. */
  private scheduleProbe(fromNow: boolean): boolean {
    const { outstanding, trips } = this;
    const head = outstanding.first;
    if (!head || (this.state !== 'open' && this.state !== 'reduced')) return false;
    // A lone packet's acknowledgement may be delayed by the receiver; the floor allows for that.
    const patience = outstanding.count === 1 ? rtoFloorNs : timerSlackNs;
    let jiffies = toJiffies(2 * trips.srttNs + patience);
    const rtoNs = trips.rtoJiffies * jiffyNs;
    const leftNs = fromNow ? rtoNs : head.sentNs + rtoNs - this.options.now();
    if (leftNs > 0) jiffies = Math.min(jiffies, toJiffies(leftNs));
    this.timer.set('probe', jiffies);
    return true;
  }

  private onTimer(kind: TimerKind): void {
    if (this.outstanding.count === 0) return;
    if (kind === 'probe') this.probe();
    else if (kind === 'reorder') this.onReorderTimer();
    else this.onTimeout();
  }

  /** Tail loss probe: the newest data once more, so that its acknowledgement exposes what is missing. */
  private probe(): void {
    const last = this.outstanding.last as Segment;
    if (this.probeEnd === 0) {
      this.counters.probes++;
      this.probeResent = this.next >= this.end;
      if (this.probeResent) this.resend(last);
      else this.sendNext();
      this.probeEnd = this.next;
    }
    this.timer.set('retransmit', this.trips.rtoJiffies);
  }

  private onReorderTimer(): void {
    const { outstanding } = this;
    const before = outstanding.inFlight;
    const waitNs = this.rack.detect(outstanding, this.options.now(), this.recovering, this.trips);
    if (outstanding.inFlight !== before) {
      if (this.state !== 'recovery') {
        this.beginRecovery();
        this.congestion.reduce(1, outstanding.inFlight, false, true);
      }
      this.retransmitLost();
      this.push();
    }
    if (waitNs > 0) this.timer.set('reorder', toJiffies(waitNs + timerSlackNs));
    else if (this.timer.kind !== 'retransmit') this.rearmTimeout();
  }

  private onTimeout(): void {
    const { outstanding, trips, congestion } = this;
    const now = this.options.now();
    this.counters.timeouts++;
    const wasRecovering = this.recovering;
    const head = outstanding.first as Segment;
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
      this.acknowledged >= this.stateEnd ||
      (this.state === 'loss' && !this.backedOff);
    if (first) this.raiseAlarm();
    congestion.collapse(outstanding.inFlight, !first, this.reducing, now);
    this.mayBeSpurious = !wasRecovering || this.backedOff;
    this.state = 'loss';
    this.stateEnd = this.next;
    this.probeEnd = 0;
    this.retransmit(head);
    this.backedOff = true;
    trips.backOff();
    this.timer.set('retransmit', trips.rtoJiffies);
  }
}
