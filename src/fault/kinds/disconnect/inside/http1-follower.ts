/**
 * Follows an HTTP/1.1 connection: responses in each of the three framings, events of SSE across the
 * bounds of chunks, several requests one after the other.
 */
import { Http1Framing, type FramingSink, type Head } from '../../../../wire/http1-framing.ts';
import { SseBlocks, type BlockSink } from '../../../../wire/sse-blocks.ts';
import { kindOfBlock } from './sse-block-kind.ts';
import { watchFor, type Follower, type FollowHost } from './follower.ts';
import type { ResponseWatch } from './response-watch.ts';

/** A chunk on the wire: its size line, its data, and the end of its data. */
interface Chunk {
  line: number;
  data: number;
  end: number;
}

export interface Http1FollowHost extends FollowHost {
  /** The moment makes the connection end within a chunk: the one there, or the next one. */
  readonly cutsChunk: boolean;
  /** A WebSocket begins: the target's bytes from this offset on, of which these have come. */
  onWebSocket(offset: number, bytes: Uint8Array): void;
}

export class Http1Follower implements Follower {
  readonly protocol = 'http1';
  private readonly host: Http1FollowHost;
  private readonly requests: Http1Framing;
  private responses: Http1Framing | undefined;
  private readonly methods: string[] = [];
  private downAt: number;
  private answers = 0;
  private watch: ResponseWatch | undefined;
  private blocks: SseBlocks | undefined;
  private chunk: Chunk | undefined;
  private inResponse = false;
  private interim = false;
  private switched = false;
  /** The moment has come; the next chunk from here on is to be cut. */
  private cutFrom = -1;

  /** @param down - offset of the next byte from the target. */
  constructor(host: Http1FollowHost, up: number, down: number) {
    this.host = {
      watching: host.watching,
      eventKind: host.eventKind,
      cutsChunk: host.cutsChunk,
      chooses: (answer) => host.chooses(answer),
      reached: (offset) => (host.cutsChunk ? this.cutChunk(offset) : host.reached(offset)),
      onWebSocket: (offset, bytes) => host.onWebSocket(offset, bytes),
    };
    this.cut = (offset) => host.reached(offset);
    this.downAt = down;
    this.requests = new Http1Framing('request', this.requestSink(), up);
  }

  private readonly cut: (offset: number) => void;

  get safe(): number {
    return this.watch?.holdFrom ?? Number.POSITIVE_INFINITY;
  }

  up(bytes: Uint8Array): void {
    this.requests.feed(bytes);
  }

  down(bytes: Uint8Array): void {
    const base = this.downAt;
    const taken = this.responses?.feed(bytes) ?? bytes.length;
    this.downAt += bytes.length;
    if (this.switched) this.host.onWebSocket(base + taken, bytes.subarray(taken));
  }

  connectionMoment(offset: number): void {
    if (this.host.cutsChunk) this.cutChunk(offset);
  }

  /** The moment has come at this place. */
  private cutChunk(offset: number): void {
    const { chunk } = this;
    if (chunk && chunk.line >= offset) this.cut(middle(chunk));
    else if (chunk && offset > chunk.data && offset < chunk.end) this.cut(offset);
    else this.cutFrom = offset;
  }

  private requestSink(): FramingSink {
    return {
      onStart: () => {},
      onHead: ({ method }) => {
        // Also where following began, or was lost, in the middle of an earlier answer.
        if (this.methods.length === 0 && !this.inResponse) {
          this.responses = new Http1Framing('response', this.responseSink(), this.downAt);
        }
        this.methods.push(method);
        return undefined;
      },
      onBody: () => {},
      onChunkLine: () => {},
      onChunk: () => {},
      onEnd: () => {},
      onLost: () => {},
    };
  }

  private responseSink(): FramingSink {
    return {
      onStart: (offset) => {
        if (this.inResponse) return;
        this.inResponse = true;
        this.watch = watchFor(this.host, String(this.answers++));
        this.watch?.begins(offset);
      },
      onHead: (head) => this.head(head),
      onBody: (bytes, offset) => this.blocks?.feed(bytes, offset),
      onChunkLine: (offset) => {
        this.chunk = undefined;
        this.watch?.chunkBegins(offset);
        if (this.blocks?.between) this.watch?.eventBegins(offset);
      },
      onChunk: (line, data, size) => {
        this.watch?.chunkKnown(line, size);
        if (size === 0) {
          if (this.blocks?.between) this.watch?.nothingBegan();
          return;
        }
        this.chunk = { line, data, end: data + size };
        if (this.cutFrom >= 0 && line >= this.cutFrom) this.cut(middle(this.chunk));
      },
      onEnd: () => {
        if (this.interim) {
          this.interim = false;
          return;
        }
        this.endAnswer();
      },
      onLost: () => this.lose(),
    };
  }

  private head({ status, headers }: Head): 'none' | 'switch' | undefined {
    this.interim = status < 200 && status !== 101;
    if (this.interim) return undefined;
    const method = this.methods.shift();
    if (status === 101 && /websocket/i.test(headers['upgrade'] ?? '')) {
      this.endAnswer();
      this.switched = true;
      return 'switch';
    }
    // Another protocol, which is not followed.
    if (status === 101 || (method === 'CONNECT' && status < 300)) return 'switch';
    const coding = headers['content-encoding'] ?? 'identity';
    this.blocks =
      this.watch?.readsBody && coding === 'identity'
        ? new SseBlocks(
            this.blockSink(
              this.watch,
              /^\s*text\/event-stream\b/i.test(headers['content-type'] ?? ''),
            ),
          )
        : undefined;
    return method === 'HEAD' ? 'none' : undefined;
  }

  private blockSink(watch: ResponseWatch, sse: boolean): BlockSink {
    const none = (): void => {};
    if (!sse) {
      // Of a body that is not a stream of events only the characters count.
      return {
        onBlockStart: none,
        onBlankLine: none,
        onBlockText: none,
        onBlockEnd: none,
        onInsideCharacter: (offset) => watch.insideCharacter(offset),
      };
    }
    return {
      onBlockStart: (offset) =>
        watch.eventBegins(offset === this.chunk?.data ? this.chunk.line : offset),
      onBlankLine: (offset) => watch.insideBlankLine(offset),
      onBlockText: (text) =>
        watch.eventKnown(watch.readsEvents ? kindOfBlock(text, this.host.eventKind) : undefined),
      // A chunk that ends with the event is whole only with the line end behind it.
      onBlockEnd: (offset) => watch.eventEnds(offset === this.chunk?.end ? offset + 2 : offset),
      onInsideCharacter: (offset) => watch.insideCharacter(offset),
    };
  }

  private endAnswer(): void {
    this.watch?.over();
    this.watch = undefined;
    this.blocks = undefined;
    this.chunk = undefined;
    this.cutFrom = -1;
    this.inResponse = false;
  }

  private lose(): void {
    this.endAnswer();
    this.methods.length = 0;
    this.responses = undefined;
  }
}

/** Where a chunk is cut: its size is announced, half of its data is there. */
function middle({ data, end }: Chunk): number {
  return data + Math.floor((end - data) / 2);
}
