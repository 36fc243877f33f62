/**
 * WebSocket framing (RFC 6455) for a client: what a server may send. What a client sends is made by
 * `src/wire/websocket-frame.ts`.
 *
 * Of its own because the frame parser is the hot path of every WebSocket arm: it reads frames out of
 * the kernel's buffer without a stream in between, so that a frame costs little more than the read
 * that brought it. Extensions are never offered, so reserved bits are always an error.
 */
import { opcodes } from '../wire/websocket-frame.ts';

export interface FrameHandlers {
  /** A whole message, fragments joined. The bytes are valid during the call only. */
  onMessage(payload: Buffer): void;
  onPing(payload: Buffer): void;
  /** @param code - 1005 where the frame carried none. */
  onClose(code: number, reason: string): void;
}

/** The peer broke the protocol. The message says how. */
export class WebSocketSyntaxError extends Error {}

/** Largest message accepted, bytes. */
const maxMessageBytes = 64 * 1024 * 1024;
/** Longest header of an unmasked frame: two bytes and a 64-bit length. */
const maxHeaderBytes = 10;

export class WebSocketFrameParser {
  private readonly handlers: FrameHandlers;
  /** The beginning of a header that was split over reads. */
  private readonly header = Buffer.alloc(maxHeaderBytes);
  private headerBytes = 0;
  /** A payload that was split over reads: its room, and how much is there. */
  private payload: Buffer | undefined;
  private payloadBytes = 0;
  private opcode = 0;
  private fin = false;
  /** Fragments of an unfinished message. */
  private fragments: Buffer[] = [];
  private fragmentBytes = 0;
  private inMessage = false;
  private closed = false;

  constructor(handlers: FrameHandlers) {
    this.handlers = handlers;
  }

  /** @throws WebSocketSyntaxError */
  feed(buffer: Buffer, from: number, end: number): void {
    let at = from;
    while (at < end && !this.closed) {
      if (this.payload) {
        const take = Math.min(this.payload.length - this.payloadBytes, end - at);
        buffer.copy(this.payload, this.payloadBytes, at, at + take);
        this.payloadBytes += take;
        at += take;
        if (this.payloadBytes < this.payload.length) return;
        const whole = this.payload;
        this.payload = undefined;
        this.dispatch(whole);
        continue;
      }
      if (this.headerBytes === 0) {
        const size = headerSize(buffer, at, end);
        if (size > 0 && at + size <= end) {
          const length = this.readHeader(buffer, at);
          at = this.takePayload(buffer, at + size, end, length);
          continue;
        }
      }
      // Rare: the header itself is split over reads.
      this.header[this.headerBytes++] = buffer[at++]!;
      const size = headerSize(this.header, 0, this.headerBytes);
      if (size > 0 && size === this.headerBytes) {
        this.headerBytes = 0;
        at = this.takePayload(buffer, at, end, this.readHeader(this.header, 0));
      }
    }
  }

  /** Checks a header. @returns the payload's length. */
  private readHeader(buffer: Buffer, at: number): number {
    const first = buffer[at]!;
    const second = buffer[at + 1]!;
    if (first & 0x70)
      throw new WebSocketSyntaxError('reserved bits are set, but no extension was agreed');
    if (second & 0x80) throw new WebSocketSyntaxError('a server must not mask its frames');
    this.fin = (first & 0x80) !== 0;
    this.opcode = first & 0x0f;
    let length = second & 0x7f;
    if (this.opcode >= 8) {
      if (this.opcode > opcodes.pong) throw unknownOpcode(this.opcode);
      if (!this.fin) throw new WebSocketSyntaxError('a control frame must not be fragmented');
      if (length > 125) throw new WebSocketSyntaxError('a control frame above 125 bytes');
      return length;
    }
    if (this.opcode > opcodes.binary) throw unknownOpcode(this.opcode);
    if ((this.opcode === opcodes.continuation) !== this.inMessage) {
      throw new WebSocketSyntaxError(
        this.inMessage
          ? 'a new message within a fragmented one'
          : 'a continuation without a beginning',
      );
    }
    if (length === 126) length = buffer.readUInt16BE(at + 2);
    else if (length === 127) length = Number(buffer.readBigUInt64BE(at + 2));
    if (length + this.fragmentBytes > maxMessageBytes) {
      throw new WebSocketSyntaxError(`a message above ${maxMessageBytes / 1024 / 1024} MiB`);
    }
    return length;
  }

  private takePayload(buffer: Buffer, at: number, end: number, length: number): number {
    if (at + length <= end) {
      this.dispatch(buffer.subarray(at, at + length));
      return at + length;
    }
    this.payload = Buffer.allocUnsafe(length);
    this.payloadBytes = buffer.copy(this.payload, 0, at, end);
    return end;
  }

  private dispatch(payload: Buffer): void {
    switch (this.opcode) {
      case opcodes.ping:
        this.handlers.onPing(payload);
        return;
      case opcodes.pong:
        return;
      case opcodes.close: {
        this.closed = true;
        if (payload.length === 1) throw new WebSocketSyntaxError('a close frame with half a code');
        const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
        this.handlers.onClose(code, payload.toString('utf8', Math.min(2, payload.length)));
        return;
      }
      default:
        if (this.fin && !this.inMessage) {
          this.handlers.onMessage(payload);
          return;
        }
        this.fragments.push(Buffer.from(payload));
        this.fragmentBytes += payload.length;
        this.inMessage = !this.fin;
        if (this.fin) {
          const whole = Buffer.concat(this.fragments, this.fragmentBytes);
          this.fragments = [];
          this.fragmentBytes = 0;
          this.handlers.onMessage(whole);
        }
    }
  }
}

function unknownOpcode(opcode: number): WebSocketSyntaxError {
  return new WebSocketSyntaxError(`unknown opcode ${opcode}`);
}

/** Bytes of the frame header at a place; 0 where that cannot be known yet. */
function headerSize(buffer: Buffer, at: number, end: number): number {
  if (at + 2 > end) return 0;
  const length = buffer[at + 1]! & 0x7f;
  return length < 126 ? 2 : length === 126 ? 4 : 10;
}
