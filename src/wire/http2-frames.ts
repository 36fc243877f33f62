/** HTTP/2 frames (RFC 9113, section 4) as a relay reads and writes them. Header blocks stay closed. */

export const http2Preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

export const frameTypes = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const frameFlags = { endStream: 1, endHeaders: 4, padded: 8 } as const;

/** RFC 9113, section 7; the place in the list is the code. */
export const http2ErrorCodes = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
] as const;

export const frameHeaderBytes = 9;

export interface FrameHeader {
  type: number;
  flags: number;
  stream: number;
  /** Of the payload. */
  length: number;
}

export function readFrameHeader(bytes: Uint8Array): FrameHeader {
  return {
    length: (bytes[0]! << 16) | (bytes[1]! << 8) | bytes[2]!,
    type: bytes[3]!,
    flags: bytes[4]!,
    stream: ((bytes[5]! & 0x7f) << 24) | (bytes[6]! << 16) | (bytes[7]! << 8) | bytes[8]!,
  };
}

export function writeFrameHeader({ length, type, flags, stream }: FrameHeader): Uint8Array {
  const bytes = Buffer.alloc(frameHeaderBytes);
  bytes.writeUIntBE(length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(stream, 5);
  return bytes;
}

function oneNumber(type: number, stream: number, value: number): Uint8Array {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(value);
  return Buffer.concat([writeFrameHeader({ length: 4, type, flags: 0, stream }), payload]);
}

export function rstStream(stream: number, code: number): Uint8Array {
  return oneNumber(frameTypes.rstStream, stream, code);
}

/** @param stream - 0: the connection. */
export function windowUpdate(stream: number, bytes: number): Uint8Array {
  return oneNumber(frameTypes.windowUpdate, stream, bytes);
}

export interface FrameSink {
  onFrameStart(header: FrameHeader, offset: number): void;
  /** Payload as it comes; a view, and where its first byte lies. */
  onPayload(header: FrameHeader, bytes: Uint8Array, offset: number): void;
  onFrameEnd(header: FrameHeader, offset: number): void;
}

/** Divides the bytes of one direction, after the preface, into frames; all by offset. */
export class Http2FrameScanner {
  private readonly sink: FrameSink;
  private at: number;
  private readonly head = new Uint8Array(frameHeaderBytes);
  private headBytes = 0;
  private frame: FrameHeader | undefined;
  private remaining = 0;

  /** @param at - offset of the first byte that it will be given. */
  constructor(sink: FrameSink, at: number) {
    this.sink = sink;
    this.at = at;
  }

  /** Where a frame begins of which it is not yet known what it is; Infinity where none does. */
  get unknownFrom(): number {
    return this.headBytes > 0 ? this.at - this.headBytes : Number.POSITIVE_INFINITY;
  }

  feed(bytes: Uint8Array): void {
    const base = this.at;
    let index = 0;
    while (index < bytes.length) {
      if (!this.frame) {
        this.head[this.headBytes++] = bytes[index++]!;
        if (this.headBytes < frameHeaderBytes) continue;
        this.headBytes = 0;
        this.frame = readFrameHeader(this.head);
        this.remaining = this.frame.length;
        this.sink.onFrameStart(this.frame, base + index - frameHeaderBytes);
      } else {
        const end = Math.min(bytes.length, index + this.remaining);
        this.remaining -= end - index;
        this.sink.onPayload(this.frame, bytes.subarray(index, end), base + index);
        index = end;
      }
      if (this.remaining === 0) {
        const { frame } = this;
        this.frame = undefined;
        this.sink.onFrameEnd(frame, base + index);
      }
    }
    this.at = base + bytes.length;
  }
}
