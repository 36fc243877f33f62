/**
 * The sender's one timer. TCP never waits for two things at once: arming a probe or a reordering
 * verdict replaces the retransmission timeout, and the other way round.
 */
import { firesAt } from './kernel-timer.ts';

/** What is added to a timer that waits for something other than a timeout, ns. */
export const timerSlackNs = 2e6;

export type TimerKind = 'none' | 'retransmit' | 'probe' | 'reorder';

export class SenderTimer {
  kind: TimerKind = 'none';
  private dueNs = 0;
  /** The earliest action that is scheduled; scheduled actions cannot be taken back. */
  private scheduledNs = Infinity;
  private readonly now: () => number;
  private readonly schedule: (atNs: number, action: () => void) => void;
  private readonly phaseNs: number;
  private readonly fire: (kind: TimerKind) => void;

  /** @param phaseNs - where this machine's jiffies begin, see `firesAt`. */
  constructor(
    now: () => number,
    schedule: (atNs: number, action: () => void) => void,
    phaseNs: number,
    fire: (kind: TimerKind) => void,
  ) {
    this.now = now;
    this.schedule = schedule;
    this.phaseNs = phaseNs;
    this.fire = fire;
  }

  set(kind: Exclude<TimerKind, 'none'>, jiffies: number): void {
    this.kind = kind;
    this.dueNs = firesAt(this.now(), jiffies, this.phaseNs);
    if (this.dueNs < this.scheduledNs) this.scheduleWake();
  }

  clear(): void {
    this.kind = 'none';
  }

  private scheduleWake(): void {
    const atNs = this.dueNs;
    this.scheduledNs = atNs;
    this.schedule(atNs, () => this.wake(atNs));
  }

  /** Each token moves the deadline; the action of an older one only looks, and waits on. */
  private wake(atNs: number): void {
    if (atNs !== this.scheduledNs) return;
    this.scheduledNs = Infinity;
    if (this.kind === 'none') return;
    if (this.dueNs > atNs) {
      this.scheduleWake();
      return;
    }
    const { kind } = this;
    this.kind = 'none';
    this.fire(kind);
  }
}
