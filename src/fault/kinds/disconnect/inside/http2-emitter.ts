/**
 * One direction of an HTTP/2 connection on its way out of a relay that resets single streams: whole
 * frames, so that others can be put in between.
 *
 * Of a stream that was reset, nothing passes any more but its header blocks: both ends keep one table
 * for the compressed headers of all streams, and a block that one of them never saw would garble every
 * later one. What is left out of the connection's flow-control window is given back to its sender.
 */
import {
  frameFlags,
  frameHeaderBytes,
  frameTypes,
  readFrameHeader,
  writeFrameHeader,
  type FrameHeader,
} from '../../../../wire/http2-frames.ts';

/** A frame above this passes as it comes, and a stream cannot be reset inside it. */
const longestHeld = 64 * 1024;

export interface EmitterHost {
  forward(bytes: Uint8Array): void;
  /** Bytes that the sender never sent. */
  inject(bytes: Uint8Array): void;
  discard(byteCount: number): void;
  /** So many bytes of DATA were left out. */
  refund(byteCount: number): void;
}

interface Reset {
  at: number;
  /** To be put in when that place is reached; gone once it was. */
  frame: Uint8Array | undefined;
}

export class Http2Emitter {
  private readonly host: EmitterHost;
  private readonly resets = new Map<number, Reset>();
  private readonly waiting: Uint8Array[] = [];
  private readonly parts: Uint8Array[] = [];
  private partBytes = 0;
  private frame: FrameHeader | undefined;
  /** Where the frame that is being gathered begins; everything before has been emitted. */
  private start: number;
  /** Bytes of a frame too long to hold that are still to pass. */
  private passing = 0;
  private dropping = false;
  private inHeaderBlock = false;

  /** @param at - offset of the first byte that it will be given, where a frame begins. */
  constructor(host: EmitterHost, at: number) {
    this.host = host;
    this.start = at;
  }

  /** Offset of the next place where a frame may be put in. */
  get position(): number {
    return this.start + this.passing;
  }

  push(bytes: Uint8Array): void {
    let index = 0;
    while (index < bytes.length) {
      if (this.passing > 0) {
        const piece = bytes.subarray(index, index + this.passing);
        index += piece.length;
        this.passing -= piece.length;
        this.start += piece.length;
        if (this.dropping) this.host.discard(piece.length);
        else this.host.forward(piece);
        if (this.passing === 0) this.atBoundary();
        continue;
      }
      const wanted =
        (this.frame ? this.frame.length + frameHeaderBytes : frameHeaderBytes) - this.partBytes;
      const piece = bytes.subarray(index, index + wanted);
      index += piece.length;
      this.parts.push(piece);
      this.partBytes += piece.length;
      if (piece.length < wanted) return;
      if (!this.frame) this.headerKnown();
      else this.emit();
    }
  }

  /** From this offset on nothing of the stream passes; the frame goes in there. */
  reset(stream: number, at: number, frame: Uint8Array): void {
    this.resets.set(stream, { at, frame });
    if (this.betweenFrames) this.atBoundary();
  }

  /** Puts a frame in at the next place where it may stand. */
  inject(frame: Uint8Array): void {
    this.waiting.push(frame);
    if (this.betweenFrames) this.atBoundary();
  }

  /** The sender has ended: what is there of a frame goes as it is. */
  end(): void {
    for (const part of this.parts.splice(0)) this.host.forward(part);
  }

  private get betweenFrames(): boolean {
    return this.partBytes === 0 && this.passing === 0;
  }

  private headerKnown(): void {
    const header = readFrameHeader(Buffer.concat(this.parts));
    const total = frameHeaderBytes + header.length;
    if (total > longestHeld) {
      const reset = this.resets.get(header.stream);
      this.dropping =
        header.type === frameTypes.data && reset !== undefined && reset.at <= this.start;
      if (this.dropping) this.host.refund(header.length);
      for (const part of this.takeParts()) {
        if (this.dropping) this.host.discard(part.length);
        else this.host.forward(part);
      }
      this.start += frameHeaderBytes;
      this.passing = header.length;
      return;
    }
    this.frame = header;
    if (header.length === 0) this.emit();
  }

  private takeParts(): Uint8Array[] {
    this.partBytes = 0;
    this.frame = undefined;
    return this.parts.splice(0);
  }

  private emit(): void {
    const frame = this.frame!;
    const parts = this.takeParts();
    const total = frameHeaderBytes + frame.length;
    const end = this.start + total;
    const reset = this.resets.get(frame.stream);
    if (!reset || reset.at >= end || !isDropped(frame.type)) {
      for (const part of parts) this.host.forward(part);
    } else {
      this.host.discard(total);
      if (frame.type === frameTypes.data) this.shorten(frame, parts, reset);
    }
    if (frame.type === frameTypes.headers || frame.type === frameTypes.continuation) {
      this.inHeaderBlock = (frame.flags & frameFlags.endHeaders) === 0;
    }
    this.start = end;
    this.atBoundary();
  }

  /** A DATA frame of which only the beginning, or nothing, is to pass. */
  private shorten(frame: FrameHeader, parts: Uint8Array[], reset: Reset): void {
    const padded = frame.flags & frameFlags.padded ? 1 : 0;
    const from = frameHeaderBytes + padded;
    const length = Math.max(0, reset.at - this.start - from);
    if (length > 0) {
      const data = Buffer.concat(parts).subarray(from, from + length);
      const { type, stream } = frame;
      this.host.inject(writeFrameHeader({ type, stream, flags: 0, length }));
      this.host.inject(data);
    }
    if (frame.length > length) this.host.refund(frame.length - length);
  }

  /** Everything before `start` is out: what was waiting for that goes in. */
  private atBoundary(): void {
    if (this.inHeaderBlock) return;
    for (const frame of this.waiting.splice(0)) this.host.inject(frame);
    for (const reset of this.resets.values()) {
      if (!reset.frame || reset.at > this.start) continue;
      this.host.inject(reset.frame);
      reset.frame = undefined;
    }
  }
}

function isDropped(type: number): boolean {
  return (
    type === frameTypes.data ||
    type === frameTypes.rstStream ||
    type === frameTypes.windowUpdate ||
    type === frameTypes.priority
  );
}
