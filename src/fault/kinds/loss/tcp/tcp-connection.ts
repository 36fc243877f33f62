/**
 * One direction of a virtual TCP connection: real bytes in, the same bytes out, in order, each when the
 * receiver of the virtual connection could have read it.
 */
import type { Rng } from '../../../../random/rng.ts';
import { seededRng } from '../../../../random/rng.ts';
import type { Traffic } from '../../../fault.ts';
import { ByteStore } from './byte-store.ts';
import { jiffyNs } from './kernel-timer.ts';
import { Link } from './link.ts';
import type { LossProcess } from './loss-process.ts';
import { type Acknowledgement, Receiver } from './receiver.ts';
import { Sender, type SenderCounters } from './sender.ts';

/** A segment on its way: what the receiver needs of it, as it was when it left. */
interface Packet {
  start: number;
  end: number;
  sentNs: number;
}

export interface ConnectionOptions {
  rttNs: number;
  /** Makes the process that loses segments. */
  loss: (rng: Rng) => LossProcess;
  /** Makes the process that loses acknowledgements. */
  acknowledgementLoss: (rng: Rng) => LossProcess;
  /** Draws what is added to a packet's way, ns. */
  jitter: ((rng: Rng) => number) | undefined;
  mss: number;
  initialWindow: number;
  rng: Rng;
  now: () => number;
  schedule: (atNs: number, action: () => void) => void;
  forward: (bytes: Uint8Array) => void;
  forwardEnd: () => void;
  /** Asks the source to stop or to go on. */
  backPressure: (on: boolean) => void;
  /** Told of every lost packet. */
  onLoss: () => void;
  counters: SenderCounters;
  traffic: Traffic;
}

/** Bytes that may wait for the window; then the source is asked to stop, as a full socket would. */
const sendBufferBytes = 256 * 1024;

export class Connection {
  private readonly sender: Sender;
  private readonly receiver = new Receiver();
  private readonly store = new ByteStore();
  private readonly options: ConnectionOptions;
  private readonly data: Link<Packet>;
  private readonly acknowledgements: Link<Acknowledgement>;
  private written = 0;
  private ended = false;
  private delivered = 0;
  private endDelivered = false;
  private full = false;

  constructor(options: ConnectionOptions) {
    this.options = options;
    const { now, schedule, jitter, onLoss } = options;
    const delayNs = options.rttNs / 2;
    // A stream of numbers for each use, so that changing one option leaves the others' draws alone.
    const draw = (name: string): Rng => seededRng(`${seed}/${name}`);
    const seed = options.rng();
    const link = <T>(
      name: string,
      loss: (rng: Rng) => LossProcess,
      deliver: (packet: T) => void,
    ): Link<T> => {
      const jitterRng = draw(`${name}/jitter`);
      return new Link<T>({
        now,
        schedule,
        delayNs,
        jitter: jitter && (() => jitter(jitterRng)),
        loss: loss(draw(`${name}/loss`)),
        onLoss,
        deliver,
      });
    };
    this.data = link<Packet>('data', options.loss, (packet) => this.arrive(packet));
    this.acknowledgements = link<Acknowledgement>('ack', options.acknowledgementLoss, (ack) => {
      this.sender.receive(ack);
      this.reportPressure();
    });
    this.sender = new Sender({
      now,
      schedule,
      transmit: ({ start, end, sentNs }) => {
        options.traffic.packets++;
        // The end of the stream has a number and no byte.
        options.traffic.bytes += Math.min(end, this.written) - start;
        this.data.send({ start, end, sentNs });
      },
      mss: options.mss,
      initialWindow: options.initialWindow,
      rttNs: options.rttNs,
      timerPhaseNs: draw('timer')() * jiffyNs,
      counters: options.counters,
    });
  }

  write(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.ended) return;
    this.store.push(bytes);
    this.written += bytes.length;
    this.options.traffic.streamBytes += bytes.length;
    this.sender.write(bytes.length);
    this.reportPressure();
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.sender.finish();
  }

  private reportPressure(): void {
    const { unsent } = this.sender;
    if (this.full ? unsent > sendBufferBytes / 2 : unsent <= sendBufferBytes) return;
    this.full = !this.full;
    this.options.backPressure(this.full);
  }

  private arrive(packet: Packet): void {
    const ack = this.receiver.accept(packet.start, packet.end, packet.sentNs);
    this.acknowledgements.send(ack);
    const readable = Math.min(ack.cumulative, this.written);
    if (readable > this.delivered) {
      this.delivered = readable;
      const bytes = this.store.takeUntil(readable);
      if (bytes) this.options.forward(bytes);
    }
    if (this.ended && ack.cumulative > this.written && !this.endDelivered) {
      this.endDelivered = true;
      this.options.forwardEnd();
    }
  }
}
