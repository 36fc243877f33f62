import type { OutputPlan, Piece } from './output-plan.ts';
import type { Scheduled, Scheduler } from '../../src/timer/scheduler.ts';

export interface PlayOptions {
  scheduler: Scheduler;
  plan: OutputPlan;
  /** When the answer was admitted, monotonic ns: the zero of the plan's times. */
  startNs: number;
  /** Gaps after the first piece are multiplied by it (≥ 1 under load); the first piece is not moved. */
  stretch: number;
  /** Called for each piece, in order, at its time. */
  onPiece(piece: Piece, dueNs: number): void;
  /** Called once, when the terminal events are due. Not called after `stop`. */
  onEnd(dueNs: number): void;
}

/** A plan being played; only its next piece waits in the scheduler. */
export class Player {
  private readonly options: PlayOptions;
  private next = 0;
  private waiting: Scheduled | undefined;
  private stopped = false;

  constructor(options: PlayOptions) {
    this.options = options;
    this.wait();
  }

  /** Nothing is called after it. Idempotent. */
  stop(): void {
    this.stopped = true;
    this.waiting?.cancel();
  }

  private dueNs(atMs: number): number {
    const { plan, startNs, stretch } = this.options;
    const firstMs = plan.pieces[0]?.atMs ?? atMs;
    return startNs + (firstMs + (atMs - firstMs) * stretch) * 1e6;
  }

  private wait(): void {
    const { plan, scheduler } = this.options;
    const piece = plan.pieces[this.next];
    const due = this.dueNs(piece ? piece.atMs : plan.endMs);
    this.waiting = scheduler.at(due, () => {
      if (!piece) {
        this.options.onEnd(due);
        return;
      }
      this.next += 1;
      this.options.onPiece(piece, due);
      if (!this.stopped) this.wait();
    });
  }
}
