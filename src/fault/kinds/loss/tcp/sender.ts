/**
 * The virtual TCP sender: what Linux would put on the wire, and when, for the bytes that are written.
 *
 * RACK-TLP (RFC 8985) finds losses, PRR (RFC 6937) paces their repair, the timeout of RFC 6298 is the
 * last resort, and F-RTO (RFC 5682) with timestamps (RFC 3522) takes back what was a false alarm. It
 * handles lengths and sequence numbers only; the bytes themselves wait in a `ByteStore`. Here is what
 * leaves and which timer runs; what follows from an acknowledgement or a timeout is in `Recovery`.
 *
 * The Nagle algorithm is off, as in every streaming server.
 */
import { CongestionWindow } from './congestion.ts';
import { jiffyNs, toJiffies } from './kernel-timer.ts';
import { Rack } from './rack.ts';
import type { Acknowledgement } from './receiver.ts';
import { Recovery } from './recovery.ts';
import { rtoFloorNs, RttEstimator } from './rtt-estimator.ts';
import { Scoreboard } from './scoreboard.ts';
import { Outstanding, type Segment } from './segment.ts';
import { SenderTimer, type TimerKind, timerSlackNs } from './sender-timer.ts';
import { Sequence } from './sequence.ts';

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

export class Sender {
  private readonly counters: SenderCounters;
  private readonly options: SenderOptions;
  private readonly outstanding = new Outstanding();
  private readonly rack = new Rack();
  private readonly trips: RttEstimator;
  private readonly scoreboard: Scoreboard;
  private readonly congestion: CongestionWindow;
  private readonly timer: SenderTimer;
  private readonly sequence = new Sequence();
  private readonly recovery: Recovery;
  private lastSentNs: number;

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
    this.recovery = new Recovery({
      sequence: this.sequence,
      outstanding: this.outstanding,
      rack: this.rack,
      trips: this.trips,
      congestion: this.congestion,
      timer: this.timer,
      counters: this.counters,
    });
  }

  write(length: number): void {
    this.restartAfterIdle();
    this.sequence.written += length;
    this.push();
  }

  /** The end of the stream takes one sequence number, and rides on the last unsent segment if any. */
  finish(): void {
    this.restartAfterIdle();
    this.sequence.finished = true;
    this.push();
  }

  receive(ack: Acknowledgement): void {
    const { sequence, recovery, outstanding } = this;
    const now = this.options.now();
    const lostBefore = outstanding.lostCount;
    const news = this.scoreboard.read(
      ack,
      sequence.acknowledged,
      recovery.stateEnd,
      sequence.next,
      now,
    );
    sequence.acknowledged = ack.cumulative;
    if (news.advanced) recovery.backedOff = false;
    if (news.duplicate) recovery.alarm.noteDuplicate(ack.duplicateEnd);
    if (recovery.probeEnd > 0) recovery.judgeProbe(ack, news);
    let repair = false;
    if (recovery.state !== 'open' || news.sacked || news.duplicate) {
      repair = recovery.react(news, now);
    }
    if (news.resetTimer && !this.scheduleProbe(true)) this.rearmTimeout();

    if (recovery.reducing) {
      const newlyLost = outstanding.lostCount > lostBefore;
      this.congestion.reduce(news.delivered, outstanding.inFlight, news.advanced, newlyLost);
    } else if (news.advanced) {
      this.congestion.grow(news.delivered);
    }
    if (repair) this.retransmitLost();
    this.push();
  }

  // ── sending ───────────────────────────────────────────────────────────────────────────────────

  /** Bytes written that have not left yet. */
  get unsent(): number {
    return this.sequence.unsent;
  }

  private restartAfterIdle(): void {
    if (this.outstanding.count > 0) return;
    const rtoNs = this.trips.rtoJiffies * jiffyNs;
    this.congestion.restartAfterIdle(this.options.now() - this.lastSentNs, rtoNs);
  }

  /** Sends what the window allows. Writes that had to wait leave together, up to the MSS. */
  private push(): void {
    const { outstanding, congestion } = this;
    if (this.sequence.next >= this.sequence.end) return;
    let sent = 0;
    while (this.sequence.next < this.sequence.end && outstanding.inFlight < congestion.window) {
      this.sendNext();
      sent++;
    }
    if (sent > 0) {
      if (this.recovery.reducing) congestion.reductionSent += sent;
      this.scheduleProbe(false);
    }
    const full = outstanding.inFlight >= congestion.window;
    if (sent === 0 && !full) return;
    congestion.noteUse({
      full,
      outstanding: outstanding.count,
      acknowledgedEnd: this.sequence.acknowledged,
      nextEnd: this.sequence.next,
      calm: this.recovery.state === 'open',
      nowNs: this.options.now(),
      rtoNs: this.trips.rtoJiffies * jiffyNs,
    });
  }

  private sendNext(): void {
    const start = this.sequence.next;
    let end = Math.min(start + this.options.mss, this.sequence.written);
    if (end === this.sequence.written) end = this.sequence.end;
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
    this.sequence.next = end;
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
    this.recovery.alarm.noteResent(now);
    this.counters.retransmissions++;
    this.options.transmit(segment);
  }

  private retransmit(segment: Segment): void {
    this.resend(segment);
    this.outstanding.markRetransmitting(segment);
    this.recovery.alarm.noteRetransmission();
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
      if (this.recovery.reducing) congestion.reductionSent++;
      if (i === 0 && this.timer.kind !== 'reorder') rearm = true;
    }
    if (rearm) this.timer.set('retransmit', this.trips.rtoJiffies);
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
    if (!head || (this.recovery.state !== 'open' && this.recovery.state !== 'reduced'))
      return false;
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
    if (this.recovery.probeEnd === 0) {
      this.counters.probes++;
      this.recovery.probeResent = this.sequence.next >= this.sequence.end;
      if (this.recovery.probeResent) this.resend(last);
      else this.sendNext();
      this.recovery.probeEnd = this.sequence.next;
    }
    this.timer.set('retransmit', this.trips.rtoJiffies);
  }

  private onReorderTimer(): void {
    const { outstanding } = this;
    const before = outstanding.inFlight;
    const waitNs = this.rack.detect(
      outstanding,
      this.options.now(),
      this.recovery.recovering,
      this.trips,
    );
    if (outstanding.inFlight !== before) {
      if (this.recovery.state !== 'recovery') {
        this.recovery.beginRecovery();
        this.congestion.reduce(1, outstanding.inFlight, false, true);
      }
      this.retransmitLost();
      this.push();
    }
    if (waitNs > 0) this.timer.set('reorder', toJiffies(waitNs + timerSlackNs));
    else if (this.timer.kind !== 'retransmit') this.rearmTimeout();
  }

  private onTimeout(): void {
    this.counters.timeouts++;
    this.recovery.beginLoss(this.options.now());
    this.retransmit(this.outstanding.first as Segment);
    this.trips.backOff();
    this.timer.set('retransmit', this.trips.rtoJiffies);
  }
}
