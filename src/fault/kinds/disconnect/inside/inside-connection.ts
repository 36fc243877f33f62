/**
 * One connection whose bytes are read on their way, so that it, or an answer on it, ends at a moment of
 * what is being said, or in words of the protocol. The parts: which protocol it is (protocol-detection),
 * what is said (the followers), moments of the connection as a whole (connection-moment), and endings
 * that take several steps (websocket-closing, stream-resets).
 */
import { seededRng } from '../../../../random/rng.ts';
import type { Direction } from '../../../direction.ts';
import type { Pipe, PipeContext } from '../../../fault.ts';
import { ConnectionMoment } from '../connection-moment.ts';
import type { Follower, Protocol } from './follower.ts';
import { Http1Follower } from './http1-follower.ts';
import { Http2Follower } from './http2-follower.ts';
import { knows, momentOfConnection, watchingOn, type InsideOptions } from './inside-options.ts';
import { Lane } from './lane.ts';
import { ProtocolDetection } from './protocol-detection.ts';
import { StreamResets } from './stream-resets.ts';
import { WebSocketClosing } from './websocket-closing.ts';
import { WebSocketFollower } from './websocket-follower.ts';

export class InsideConnection {
  private readonly options: InsideOptions;
  private readonly fired: () => void;
  private readonly up = new Lane();
  private readonly down = new Lane();
  private seed: string | undefined;
  private openEnds = 0;
  /** `passing`: the fault has nothing more to do; `over`: what still comes is counted as gone. */
  private state: 'open' | 'over' | 'passing' = 'open';
  /** Undefined once the protocol is known. */
  private detection: ProtocolDetection | undefined = new ProtocolDetection();
  private follower: Follower | undefined;
  /** Undefined where the connection as a whole has none, or is not hit. */
  private moment: ConnectionMoment | undefined;
  private momentHasCome = false;
  /** The target's bytes from this offset on do not pass. */
  private cutAt = Number.POSITIVE_INFINITY;
  private closing: WebSocketClosing | undefined;
  private resets: StreamResets | undefined;

  /** @param fired - called for each ending. */
  constructor(options: InsideOptions, fired: () => void) {
    this.options = options;
    this.fired = fired;
  }

  pipe(context: PipeContext): Pipe {
    if (this.seed === undefined) this.begin(String(context.rng()));
    this.openEnds++;
    if (context.direction === 'client_to_target') {
      this.up.open(context);
      return { write: (bytes) => this.writeUp(bytes), end: () => this.endUp() };
    }
    this.down.open(context);
    this.moment?.begins(context);
    return { write: (bytes) => this.writeDown(bytes), end: () => this.endDown() };
  }

  private begin(seed: string): void {
    this.seed = seed;
    const moment = momentOfConnection(this.options);
    if (!moment || !this.chooses('connection')) return;
    this.moment = new ConnectionMoment(moment, this.options.direction, () => this.come());
  }

  private chooses(what: string): boolean {
    return seededRng(`${this.seed}/${what}`)() < this.options.share;
  }

  // ── what comes ────────────────────────────────────────────────────────────────────────────────

  private writeUp(bytes: Uint8Array): void {
    if (this.closing) this.closing.writeUp(bytes);
    else if (this.state === 'open') this.take(bytes, 'client_to_target');
    else this.up.context.forward(bytes);
  }

  private writeDown(bytes: Uint8Array): void {
    if (this.closing) this.closing.writeDown(bytes);
    else if (this.state === 'open') this.take(bytes, 'target_to_client');
    else this.down.context.forward(bytes);
  }

  /** Where the connection's moment lies among the bytes, what comes behind it has come later. */
  private take(bytes: Uint8Array, direction: Direction): void {
    const upwards = direction === 'client_to_target';
    const read = (piece: Uint8Array): void => (upwards ? this.takeUp(piece) : this.takeDown(piece));
    // Faults may have been replaced in one direction alone.
    const clock = this.down.maybeContext ?? this.up.context;
    const room = this.moment?.comesAfter(bytes.length, direction, clock);
    if (room === undefined) {
      read(bytes);
      return;
    }
    if (room > 0) read(bytes.subarray(0, room));
    this.come();
    if (bytes.length === room) return;
    if (upwards) this.writeUp(bytes.subarray(room));
    else this.writeDown(bytes.subarray(room));
  }

  private takeUp(bytes: Uint8Array): void {
    const { up, down } = this;
    up.tape.push(bytes);
    const detected = this.detection?.feed(bytes);
    if (detected) {
      this.detection = undefined;
      this.follow(detected.protocol, detected.from, down.tape.end);
      this.follower!.up(detected.bytes);
      // Frames may be put in only behind the preface.
      up.tape.passTo(detected.from, (piece) => up.context.forward(piece));
    } else this.follower?.up(bytes);
    up.passTo(up.tape.end);
  }

  private takeDown(bytes: Uint8Array): void {
    this.down.tape.push(bytes);
    this.follower?.down(bytes);
    this.flush();
  }

  /** Passes on what may pass, and acts where the moment has come. */
  private flush(): void {
    const { tape } = this.down;
    this.down.passTo(Math.min(this.follower?.safe ?? tape.end, this.cutAt));
    if (tape.at >= this.cutAt) this.act();
  }

  // ── what is said ──────────────────────────────────────────────────────────────────────────────

  /** From these offsets on, this protocol is spoken. */
  private follow(protocol: Protocol, up: number, down: number): void {
    this.follower = this.followerOf(protocol, up, down);
    if (this.momentHasCome) this.tellMoment(down);
  }

  private followerOf(protocol: Protocol, up: number, down: number): Follower {
    const { how } = this.options;
    const host = {
      watching: watchingOn(protocol, this.options),
      eventKind: this.options.eventKind,
      chooses: (answer: string) => this.chooses(answer),
      reached: (offset: number, stream?: number) => this.reached(offset, stream),
    };
    switch (protocol) {
      case 'http1':
        return new Http1Follower(
          {
            ...host,
            cutsChunk: how === 'cut_chunk',
            onWebSocket: (offset, bytes) => {
              this.follow('websocket', this.up.tape.end, offset);
              this.follower!.down(bytes);
            },
          },
          up,
          down,
        );
      case 'websocket':
        return new WebSocketFollower(
          { ...host, onUpBoundary: (offset) => this.closing?.frameEnds(offset) },
          up,
          down,
        );
      case 'http2':
        if (how === 'h2_reset') this.resetStreams({ up, down });
        return new Http2Follower(
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

  /** From these offsets on, frames can be put in, and those of single streams left out. */
  private resetStreams(at: { up: number; down: number }): void {
    const resets = new StreamResets(this.up, this.down, at, this.options, this.fired);
    this.up.pass = (bytes) => resets.up.push(bytes);
    this.down.pass = (bytes) => resets.down.push(bytes);
    this.resets = resets;
  }

  // ── the end ───────────────────────────────────────────────────────────────────────────────────

  /** The moment of the connection has come; the ending waits for its place. */
  private come(): void {
    if (this.state !== 'open' || this.closing) return;
    this.momentHasCome = true;
    this.tellMoment(this.down.tape.end);
    this.flush();
  }

  private tellMoment(offset: number): void {
    const { follower } = this;
    if (follower && knows(follower.protocol, this.options.how)) follower.connectionMoment(offset);
  }

  /** A place where it ends. */
  private reached(offset: number, stream?: number): void {
    if (this.options.how !== 'h2_reset') this.cutAt = Math.min(this.cutAt, offset);
    else if (stream !== undefined) this.resets?.reset(stream, offset);
  }

  private act(): void {
    const { how } = this.options;
    const { up, down } = this;
    this.moment?.over();
    this.fired();
    if (this.follower instanceof WebSocketFollower && how === 'ws_close') {
      this.closing = new WebSocketClosing(up, down, this.follower, this.options);
      this.closing.begin();
      return;
    }
    this.state = how === 'half_close' ? 'passing' : 'over';
    down.context.endConnection(
      how === 'cut_chunk' || how === 'no_final_chunk' || how === 'h2_reset' ? 'fin' : how,
    );
    // The answer continues where only the client's side was closed; else it is counted as gone.
    down.passTo(down.tape.end);
  }

  private endUp(): void {
    this.up.ended = true;
    this.resets?.up.end();
    if (this.closing) this.closing.endUp();
    else this.up.context.forwardEnd();
    this.ended();
  }

  private endDown(): void {
    const { down, resets } = this;
    if (this.state === 'open' && !this.closing) {
      // What was held for a moment that has not come passes after all.
      down.passTo(this.cutAt);
      resets?.down.end();
      if (down.tape.at >= this.cutAt) this.act();
    }
    down.context.forwardEnd();
    this.ended();
  }

  private ended(): void {
    if (--this.openEnds > 0) return;
    this.moment?.over();
    this.resets?.close();
    if (!this.closing && this.state === 'open') this.state = 'passing';
  }
}
