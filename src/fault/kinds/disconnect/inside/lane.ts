/** One direction of a connection that is read along: what has come, what has passed, where it goes. */
import type { PipeContext } from '../../../fault.ts';
import { Tape } from './tape.ts';

export class Lane {
  readonly tape = new Tape();
  /** Takes what passes; by default the next pipe. */
  pass = (bytes: Uint8Array): void => this.context.forward(bytes);
  private opened: PipeContext | undefined;
  /** The source has ended. */
  ended = false;

  open(context: PipeContext): void {
    this.opened = context;
  }

  /** Of the pipe; undefined before there is one. */
  get maybeContext(): PipeContext | undefined {
    return this.opened;
  }

  /** Only once the pipe is there, as it is when bytes come. */
  get context(): PipeContext {
    return this.opened!;
  }

  /** Passes on what has come, up to an offset. */
  passTo(offset: number): void {
    this.tape.passTo(Math.min(offset, this.tape.end), this.pass);
  }

  /** What has come and not passed never will. */
  discardRest(): void {
    this.tape.passTo(this.tape.end, (piece) => this.context.discard(piece.length));
  }
}
