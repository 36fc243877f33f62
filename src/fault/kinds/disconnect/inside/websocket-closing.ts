/**
 * Closes a WebSocket as an endpoint would: a close frame for each side, between frames and never inside
 * one, then FIN. The client gets its frame immediately, since the cut lies where a frame of the target ends.
 * The target gets one as soon as the client's frame that is under way is whole.
 */
import type { Scheduled } from '../../../../timer/scheduler.ts';
import { closePayload, encodeFrame, opcodes } from '../../../../wire/websocket-frame.ts';
import type { Lane } from './lane.ts';

/** How long a client may leave a frame unfinished before the target is closed without a close frame. */
const closeWaitNs = 2e9;

/** What a close frame says (RFC 6455, section 5.5.1). */
export interface CloseWords {
  code: number;
  reason: string;
}

/** Reads along with what the client sends. */
export interface ClientFrames {
  /** Takes the client's next bytes; {@link WebSocketClosing.frameEnds} is told of each frame's end. */
  up(bytes: Uint8Array): void;
  /** Whether no frame of the client is under way. */
  readonly upBetween: boolean;
}

export class WebSocketClosing {
  private readonly up: Lane;
  private readonly down: Lane;
  private readonly frames: ClientFrames;
  private readonly words: CloseWords;
  /** Where the client's frame that is under way ends. */
  private cutAt = Number.POSITIVE_INFINITY;
  private timer: Scheduled | undefined;
  private over = false;

  constructor(up: Lane, down: Lane, frames: ClientFrames, words: CloseWords) {
    this.up = up;
    this.down = down;
    this.frames = frames;
    this.words = words;
  }

  begin(): void {
    const { up, down } = this;
    down.context.inject(this.closeFrame(false));
    down.discardRest();
    if (up.ended) this.finish();
    else if (this.frames.upBetween) this.closeTarget();
    else {
      const { context } = down;
      this.timer = context.schedule(context.now() + closeWaitNs, () => this.finish());
    }
  }

  /** A frame of the client ends before this offset. */
  frameEnds(offset: number): void {
    this.cutAt = Math.min(this.cutAt, offset);
  }

  writeUp(bytes: Uint8Array): void {
    const { up } = this;
    if (this.over) {
      up.context.forward(bytes);
      return;
    }
    up.tape.push(bytes);
    this.frames.up(bytes);
    up.passTo(this.cutAt);
    if (this.cutAt <= up.tape.end) this.closeTarget();
  }

  writeDown(bytes: Uint8Array): void {
    if (this.over) this.down.context.forward(bytes);
    else this.down.context.discard(bytes.length);
  }

  endUp(): void {
    if (this.over) this.up.context.forwardEnd();
    else this.finish();
  }

  private closeTarget(): void {
    this.up.context.inject(this.closeFrame(true));
    this.up.discardRest();
    this.finish();
  }

  private finish(): void {
    if (this.over) return;
    this.over = true;
    this.timer?.cancel();
    this.down.context.endConnection('ws_close');
    this.up.context.endConnection('ws_close');
  }

  private closeFrame(masked: boolean): Uint8Array {
    return encodeFrame(opcodes.close, closePayload(this.words.code, this.words.reason), masked);
  }
}
