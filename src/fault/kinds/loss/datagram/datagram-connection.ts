/**
 * One direction of a virtual connection that is not TCP: each write leaves at once in packets of its own,
 * every packet twice or with all that is unacknowledged, and the bytes come out in order as from TCP.
 *
 * Rules, so that it differs from the virtual TCP connection in repair and in little else:
 *
 * - Packets hold up to `mss` bytes of the stream. There is no congestion window: meant for token streams,
 *   whose packets a window seldom holds up.
 * - Every packet that arrives is acknowledged at once, with what has come in order and up to three ranges
 *   beyond. Acknowledgements name the packet, so that each is a sample of the round trip.
 * - What is lost all the same is sent again when three packets that left later were acknowledged, or one
 *   that left later and a quarter of the shortest round trip has passed (RFC 8985); else after TCP's timeout
 *   (RFC 6298 with Linux's floor of 200 ms), doubled each time that nothing comes.
 * - What is sent again is doubled too under `duplicate`.
 */
import type { Rng } from '../../../../random/rng.ts';
import { seededRng } from '../../../../random/rng.ts';
import type { Traffic } from '../../../fault.ts';
import { ByteStore } from '../tcp/byte-store.ts';
import { jiffyNs } from '../tcp/kernel-timer.ts';
import { Link } from '../tcp/link.ts';
import type { LossProcess } from '../tcp/loss-process.ts';
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

export interface DatagramOptions {
  repair: Exclude<Repair, 'tcp'>;
  rttNs: number;
  loss: (rng: Rng) => LossProcess;
  acknowledgementLoss: (rng: Rng) => LossProcess;
  /** Draws what is added to a packet's way, ns. */
  jitter: ((rng: Rng) => number) | undefined;
  mss: number;
  rng: Rng;
  now: () => number;
  schedule: (atNs: number, action: () => void) => void;
  forward: (bytes: Uint8Array) => void;
  forwardEnd: () => void;
  backPressure: (on: boolean) => void;
  onLoss: () => void;
  counters: { retransmissions: number; timeouts: number };
  traffic: Traffic;
}

/** RFC 8985's and RFC 9002's patience with reordering, packets. */
const reorderingThreshold = 3;
/** Unacknowledged bytes and pieces above which the source is asked to stop. */
const mostUnacknowledged = { bytes: 256 * 1024, pieces: 4096 };

export class DatagramConnection {
  private readonly options: DatagramOptions;
  private readonly receiver = new Receiver();
  private readonly store = new ByteStore();
  private readonly data: Link<Packet>;
  private readonly reports: Link<Report>;
  private readonly trips: RttEstimator;
  /** Oldest first; what has been acknowledged is out. */
  private unacknowledged: Piece[] = [];
  private unacknowledgedBytes = 0;
  private written = 0;
  private ended = false;
  private delivered = 0;
  private endDelivered = false;
  private full = false;
  private packets = 0;
  /** The newest packet known to have arrived, and the round trip of the last report. */
  private newest = -1;
  private lastRttNs = 0;
  private scheduledNs = Infinity;
  private dueNs = Infinity;

  constructor(options: DatagramOptions) {
    this.options = options;
    const { now, schedule, jitter, onLoss, rttNs } = options;
    const seed = options.rng();
    const draw = (name: string): Rng => seededRng(`${seed}/${name}`);
    const link = <T>(
      name: string,
      loss: (rng: Rng) => LossProcess,
      deliver: (packet: T) => void,
    ): Link<T> => {
      const jitterRng = draw(`${name}/jitter`);
      return new Link<T>({
        now,
        schedule,
        delayNs: rttNs / 2,
        jitter: jitter && (() => jitter(jitterRng)),
        loss: loss(draw(`${name}/loss`)),
        onLoss,
        deliver,
      });
    };
    this.data = link<Packet>('data', options.loss, (packet) => this.arrive(packet));
    this.reports = link<Report>('ack', options.acknowledgementLoss, (report) => this.learn(report));
    this.trips = new RttEstimator(rttNs);
  }

  write(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.ended) return;
    this.store.push(bytes);
    this.options.traffic.streamBytes += bytes.length;
    for (let at = 0; at < bytes.length; at += this.options.mss) {
      this.sendNew(Math.min(this.options.mss, bytes.length - at));
    }
    this.reportPressure();
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.sendNew(1);
  }

  // ── sending ───────────────────────────────────────────────────────────────────────────────────

  private sendNew(length: number): void {
    const start = this.written;
    this.written += length;
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
    return this.ended && end === this.written ? end - start - 1 : end - start;
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

  private learn({ number, sentNs, acknowledgement }: Report): void {
    const nowNs = this.options.now();
    this.lastRttNs = nowNs - sentNs;
    this.trips.sample(this.lastRttNs, acknowledgement.cumulative, this.written);
    this.trips.noteMinimum(this.lastRttNs);
    if (number > this.newest) this.newest = number;
    this.takeOut(acknowledgement);
    const lost = this.unacknowledged.filter((piece) => this.lostFromNs(piece) <= nowNs);
    if (lost.length > 0) this.sendAgain(lost);
    this.watch();
    this.reportPressure();
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

  /** When a piece must be deemed lost, given the packets that left after it and arrived. */
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

  private arrive({ number, sentNs, ranges }: Packet): void {
    let acknowledgement: Acknowledgement | undefined;
    for (let i = 0; i < ranges.length; i += 2) {
      acknowledgement = this.receiver.accept(ranges[i] as number, ranges[i + 1] as number, sentNs);
    }
    if (!acknowledgement) return;
    this.reports.send({ number, sentNs, acknowledgement });
    const bytesWritten = this.ended ? this.written - 1 : this.written;
    const readable = Math.min(acknowledgement.cumulative, bytesWritten);
    if (readable > this.delivered) {
      this.delivered = readable;
      const bytes = this.store.takeUntil(readable);
      if (bytes) this.options.forward(bytes);
    }
    if (this.ended && acknowledgement.cumulative > bytesWritten && !this.endDelivered) {
      this.endDelivered = true;
      this.options.forwardEnd();
    }
  }

  private reportPressure(): void {
    const { bytes, pieces } = mostUnacknowledged;
    const share = Math.max(this.unacknowledgedBytes / bytes, this.unacknowledged.length / pieces);
    if (this.full ? share > 0.5 : share <= 1) return;
    this.full = !this.full;
    this.options.backPressure(this.full);
  }
}
