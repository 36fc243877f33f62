/** Resets single streams of an HTTP/2 connection on both sides, at a place or by the clock. */
import type { Scheduled } from '../../../../timer/scheduler.ts';
import { rstStream, windowUpdate } from '../../../../wire/http2-frames.ts';
import { Http2Emitter } from './http2-emitter.ts';
import type { CountedMoment } from '../connection-moment.ts';
import type { Lane } from './lane.ts';
import type { InsideMoment } from './response-watch.ts';

export interface StreamResetOptions {
  /** Of RST_STREAM. */
  code: number;
  moment: InsideMoment | CountedMoment;
}

export class StreamResets {
  readonly up: Http2Emitter;
  readonly down: Http2Emitter;
  private readonly lane: Lane;
  private readonly options: StreamResetOptions;
  private readonly fired: () => void;
  private readonly timers = new Map<number, Scheduled>();

  /** @param at - offsets at which the first frame of each direction begins. */
  constructor(
    up: Lane,
    down: Lane,
    at: { up: number; down: number },
    options: StreamResetOptions,
    fired: () => void,
  ) {
    this.lane = down;
    this.options = options;
    this.fired = fired;
    this.up = emitter(up, at.up, () => this.down);
    this.down = emitter(down, at.down, () => this.up);
  }

  /** The answer on a stream begins that is to be reset. */
  begins(stream: number): void {
    const { moment } = this.options;
    if (moment.kind !== 'time' && moment.kind !== 'idle') return;
    this.timers.get(stream)?.cancel();
    const { context } = this.lane;
    const timer = context.schedule(context.now() + moment.ms * 1e6, () => {
      this.timers.delete(stream);
      this.reset(stream, this.down.position);
    });
    this.timers.set(stream, timer);
  }

  /** A frame of the answer has come. */
  goesOn(stream: number): void {
    if (this.options.moment.kind === 'idle' && this.timers.has(stream)) this.begins(stream);
  }

  ends(stream: number): void {
    this.timers.get(stream)?.cancel();
    this.timers.delete(stream);
  }

  /** @param offset - of the target's bytes, from which on nothing of the stream passes. */
  reset(stream: number, offset: number): void {
    const frame = rstStream(stream, this.options.code);
    this.fired();
    this.ends(stream);
    this.down.reset(stream, offset, frame);
    this.up.reset(stream, this.up.position, frame);
  }

  close(): void {
    for (const timer of this.timers.values()) timer.cancel();
  }
}

function emitter(lane: Lane, at: number, back: () => Http2Emitter): Http2Emitter {
  return new Http2Emitter(
    {
      forward: (bytes) => lane.context.forward(bytes),
      inject: (bytes) => lane.context.inject(bytes),
      discard: (byteCount) => lane.context.discard(byteCount),
      // The window of what was left out goes back to its sender.
      refund: (byteCount) => back().inject(windowUpdate(0, byteCount)),
    },
    at,
  );
}
