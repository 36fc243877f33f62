/**
 * One direction of a virtual connection that is not TCP: each write leaves immediately in packets of its own,
 * every packet twice or with all that is unacknowledged, and the bytes come out in order as from TCP.
 *
 * Rules, so that it differs from the virtual TCP connection in repair and in little else:
 *
 * - Packets hold up to `mss` bytes of the stream. There is no congestion window: meant for token streams,
 *   whose packets a window seldom holds up.
 * - Every packet that arrives is acknowledged immediately, with what has come in order and up to three ranges
 *   beyond. Acknowledgements name the packet, so that each is a sample of the round trip.
 * - What is lost anyway is sent again when three packets that left later were acknowledged, or one
 *   that left later and a quarter of the shortest round trip has passed (RFC 8985); else after TCP's timeout
 *   (RFC 6298 with Linux's floor of 200 ms), doubled each time that nothing comes.
 * - What is sent again is doubled too under `duplicate`.
 */
import { StreamConnection, type StreamOptions } from '../stream-connection.ts';
import { jiffyNs } from '../tcp/kernel-timer.ts';
import { type Acknowledgement, Receiver } from '../tcp/receiver.ts';
import { RttEstimator } from '../tcp/rtt-estimator.ts';
import type { Repair } from './repair.ts';

/** A part of the stream that is sent and acknowledged as a whole. The stream's end counts as one byte. */
interface Piece {
  readonly start: number;
  readonly end: number;
  /** Of the packet it was last sent in: its number and when it left, monotonic ns. */
  packet: number;
  sentNs: number;
}

interface Packet {
  number: number;
  sentNs: number;
  /** Start, end, start, end, …; ascending. */
  ranges: readonly number[];
}

/** What comes back for a packet. */
interface Report {
  number: number;
  sentNs: number;
  acknowledgement: Acknowledgement;
}

export interface DatagramOptions extends StreamOptions {
  repair: Exclude<Repair, 'tcp'>;
  counters: { retransmissions: number; timeouts: number };
}

/** RFC 8985's and RFC 9002's patience with reordering, packets. */
const reorderingThreshold = 3;
/** Unacknowledged bytes and pieces above which the source is asked to stop. */
const mostUnacknowledged = { bytes: 256 * 1024, pieces: 4096 };

export class DatagramConnection extends StreamConnection<Packet, Report, DatagramOptions> {
  private readonly receiver = new Receiver();
  private readonly trips: RttEstimator;
  /** Oldest first; what has been acknowledged is out. */
  private unacknowledged: Piece[] = [];
  private unacknowledgedBytes = 0;
  private packets = 0;
  /** The newest packet known to have arrived, and the round trip of the last report. */
  private newest = -1;
  private lastRttNs = 0;
  private scheduledNs = Infinity;
  private dueNs = Infinity;

  constructor(options: DatagramOptions) {
    super(options);
    this.trips = new RttEstimator(options.rttNs);
  }

  // ── sending ───────────────────────────────────────────────────────────────────────────────────

  protected send(start: number, length: number): void {
    const { mss } = this.options;
    for (let at = 0; at < length; at += mss) this.sendNew(start + at, Math.min(mss, length - at));
  }

  protected sendEnd(): void {
    this.sendNew(this.written, 1);
  }

  private sendNew(start: number, length: number): void {
    const piece: Piece = { start, end: start + length, packet: 0, sentNs: 0 };
    const pieces = [piece];
    if (this.options.repair === 'piggyback') {
      let room = this.options.mss - length;
      // The newest first: a token that was lost just now is the one most likely missing.
      for (let i = this.unacknowledged.length - 1; i >= 0; i--) {
        const earlier = this.unacknowledged[i] as Piece;
        room -= earlier.end - earlier.start;
        if (room < 0) break;
        pieces.unshift(earlier);
      }
    }
    this.unacknowledged.push(piece);
    this.unacknowledgedBytes += length;
    this.transmit(pieces);
    // What was carried once more is due later now; a timer that is early for it only looks.
    this.wakeAt(Math.min(this.dueNs, piece.sentNs + this.timeoutNs));
  }

  private transmit(pieces: readonly Piece[]): void {
    const { traffic, repair, now } = this.options;
    const sentNs = now();
    const number = this.packets++;
    const ranges: number[] = [];
    let bytes = 0;
    for (const piece of pieces) {
      piece.packet = number;
      piece.sentNs = sentNs;
      ranges.push(piece.start, piece.end);
      bytes += this.bytesOf(piece);
    }
    for (let copy = repair === 'duplicate' ? 2 : 1; copy > 0; copy--) {
      traffic.packets++;
      traffic.bytes += bytes;
      this.data.send({ number, sentNs, ranges });
    }
  }

  /** The end of the stream has a number and no byte. */
  private bytesOf({ start, end }: Piece): number {
    return Math.min(end, this.written) - start;
  }

  /** Sends pieces again, in as few packets as they fit in. */
  private sendAgain(pieces: readonly Piece[]): void {
    let batch: Piece[] = [];
    let room = this.options.mss;
    for (const piece of pieces) {
      this.options.counters.retransmissions++;
      const size = piece.end - piece.start;
      if (size > room && batch.length > 0) {
        this.transmit(batch);
        batch = [];
        room = this.options.mss;
      }
      batch.push(piece);
      room -= size;
    }
    if (batch.length > 0) this.transmit(batch);
  }

  // ── what comes back ───────────────────────────────────────────────────────────────────────────

  protected learn({ number, sentNs, acknowledgement }: Report): void {
    const nowNs = this.options.now();
    this.lastRttNs = nowNs - sentNs;
    const sent = this.ended ? this.written + 1 : this.written;
    this.trips.sample(this.lastRttNs, acknowledgement.cumulative, sent);
    this.trips.noteMinimum(this.lastRttNs);
    if (number > this.newest) this.newest = number;
    this.takeOut(acknowledgement);
    const lost = this.unacknowledged.filter((piece) => this.lostFromNs(piece) <= nowNs);
    if (lost.length > 0) this.sendAgain(lost);
    this.watch();
  }

  private takeOut({ cumulative, sacked }: Acknowledgement): void {
    const [oldest] = this.unacknowledged;
    if (!oldest || (oldest.end > cumulative && sacked.length === 0)) return;
    this.unacknowledged = this.unacknowledged.filter(({ start, end }) => {
      let arrived = end <= cumulative;
      for (let i = 0; i < sacked.length && !arrived; i += 2) {
        arrived = (sacked[i] as number) <= start && end <= (sacked[i + 1] as number);
      }
      if (arrived) this.unacknowledgedBytes -= end - start;
      return !arrived;
    });
  }

  /** When a piece must be considered lost, given the packets that left after it and arrived. */
  private lostFromNs(piece: Piece): number {
    const later = this.newest - piece.packet;
    if (later <= 0) return Infinity;
    const patienceNs = later >= reorderingThreshold ? 0 : this.trips.minRttNs / 4;
    return piece.sentNs + this.lastRttNs + patienceNs;
  }

  // ── timers ────────────────────────────────────────────────────────────────────────────────────

  private get timeoutNs(): number {
    return this.trips.rtoJiffies * jiffyNs;
  }

  /** Sets the timer to the first moment at which something must be sent again. */
  private watch(): void {
    let dueNs = Infinity;
    for (const piece of this.unacknowledged) {
      dueNs = Math.min(dueNs, piece.sentNs + this.timeoutNs, this.lostFromNs(piece));
    }
    this.wakeAt(dueNs);
  }

  private wakeAt(dueNs: number): void {
    this.dueNs = dueNs;
    if (dueNs < this.scheduledNs) this.scheduleWake();
  }

  private scheduleWake(): void {
    const atNs = this.dueNs;
    this.scheduledNs = atNs;
    this.options.schedule(atNs, () => this.wake(atNs));
  }

  /** Each write moves the moment; the action of an earlier one only looks, and waits on. */
  private wake(atNs: number): void {
    if (atNs !== this.scheduledNs) return;
    this.scheduledNs = Infinity;
    if (this.dueNs > atNs) {
      if (this.dueNs < Infinity) this.scheduleWake();
      return;
    }
    const nowNs = this.options.now();
    const { timeoutNs } = this;
    let expired = false;
    const due = this.unacknowledged.filter((piece) => {
      const silent = piece.sentNs + timeoutNs <= nowNs;
      if (silent) expired = true;
      return silent || this.lostFromNs(piece) <= nowNs;
    });
    if (expired) {
      this.options.counters.timeouts++;
      this.trips.backOff();
    }
    this.sendAgain(due);
    this.watch();
  }

  // ── the receiver's side ───────────────────────────────────────────────────────────────────────

  protected arrive({ number, sentNs, ranges }: Packet): void {
    let acknowledgement: Acknowledgement | undefined;
    for (let i = 0; i < ranges.length; i += 2) {
      acknowledgement = this.receiver.accept(ranges[i] as number, ranges[i + 1] as number, sentNs);
    }
    if (!acknowledgement) return;
    this.reports.send({ number, sentNs, acknowledgement });
    this.deliver(acknowledgement.cumulative);
  }

  protected get fill(): number {
    const { bytes, pieces } = mostUnacknowledged;
    return Math.max(this.unacknowledgedBytes / bytes, this.unacknowledged.length / pieces);
  }
}
