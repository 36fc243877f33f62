/**
 * Watches this process: while it does not run, bytes wait in the kernel and then come in one read,
 * which looks as if something on the way had held them.
 */
import type { Scheduled, Scheduler } from '../../timer/scheduler.ts';
import { background, every } from '../../timer/waiting.ts';

const tickMs = 5;
/** Later than this is a pause. */
const lateMs = 8;

export class PauseWatch {
  readonly pauses: { at: number; length: number }[] = [];
  private readonly startNs: number;
  private lastNs: number;
  private readonly time: Scheduler;
  private readonly timer: Scheduled;

  /** @param startNs - the zero of the times it reports. */
  constructor(time: Scheduler, startNs: number) {
    this.time = time;
    this.startNs = startNs;
    this.lastNs = time.now();
    this.timer = every(background(time), tickMs, () => this.tick());
  }

  stop(): void {
    this.timer.cancel();
  }

  private tick(): void {
    const now = this.time.now();
    const length = (now - this.lastNs) / 1e6 - tickMs;
    if (length > lateMs) this.pauses.push({ at: (this.lastNs - this.startNs) / 1e6, length });
    this.lastNs = now;
  }
}
