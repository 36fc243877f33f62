/**
 * One way of the path: loses, delays, keeps order.
 *
 * Packets that arrive at one instant share one scheduled action; a packet never overtakes another, so
 * a late one holds up those behind it, as a queue in a router does.
 */
import type { LossProcess } from './loss-process.ts';

export interface LinkOptions<Packet> {
  now: () => number;
  schedule: (atNs: number, action: () => void) => void;
  delayNs: number;
  /** Draws what is added to the delay, ns; absent: nothing. */
  jitter: (() => number) | undefined;
  loss: LossProcess;
  onLoss: () => void;
  deliver: (packet: Packet) => void;
}

export class Link<Packet> {
  private readonly options: LinkOptions<Packet>;
  private readonly packets: Packet[] = [];
  private readonly arrivals: number[] = [];
  private head = 0;
  private lastArrivalNs = 0;
  private scheduled = false;

  constructor(options: LinkOptions<Packet>) {
    this.options = options;
  }

  send(packet: Packet): void {
    const { now, loss, delayNs, jitter, onLoss } = this.options;
    const nowNs = now();
    if (loss.lost(nowNs)) {
      onLoss();
      return;
    }
    const arrivalNs = nowNs + delayNs + (jitter ? jitter() : 0);
    this.lastArrivalNs = Math.max(this.lastArrivalNs, arrivalNs);
    this.packets.push(packet);
    this.arrivals.push(this.lastArrivalNs);
    if (!this.scheduled) this.scheduleNext();
  }

  private scheduleNext(): void {
    this.scheduled = true;
    this.options.schedule(this.arrivals[this.head] as number, this.arrive);
  }

  private readonly arrive = (): void => {
    const dueNs = this.arrivals[this.head] as number;
    do {
      const packet = this.packets[this.head] as Packet;
      this.head++;
      this.options.deliver(packet);
    } while (this.head < this.arrivals.length && (this.arrivals[this.head] as number) <= dueNs);
    if (this.head === this.arrivals.length) {
      this.packets.length = 0;
      this.arrivals.length = 0;
      this.head = 0;
      this.scheduled = false;
      return;
    }
    if (this.head >= 512) {
      this.packets.splice(0, this.head);
      this.arrivals.splice(0, this.head);
      this.head = 0;
    }
    this.scheduleNext();
  };
}
