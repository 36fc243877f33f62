/**
 * One direction of a virtual connection that carries a stream: real bytes in, the same bytes out, in
 * order, each when the receiver of the virtual connection could have read it. What is sent in which
 * packet, and when again, is what its two kinds differ in: TCP, and packets that carry more than once.
 */
import { seededRng, type Rng } from '../../../random/rng.ts';
import type { Traffic } from '../../fault.ts';
import { ByteStore } from './byte-store.ts';
import { Link } from './link.ts';
import type { LossProcess } from './loss-process.ts';

export interface StreamOptions {
  rttNs: number;
  /** Makes the process that loses packets with data. */
  loss: (rng: Rng) => LossProcess;
  /** Makes the process that loses acknowledgements. */
  acknowledgementLoss: (rng: Rng) => LossProcess;
  /** Draws what is added to a packet's way, ns. */
  jitter: ((rng: Rng) => number) | undefined;
  /** Most bytes of the stream in one packet. */
  mss: number;
  rng: Rng;
  now: () => number;
  schedule: (atNs: number, action: () => void) => void;
  forward: (bytes: Uint8Array) => void;
  forwardEnd: () => void;
  /** Asks the source to stop or to continue. */
  backPressure: (on: boolean) => void;
  /** Told of every lost packet. */
  onLoss: () => void;
  traffic: Traffic;
}

/**
 * `Packet` goes there, `Report` comes back for it. The stream's bytes are numbered from 0, and its end
 * has the number behind the last.
 */
export abstract class StreamConnection<Packet, Report, Options extends StreamOptions> {
  protected readonly options: Options;
  protected readonly data: Link<Packet>;
  protected readonly reports: Link<Report>;
  /** Makes a stream of numbers for each use, so that changing one option leaves the others' draws alone. */
  protected readonly draw: (use: string) => Rng;
  /** Bytes taken so far. */
  protected written = 0;
  protected ended = false;
  private readonly store = new ByteStore();
  private delivered = 0;
  private endDelivered = false;
  private full = false;

  constructor(options: Options) {
    this.options = options;
    const seed = options.rng();
    this.draw = (use) => seededRng(`${seed}/${use}`);
    this.data = this.link('data', options.loss, (packet) => this.arrive(packet));
    this.reports = this.link('ack', options.acknowledgementLoss, (report) => {
      this.learn(report);
      this.reportPressure();
    });
  }

  write(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.ended) return;
    this.store.push(bytes);
    const start = this.written;
    this.written += bytes.length;
    this.options.traffic.streamBytes += bytes.length;
    this.send(start, bytes.length);
    this.reportPressure();
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.sendEnd();
  }

  /** Sends so many new bytes, or keeps them until they may be sent. */
  protected abstract send(start: number, length: number): void;

  protected abstract sendEnd(): void;

  /** A packet has arrived at the receiver. */
  protected abstract arrive(packet: Packet): void;

  /** What the receiver reports has arrived back. */
  protected abstract learn(report: Report): void;

  /** How full the sender is; above 1 the source is asked to stop, from a half on to continue. */
  protected abstract get fill(): number;

  /**
   * Passes on what can be read now.
   *
   * @param cumulative - the first number that has not arrived yet.
   */
  protected deliver(cumulative: number): void {
    const readable = Math.min(cumulative, this.written);
    if (readable > this.delivered) {
      this.delivered = readable;
      const bytes = this.store.takeUntil(readable);
      if (bytes) this.options.forward(bytes);
    }
    if (this.ended && cumulative > this.written && !this.endDelivered) {
      this.endDelivered = true;
      this.options.forwardEnd();
    }
  }

  private reportPressure(): void {
    const { fill } = this;
    if (this.full ? fill > 0.5 : fill <= 1) return;
    this.full = !this.full;
    this.options.backPressure(this.full);
  }

  private link<T>(
    name: string,
    loss: (rng: Rng) => LossProcess,
    deliver: (packet: T) => void,
  ): Link<T> {
    const { now, schedule, rttNs, jitter, onLoss } = this.options;
    const jitterRng = this.draw(`${name}/jitter`);
    return new Link<T>({
      now,
      schedule,
      delayNs: rttNs / 2,
      jitter: jitter && (() => jitter(jitterRng)),
      loss: loss(this.draw(`${name}/loss`)),
      onLoss,
      deliver,
    });
  }
}
