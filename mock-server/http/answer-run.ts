/**
 * The life of an answer between request and end, whatever its API: waits for a slot, plays its
 * plans, ends early where its fate says so, and keeps producing for a while when its client has left.
 */
import type { OutputPlan, Piece } from '../timing/output-plan.ts';
import { Player } from '../timing/player.ts';
import type { Lease, Ticket } from '../timing/capacity.ts';
import type { StreamRecorder } from '../truth/stream-recorder.ts';
import type { StreamEnd } from '../truth/stream-truth.ts';
import { drawFate, type StreamFate } from './admission.ts';
import type { MockContext } from './context.ts';

export interface AnswerHandlers {
  /** The answer has its slot; its head may go out. */
  onAdmitted(): void;
  /** One piece is due. Not called any more once the client has left. */
  onPiece(plan: number, piece: Piece, dueNs: number): void;
  /** All pieces of one plan are out. */
  onPlanEnd(plan: number, dueNs: number): void;
  /** All plans are out; the run ends as `completed` when this returns. */
  onEnd(dueNs: number): void;
  /** The stream is to break here, on purpose; the run has ended. */
  onFate(kind: 'in_band_error' | 'truncate'): void;
}

export interface AnswerOptions {
  context: MockContext;
  recorder: StreamRecorder;
  /** One, or one per choice. */
  plans: readonly OutputPlan[];
  seedKey: string;
  handlers: AnswerHandlers;
}

export class AnswerRun {
  private readonly options: AnswerOptions;
  private readonly fate: StreamFate;
  private players: Player[] = [];
  private lease: Lease | undefined;
  private ticket: Ticket | undefined;
  private plansLeft: number;
  private piecesPlayed = 0;
  private left = false;
  private over = false;

  constructor(options: AnswerOptions) {
    this.options = options;
    this.plansLeft = options.plans.length;
    const pieces = options.plans.reduce((sum, plan) => sum + plan.pieces.length, 0);
    this.fate = drawFate(options.context, options.seedKey, pieces);
  }

  /** Asks for a slot. Check `capacity.full` before: a run that finds no place ends as `aborted`. */
  start(): void {
    const { capacity } = this.options.context;
    this.ticket = capacity.enter((lease) => this.admitted(lease));
    if (!this.ticket) this.finish('aborted');
  }

  /** The client has left. What it no longer receives is produced for `stop_delay`, or to the end, and counted. */
  clientLeft(): void {
    if (this.over || this.left) return;
    const { context, recorder } = this.options;
    const now = context.scheduler.now();
    recorder.clientLeft(now);
    this.left = true;
    const { stopDelayMs, onLeave } = context.settings;
    // A careless server continues to the end, in its slot; a request that still waits comes to its turn.
    if (onLeave === 'keep_generating' && !context.closing) return;
    if (!this.lease || stopDelayMs === 0 || context.closing) {
      this.finish(context.closing ? 'aborted' : 'client_left');
      return;
    }
    context.scheduler.at(now + stopDelayMs * 1e6, () => this.finish('client_left'));
  }

  /** Ends the run now. Without effect when it is over. */
  finish(end: StreamEnd): void {
    if (this.over) return;
    this.over = true;
    this.ticket?.leave();
    for (const player of this.players) player.stop();
    this.options.recorder.ended(end, this.options.context.scheduler.now());
    // Last: it lets the next in the queue in, immediately.
    this.lease?.release();
  }

  private admitted(lease: Lease): void {
    this.lease = lease;
    const { context, recorder, plans, handlers } = this.options;
    const startNs = context.scheduler.now();
    recorder.admitted(startNs, lease.stretch);
    // Where the client left while it waited, no head is written.
    if (!this.left) handlers.onAdmitted();
    if (this.over) return;
    this.players = plans.map(
      (plan, index) =>
        new Player({
          scheduler: context.scheduler,
          plan,
          startNs,
          stretch: lease.stretch,
          onPiece: (piece, dueNs) => this.piece(index, piece, dueNs),
          onEnd: (dueNs) => this.planEnd(index, dueNs),
        }),
    );
  }

  private piece(index: number, piece: Piece, dueNs: number): void {
    this.options.recorder.tokensProduced(piece.tokens);
    if (this.left) {
      this.options.recorder.producedAfterLeft(piece.tokens);
      return;
    }
    this.options.handlers.onPiece(index, piece, dueNs);
    this.piecesPlayed += 1;
    if (this.piecesPlayed >= this.fate.pieces) this.meetFate();
  }

  private planEnd(index: number, dueNs: number): void {
    this.plansLeft -= 1;
    if (!this.left) this.options.handlers.onPlanEnd(index, dueNs);
    if (this.plansLeft > 0) return;
    // An answer without pieces meets its fate here.
    if (this.fate.kind !== 'fine' && !this.left && !this.over) {
      this.meetFate();
      return;
    }
    if (!this.left && !this.over) this.options.handlers.onEnd(dueNs);
    this.finish(this.left ? 'client_left' : 'completed');
  }

  private meetFate(): void {
    const { kind } = this.fate;
    if (kind === 'fine' || this.over) return;
    this.options.handlers.onFate(kind);
    this.finish(kind === 'truncate' ? 'truncated' : 'in_band_error');
  }
}
