import type { Scheduled, Scheduler } from '../timer/scheduler.ts';
import { after } from '../timer/waiting.ts';

/**
 * A client that reads slowly. It stops reading from the socket, so that the kernel's receive buffer
 * fills, the window closes, and the sender is held up: back-pressure as TCP makes it.
 */
export type ReaderPace =
  /** So many bytes per second on average, in small reads. */
  | { kind: 'rate'; bytesPerSecond: number }
  /** Reads for `everyMs`, then reads nothing for `lengthMs`, and so on. */
  | { kind: 'pause'; everyMs: number; lengthMs: number };

/** A read takes what so much time allows for, ms; smaller ones cost more and are no smoother. */
const sliceMs = 25;
const smallestRead = 256;
const largestRead = 16 * 1024;

/** How large the read buffer of a paced reader should be, bytes. */
export function readSize(pace: ReaderPace): number {
  if (pace.kind === 'pause') return largestRead;
  const slice = Math.round((pace.bytesPerSecond * sliceMs) / 1000);
  return Math.min(largestRead, Math.max(smallestRead, slice));
}

export interface PacedSource {
  pause(): void;
  resume(): void;
}

export class PacedReader {
  private readonly pace: ReaderPace;
  private readonly source: PacedSource;
  private readonly time: Scheduler;
  private timer: Scheduled | undefined;
  /** When what was read so far is paid for, ns. */
  private paidUntilNs: number;
  private closed = false;

  constructor(pace: ReaderPace, source: PacedSource, time: Scheduler) {
    this.pace = pace;
    this.source = source;
    this.time = time;
    this.paidUntilNs = time.now();
    if (pace.kind === 'pause') this.timer = after(time, pace.everyMs, () => this.stop());
  }

  /** Something was read. */
  onRead(bytes: number): void {
    if (this.pace.kind !== 'rate' || this.closed) return;
    const now = this.time.now();
    // Time in which nothing came is not saved up for later.
    this.paidUntilNs = Math.max(this.paidUntilNs, now) + (bytes / this.pace.bytesPerSecond) * 1e9;
    const waitMs = (this.paidUntilNs - now) / 1e6;
    if (waitMs < 1) return;
    this.source.pause();
    this.timer?.cancel();
    this.timer = this.time.at(this.paidUntilNs, () => this.source.resume());
  }

  /** The connection is over, or left: nothing is resumed any more. */
  close(): void {
    this.closed = true;
    this.timer?.cancel();
  }

  private stop(): void {
    const { pace, source } = this;
    if (pace.kind !== 'pause') return;
    source.pause();
    this.timer = after(this.time, pace.lengthMs, () => {
      source.resume();
      this.timer = after(this.time, pace.everyMs, () => this.stop());
    });
  }
}
