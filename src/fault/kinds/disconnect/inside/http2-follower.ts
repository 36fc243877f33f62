/**
 * Follows an HTTP/2 connection: each stream is an answer, and its DATA is read as SSE. Header blocks
 * stay closed, so every body counts as a stream of events; one that is none has none.
 */
import {
  frameFlags,
  frameTypes,
  Http2FrameScanner,
  type FrameHeader,
} from '../../../../wire/http2-frames.ts';
import { keptBytes, SseBlocks } from '../../../../wire/sse-blocks.ts';
import { kindOfBlock } from './sse-block-kind.ts';
import { watchFor, type Follower, type FollowHost } from './follower.ts';
import type { ResponseWatch } from './response-watch.ts';

export interface Http2FollowHost extends FollowHost {
  /** The answer on a stream begins. */
  onStream?(stream: number, chosen: boolean): void;
  /** Something of the answer on a stream has come. */
  onStreamFrame?(stream: number): void;
  onStreamEnd?(stream: number): void;
}

interface Stream {
  watch: ResponseWatch | undefined;
  blocks: SseBlocks | undefined;
}

/** The DATA frame that is being read: where it and the data in it begin and end. */
interface DataFrame {
  start: number;
  from: number;
  to: number;
  end: number;
}

export class Http2Follower implements Follower {
  readonly protocol = 'http2';
  private readonly host: Http2FollowHost;
  private readonly upFrames: Http2FrameScanner;
  private readonly downFrames: Http2FrameScanner;
  private readonly streams = new Map<number, Stream>();
  private data: DataFrame = { start: 0, from: 0, to: 0, end: 0 };

  constructor(host: Http2FollowHost, up: number, down: number) {
    this.host = host;
    const none = (): void => {};
    this.upFrames = new Http2FrameScanner(
      {
        onFrameStart: none,
        onPayload: none,
        onFrameEnd: ({ type, stream }) => {
          if (type === frameTypes.rstStream) this.endStream(stream);
        },
      },
      up,
    );
    this.downFrames = new Http2FrameScanner(
      {
        onFrameStart: (header, offset) => this.frameStart(header, offset),
        onPayload: (header, bytes, offset) => this.payload(header, bytes, offset),
        onFrameEnd: (header) => this.frameEnd(header),
      },
      down,
    );
  }

  get safe(): number {
    let safe = this.downFrames.unknownFrom;
    for (const { watch } of this.streams.values()) {
      if (watch && watch.holdFrom < safe) safe = watch.holdFrom;
    }
    return safe;
  }

  connectionMoment(): void {
    // Streams have their words for an end; the whole connection is not ended in them.
  }

  up(bytes: Uint8Array): void {
    this.upFrames.feed(bytes);
  }

  down(bytes: Uint8Array): void {
    this.downFrames.feed(bytes);
  }

  private frameStart({ type, flags, stream: id, length }: FrameHeader, offset: number): void {
    this.letGo(offset);
    const payload = offset + 9;
    if (type === frameTypes.headers && !this.streams.has(id)) {
      const stream: Stream = { watch: watchFor(this.host, `stream ${id}`, id), blocks: undefined };
      if (stream.watch) stream.blocks = this.blocksFor(stream.watch);
      this.streams.set(id, stream);
      this.host.onStream?.(id, stream.watch !== undefined);
      stream.watch?.begins(offset);
    }
    if (type !== frameTypes.data) return;
    const padded = flags & frameFlags.padded ? 1 : 0;
    // How long the padding is, its first byte says.
    this.data = {
      start: offset,
      from: payload + padded,
      to: payload + length,
      end: payload + length,
    };
    const stream = this.streams.get(id);
    if (stream?.blocks?.between) stream.watch?.eventBegins(offset);
  }

  private payload({ type, flags, stream: id }: FrameHeader, bytes: Uint8Array, at: number): void {
    if (type !== frameTypes.data) return;
    const { data } = this;
    if (flags & frameFlags.padded && at < data.from) data.to = data.end - bytes[0]!;
    const stream = this.streams.get(id);
    if (!stream) return;
    const from = Math.max(at, data.from);
    const piece = bytes.subarray(from - at, Math.max(from - at, data.to - at));
    if (piece.length === 0) return;
    stream.watch?.body(piece.length, from);
    stream.blocks?.feed(piece, from);
  }

  private frameEnd({ type, flags, stream: id }: FrameHeader): void {
    if (id === 0) return;
    const stream = this.streams.get(id);
    if (type === frameTypes.data && stream?.blocks?.between) stream.watch?.nothingBegan();
    if (type === frameTypes.data || type === frameTypes.headers) this.host.onStreamFrame?.(id);
    const last = flags & frameFlags.endStream;
    if (type === frameTypes.rstStream) this.endStream(id);
    else if (last && (type === frameTypes.data || type === frameTypes.headers)) this.endStream(id);
  }

  private endStream(id: number): void {
    const stream = this.streams.get(id);
    if (!stream) return;
    stream.watch?.over();
    this.streams.delete(id);
    this.host.onStreamEnd?.(id);
  }

  /**
   * An event whose end does not come must not hold up the others forever: the peers' windows might
   * never open again. What is there of it then decides.
   */
  private letGo(offset: number): void {
    for (const { watch, blocks } of this.streams.values()) {
      if (watch && offset - watch.holdFrom > keptBytes) blocks?.sayText();
    }
  }

  private blocksFor(watch: ResponseWatch): SseBlocks {
    return new SseBlocks({
      onBlockStart: (offset) =>
        watch.eventBegins(offset === this.data.from ? this.data.start : offset),
      onBlankLine: (offset) => watch.insideBlankLine(offset),
      onBlockText: (text) =>
        watch.eventKnown(watch.readsEvents ? kindOfBlock(text, this.host.eventKind) : undefined),
      onBlockEnd: (offset) => watch.eventEnds(offset === this.data.to ? this.data.end : offset),
      onInsideCharacter: (offset) => watch.insideCharacter(offset),
    });
  }
}
