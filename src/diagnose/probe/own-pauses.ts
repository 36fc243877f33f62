/**
 * Watches this process: while it does not run, bytes wait in the kernel and then come in one read,
 * which looks as if somebody on the way had held them.
 */
import { monotonicNow } from '../../world.ts';

const tickMs = 5;
/** Later than this is a pause. */
const lateMs = 8;

export class PauseWatch {
  readonly pauses: { at: number; length: number }[] = [];
  private readonly startNs: number;
  private lastNs: number;
  private readonly timer: NodeJS.Timeout;

  /** @param startNs - the zero of the times it reports. */
  constructor(startNs: number) {
    this.startNs = startNs;
    this.lastNs = monotonicNow();
    this.timer = setInterval(() => this.tick(), tickMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    const now = monotonicNow();
    const length = (now - this.lastNs) / 1e6 - tickMs;
    if (length > lateMs) this.pauses.push({ at: (this.lastNs - this.startNs) / 1e6, length });
    this.lastNs = now;
  }
}
