/** A moment by count or clock: of a connection as a whole, whatever is said on it. */
import type { Scheduled } from '../../../timer/scheduler.ts';
import { appliesTo, type Direction, type Where } from '../../direction.ts';
import type { PipeContext } from '../../fault.ts';

export type CountedMoment =
  /** Exactly so many bytes have passed. */
  | { kind: 'bytes'; bytes: number }
  /** So long after the first byte, whether data flows or not. */
  | { kind: 'time'; ms: number }
  /** Nothing has passed for so long. */
  | { kind: 'idle'; ms: number };

/** Of a pipe that is open. */
type Clock = Pick<PipeContext, 'now' | 'schedule'>;

/** Waits for the moment of one connection; it comes once, or not at all. */
export class ConnectionMoment {
  private readonly moment: CountedMoment;
  private readonly where: Where;
  private readonly come: () => void;
  /** Bytes that have been counted. */
  private passed = 0;
  /** When the latest of them came, ns. */
  private lastNs = 0;
  private timer: Scheduled | undefined;
  private done = false;

  /**
   * @param where - whose bytes count.
   * @param come - called where the clock brings the moment; `comesAfter` tells of the others.
   */
  constructor(moment: CountedMoment, where: Where, come: () => void) {
    this.moment = moment;
    this.where = where;
    this.come = come;
  }

  /** The connection is there: silence counts from now on. */
  begins(clock: Clock): void {
    if (this.moment.kind !== 'idle' || this.timer || this.done) return;
    this.lastNs = clock.now();
    this.waitForSilence(clock, this.moment.ms);
  }

  /**
   * Bytes are on their way.
   *
   * @returns how many of them pass before the moment; undefined where it does not lie among them.
   */
  comesAfter(byteCount: number, direction: Direction, clock: Clock): number | undefined {
    const { moment } = this;
    if (this.done || byteCount === 0 || !appliesTo(direction, this.where)) return undefined;
    this.lastNs = clock.now();
    if (moment.kind === 'time') {
      this.timer ??= clock.schedule(this.lastNs + moment.ms * 1e6, () => this.comeByClock());
    }
    if (moment.kind !== 'bytes') return undefined;
    const room = moment.bytes - this.passed;
    this.passed += byteCount;
    if (byteCount < room) return undefined;
    this.over();
    return room;
  }

  /** It does not come any more. */
  over(): void {
    this.done = true;
    this.timer?.cancel();
  }

  private waitForSilence(clock: Clock, ms: number): void {
    this.timer = clock.schedule(this.lastNs + ms * 1e6, () => {
      if (clock.now() >= this.lastNs + ms * 1e6) this.comeByClock();
      else this.waitForSilence(clock, ms);
    });
  }

  private comeByClock(): void {
    this.done = true;
    this.come();
  }
}
