/**
 * One connection whose bytes are read on their way, so that it, or an answer on it, ends at a moment of
 * what is being said, or in words of the protocol.
 */
import { seededRng } from '../../../../random/rng.ts';
import type { Scheduled } from '../../../../timer/scheduler.ts';
import { http2Preface } from '../../../../wire/http2-frames.ts';
import { closePayload, encodeFrame, opcodes } from '../../../../wire/websocket-frame.ts';
import type { EventKindReader } from '../../../../wire/event-kind.ts';
import type { Ending, Pipe, PipeContext } from '../../../fault.ts';
import { appliesTo, type Where } from '../../../fields.ts';
import type { Follower } from './follower.ts';
import { Http1Follower } from './http1-follower.ts';
import { Http2Follower } from './http2-follower.ts';
import type { Inside, InsideMoment, OutsideMoment, WatchOptions } from './response-watch.ts';
import { StreamResets } from './stream-resets.ts';
import { Tape } from './tape.ts';
import { WebSocketFollower } from './websocket-follower.ts';

export type InsideHow = Ending | 'h2_reset' | 'cut_chunk' | 'no_final_chunk';

export interface InsideOptions {
  how: InsideHow;
  /** Of a close frame, or of RST_STREAM. */
  code: number;
  reason: string;
  moment: InsideMoment | OutsideMoment;
  inside: Inside | undefined;
  /** Of answers, turns, streams; of connections for moments that are theirs. */
  share: number;
  /** Whose bytes count. */
  direction: Where;
  eventKind: EventKindReader;
}

/** How long a client may leave a frame unfinished before the target is closed without a close frame. */
const closeWaitNs = 2e9;

type Protocol = 'http1' | 'websocket' | 'http2';

function isOutside(moment: InsideMoment | OutsideMoment): moment is OutsideMoment {
  return moment.kind === 'bytes' || moment.kind === 'time' || moment.kind === 'idle';
}

export class InsideConnection {
  private readonly options: InsideOptions;
  private readonly fired: () => void;
  private seed: string | undefined;
  private readonly contexts: Partial<Record<'up' | 'down', PipeContext>> = {};
  private readonly upTape = new Tape();
  private readonly downTape = new Tape();
  /** `passing`: the fault has nothing more to do. */
  private state: 'open' | 'closing' | 'over' | 'passing' = 'open';
  private follower: Follower | undefined;
  /** The client's first bytes, until they tell the protocol. */
  private first: Uint8Array[] | undefined = [];
  private firstBytes = 0;
  private switchedAt = -1;
  private cutAt = Number.POSITIVE_INFINITY;
  private resets: StreamResets | undefined;
  // Moments by count and clock.
  private passed = 0;
  private counted = false;
  private lastNs = 0;
  private timer: Scheduled | undefined;
  private openEnds = 0;
  // A WebSocket that is being closed.
  private closeWanted = false;
  private upCut = Number.POSITIVE_INFINITY;
  private upClosed = false;
  private upEnded = false;

  constructor(options: InsideOptions, fired: () => void) {
    this.options = options;
    this.fired = fired;
  }

  pipe(context: PipeContext): Pipe {
    this.seed ??= String(context.rng());
    this.openEnds++;
    this.lastNs = context.now();
    if (context.direction === 'client_to_target') {
      this.contexts.up = context;
      return { write: (bytes) => this.writeUp(bytes), end: () => this.endUp() };
    }
    this.contexts.down = context;
    if (this.ofConnection?.kind === 'idle') this.armIdle();
    return { write: (bytes) => this.writeDown(bytes), end: () => this.endDown() };
  }

  private get up(): PipeContext {
    return this.contexts.up!;
  }

  private get down(): PipeContext {
    return this.contexts.down!;
  }

  /** For the clock: faults may be replaced in one direction before the other. */
  private get either(): PipeContext {
    return (this.contexts.down ?? this.contexts.up)!;
  }

  private chooses(what: string): boolean {
    return seededRng(`${this.seed}/${what}`)() < this.options.share;
  }

  /** The moment, where it is one of the whole connection and the connection is hit. */
  private get ofConnection(): OutsideMoment | undefined {
    const { moment, how } = this.options;
    return isOutside(moment) && how !== 'h2_reset' && this.chooses('connection')
      ? moment
      : undefined;
  }

  // ── what comes ────────────────────────────────────────────────────────────────────────────────

  private writeUp(bytes: Uint8Array): void {
    if (this.state === 'closing' && !this.upClosed) {
      this.upTape.push(bytes);
      this.follower?.up(bytes);
      this.upTape.passTo(this.upCut, (piece) => this.up.forward(piece));
      if (this.upCut <= this.upTape.end) this.closeUp();
      return;
    }
    if (this.state !== 'open') {
      this.up.forward(bytes);
      return;
    }
    this.count(bytes, 'client_to_target', (piece) => this.takeUp(piece));
  }

  private takeUp(bytes: Uint8Array): void {
    this.upTape.push(bytes);
    const pass = (piece: Uint8Array): void => {
      if (this.resets) this.resets.up.push(piece);
      else this.up.forward(piece);
    };
    if (!this.first) {
      this.follower?.up(bytes);
      this.upTape.passTo(this.upTape.end, pass);
      return;
    }
    this.first.push(bytes);
    this.firstBytes += bytes.length;
    const text = Buffer.concat(this.first).toString('latin1', 0, http2Preface.length);
    if (!http2Preface.startsWith(text)) this.follow('http1', 0);
    else if (text.length === http2Preface.length) this.follow('http2', text.length);
    this.upTape.passTo(this.resets ? http2Preface.length : this.upTape.end, (piece) =>
      this.up.forward(piece),
    );
    this.upTape.passTo(this.upTape.end, pass);
  }

  /** The protocol is known. @param skip - of the client's bytes, which are no message. */
  private follow(protocol: Protocol, skip: number): void {
    const bytes = Buffer.concat(this.first ?? []);
    this.first = undefined;
    this.setFollower(protocol, skip, this.downTape.end);
    this.follower!.up(bytes.subarray(skip));
  }

  private setFollower(protocol: Protocol, up: number, down: number): void {
    const host = {
      watching: this.watchingOn(protocol),
      eventKind: this.options.eventKind,
      chooses: (answer: string) => this.chooses(answer),
      reached: (offset: number, stream?: number) => this.reached(offset, stream),
    };
    switch (protocol) {
      case 'http1':
        this.follower = new Http1Follower(
          {
            ...host,
            cutsChunk: this.options.how === 'cut_chunk',
            onWebSocket: (offset) => (this.switchedAt = offset),
          },
          up,
          down,
        );
        return;
      case 'websocket':
        this.follower = new WebSocketFollower(
          {
            ...host,
            onUpBoundary: (offset) => {
              if (this.state === 'closing') this.upCut = Math.min(this.upCut, offset);
            },
            onDownBoundary: (offset) => {
              if (this.closeWanted) this.cutAt = Math.min(this.cutAt, offset);
            },
          },
          up,
          down,
        );
        if (this.closeWanted) this.cutAt = down;
        return;
      case 'http2':
        if (this.options.how === 'h2_reset') {
          this.resets = new StreamResets(
            this.up,
            this.down,
            { up, down },
            this.options,
            this.fired,
          );
        }
        this.follower = new Http2Follower(
          {
            ...host,
            onStream: (stream, chosen) => chosen && this.resets?.begins(stream),
            onStreamFrame: (stream) => this.resets?.goesOn(stream),
            onStreamEnd: (stream) => this.resets?.ends(stream),
          },
          up,
          down,
        );
    }
  }

  /** What answers are watched for; nothing where the ending is of another protocol. */
  private watchingOn(protocol: Protocol): WatchOptions | undefined {
    const { how, moment, inside } = this.options;
    const only: Partial<Record<InsideHow, Protocol>> = {
      ws_close: 'websocket',
      h2_reset: 'http2',
      cut_chunk: 'http1',
      no_final_chunk: 'http1',
    };
    if ((only[how] ?? protocol) !== protocol) return undefined;
    if (!isOutside(moment)) return { moment, inside };
    if (how !== 'h2_reset') return undefined;
    return moment.kind === 'bytes'
      ? { moment: { kind: 'body_bytes', bytes: moment.bytes }, inside }
      : { moment: { kind: 'outside' }, inside };
  }

  private writeDown(bytes: Uint8Array): void {
    if (this.state === 'open') {
      this.count(bytes, 'target_to_client', (piece) => this.takeDown(piece));
      return;
    }
    if (this.state === 'closing') this.down.discard(bytes.length);
    else this.down.forward(bytes);
  }

  private takeDown(bytes: Uint8Array): void {
    const base = this.downTape.end;
    this.downTape.push(bytes);
    this.follower?.down(bytes);
    if (this.switchedAt >= 0) {
      const at = this.switchedAt;
      this.switchedAt = -1;
      this.setFollower('websocket', this.upTape.end, at);
      this.follower!.down(bytes.subarray(at - base));
    }
    this.flush();
  }

  /** Passes on what may pass, and acts where the moment has come. */
  private flush(): void {
    const { downTape, resets } = this;
    const safe = Math.min(this.follower?.safe ?? downTape.end, downTape.end);
    if (resets) {
      downTape.passTo(safe, (piece) => resets.down.push(piece));
      return;
    }
    downTape.passTo(Math.min(safe, this.cutAt), (piece) => this.down.forward(piece));
    if (downTape.at >= this.cutAt) this.act();
  }

  // ── moments of the connection ─────────────────────────────────────────────────────────────────

  /** Counts bytes on their way, where the moment is theirs; the place is exact. */
  private count(
    bytes: Uint8Array,
    direction: PipeContext['direction'],
    take: (piece: Uint8Array) => void,
  ): void {
    const { moment, how } = this.options;
    this.lastNs = this.either.now();
    const counts =
      isOutside(moment) && how !== 'h2_reset' && appliesTo(direction, this.options.direction);
    if (!counts || this.counted || bytes.length === 0) {
      take(bytes);
      return;
    }
    if (moment.kind === 'time' && !this.timer && this.ofConnection) {
      this.timer = this.either.schedule(this.lastNs + moment.ms * 1e6, () => this.come());
    }
    const room = moment.kind === 'bytes' ? moment.bytes - this.passed : Number.POSITIVE_INFINITY;
    this.passed += bytes.length;
    if (bytes.length < room) {
      take(bytes);
      return;
    }
    this.counted = true;
    if (!this.ofConnection) {
      take(bytes);
      return;
    }
    if (room > 0) take(bytes.subarray(0, room));
    this.come();
    const rest = bytes.subarray(room);
    if (rest.length === 0) return;
    if (direction === 'client_to_target') this.writeUp(rest);
    else this.writeDown(rest);
  }

  private armIdle(): void {
    const { moment } = this.options;
    if (moment.kind !== 'idle') return;
    this.timer = this.down.schedule(this.lastNs + moment.ms * 1e6, () => {
      if (this.down.now() >= this.lastNs + moment.ms * 1e6) this.come();
      else this.armIdle();
    });
  }

  /** The moment of the connection has come; the ending waits for its place. */
  private come(): void {
    if (this.state !== 'open') return;
    const { follower, downTape } = this;
    if (this.options.how === 'cut_chunk') {
      if (follower instanceof Http1Follower) follower.cutChunk(downTape.end);
    } else {
      this.closeWanted = true;
      if (follower instanceof WebSocketFollower && follower.downBetween) this.cutAt = downTape.end;
    }
    this.flush();
  }

  // ── the end ───────────────────────────────────────────────────────────────────────────────────

  private reached(offset: number, stream?: number): void {
    if (this.options.how !== 'h2_reset') this.cutAt = Math.min(this.cutAt, offset);
    else if (stream !== undefined) this.resets?.reset(stream, offset);
  }

  private act(): void {
    const { how } = this.options;
    const { downTape } = this;
    this.timer?.cancel();
    this.fired();
    if (how === 'ws_close') {
      this.startClose();
      return;
    }
    this.state = how === 'half_close' ? 'passing' : 'over';
    this.down.endConnection(
      how === 'cut_chunk' || how === 'no_final_chunk' || how === 'h2_reset' ? 'fin' : how,
    );
    // The answer goes on where only the client's side was closed; else it is counted as gone.
    downTape.passTo(downTape.end, (piece) => this.down.forward(piece));
  }

  private closeFrame(masked: boolean): Uint8Array {
    const { code, reason } = this.options;
    return encodeFrame(opcodes.close, closePayload(code, reason), masked);
  }

  /** A close frame to the client; one to the target as soon as the client's own frame is whole. */
  private startClose(): void {
    const { down, downTape, follower } = this;
    this.state = 'closing';
    down.inject(this.closeFrame(false));
    downTape.passTo(downTape.end, (piece) => down.discard(piece.length));
    if (this.upEnded) this.finishClose();
    else if (follower instanceof WebSocketFollower && follower.upBetween) this.closeUp();
    else {
      this.timer = down.schedule(down.now() + closeWaitNs, () => this.finishClose());
    }
  }

  private closeUp(): void {
    if (this.upClosed) return;
    this.upClosed = true;
    this.up.inject(this.closeFrame(true));
    this.upTape.passTo(this.upTape.end, (piece) => this.up.discard(piece.length));
    this.finishClose();
  }

  private finishClose(): void {
    if (this.state !== 'closing') return;
    this.state = 'over';
    this.timer?.cancel();
    this.down.endConnection('ws_close');
    this.up.endConnection('ws_close');
  }

  private endUp(): void {
    this.upEnded = true;
    this.resets?.up.end();
    if (this.state === 'closing') this.finishClose();
    else this.up.forwardEnd();
    this.ended();
  }

  private endDown(): void {
    const { downTape, resets } = this;
    if (this.state === 'open') {
      // What was held for a moment that has not come passes after all.
      if (resets) {
        downTape.passTo(downTape.end, (piece) => resets.down.push(piece));
        resets.down.end();
      } else {
        downTape.passTo(Math.min(downTape.end, this.cutAt), (piece) => this.down.forward(piece));
        if (downTape.at >= this.cutAt) this.act();
      }
    }
    this.down.forwardEnd();
    this.ended();
  }

  private ended(): void {
    if (--this.openEnds > 0) return;
    this.timer?.cancel();
    this.resets?.close();
    if (this.state === 'open') this.state = 'passing';
  }
}
