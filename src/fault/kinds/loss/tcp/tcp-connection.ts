/** One direction of a virtual TCP connection. */
import { StreamConnection, type StreamOptions } from '../stream-connection.ts';
import { jiffyNs } from './kernel-timer.ts';
import { type Acknowledgement, Receiver } from './receiver.ts';
import { Sender, type SenderCounters } from './sender.ts';

/** A segment on its way: what the receiver needs of it, as it was when it left. */
interface Packet {
  start: number;
  end: number;
  sentNs: number;
}

export interface TcpOptions extends StreamOptions {
  /** Segments that may leave before the first acknowledgement. */
  initialWindow: number;
  counters: SenderCounters;
}

/** Bytes that may wait for the window; then the source is asked to stop, as a full socket would. */
const sendBufferBytes = 256 * 1024;

export class TcpConnection extends StreamConnection<Packet, Acknowledgement, TcpOptions> {
  private readonly sender: Sender;
  private readonly receiver = new Receiver();

  constructor(options: TcpOptions) {
    super(options);
    const { now, schedule, traffic } = options;
    this.sender = new Sender({
      now,
      schedule,
      transmit: ({ start, end, sentNs }) => {
        traffic.packets++;
        // The end of the stream has a number and no byte.
        traffic.bytes += Math.min(end, this.written) - start;
        this.data.send({ start, end, sentNs });
      },
      mss: options.mss,
      initialWindow: options.initialWindow,
      rttNs: options.rttNs,
      timerPhaseNs: this.draw('timer')() * jiffyNs,
      counters: options.counters,
    });
  }

  protected send(_start: number, length: number): void {
    this.sender.write(length);
  }

  protected sendEnd(): void {
    this.sender.finish();
  }

  protected arrive(packet: Packet): void {
    const ack = this.receiver.accept(packet.start, packet.end, packet.sentNs);
    this.reports.send(ack);
    this.deliver(ack.cumulative);
  }

  protected learn(acknowledgement: Acknowledgement): void {
    this.sender.receive(acknowledgement);
  }

  protected get fill(): number {
    return this.sender.unsent / sendBufferBytes;
  }
}
