/**
 * Where the frames and messages of one direction of a WebSocket lie in its bytes (RFC 6455, section 5),
 * for relays: it reads along, accepts everything that a client would refuse, and says all by offset.
 */
import { keptBytes } from './sse-blocks.ts';
import { opcodes } from './websocket-frame.ts';

export interface ScannerSink {
  /** The first byte of a frame that may begin a message: none is running. */
  onFrameStart(offset: number): void;
  /**
   * The message's text is there, or as much of it as is kept; once for each message, before its end.
   * '' where an extension has compressed it.
   */
  onMessageText(text: string): void;
  /** Behind the last byte of a message. */
  onMessageEnd(offset: number): void;
  /** Behind the first byte of a character of several bytes. */
  onInsideCharacter(offset: number): void;
  /**
   * Behind the last byte of any frame: here another frame may be put in.
   *
   * @param inMessage - further fragments follow.
   */
  onFrameEnd(offset: number, inMessage: boolean): void;
}

export class WebSocketScanner {
  private readonly sink: ScannerSink;
  private at: number;
  private readonly header: number[] = [];
  private opcode = 0;
  private fin = false;
  private compressed = false;
  private mask: Uint8Array | undefined;
  private masked = 0;
  private remaining = 0;
  private inFrame = false;
  private inMessage = false;
  private kept: Uint8Array[] = [];
  private keptCount = 0;
  private textSaid = false;

  /** @param at - offset of the first byte that it will be given. */
  constructor(sink: ScannerSink, at: number) {
    this.sink = sink;
    this.at = at;
  }

  /** Whether another frame could be put in here. */
  get betweenFrames(): boolean {
    return !this.inFrame && this.header.length === 0;
  }

  feed(bytes: Uint8Array): void {
    const base = this.at;
    let index = 0;
    while (index < bytes.length) {
      this.at = base + index;
      if (this.inFrame) {
        const end = Math.min(bytes.length, index + this.remaining);
        this.payload(bytes.subarray(index, end));
        index = end;
        continue;
      }
      if (this.header.length === 0 && !this.inMessage) this.sink.onFrameStart(this.at);
      this.header.push(bytes[index++]!);
      if (this.header.length === headerSize(this.header)) {
        this.at = base + index;
        this.beginFrame();
      }
    }
    this.at = base + bytes.length;
  }

  private beginFrame(): void {
    const { header } = this;
    const [first = 0, second = 0] = header;
    this.fin = (first & 0x80) !== 0;
    this.opcode = first & 0x0f;
    const length = second & 0x7f;
    this.remaining =
      length < 126
        ? length
        : header.slice(2, length === 126 ? 4 : 10).reduce((sum, byte) => sum * 256 + byte, 0);
    this.mask = second & 0x80 ? Uint8Array.from(header.slice(-4)) : undefined;
    this.masked = 0;
    header.length = 0;
    this.inFrame = true;
    if (this.opcode === opcodes.text || this.opcode === opcodes.binary) {
      this.inMessage = true;
      this.compressed = (first & 0x40) !== 0;
      this.kept = [];
      this.keptCount = 0;
      this.textSaid = false;
    }
    if (this.remaining === 0) this.endFrame();
  }

  private payload(bytes: Uint8Array): void {
    this.remaining -= bytes.length;
    if (this.inMessage && this.opcode < opcodes.close && !this.compressed) this.data(bytes);
    this.at += bytes.length;
    if (this.remaining === 0) this.endFrame();
  }

  private data(bytes: Uint8Array): void {
    const plain = this.mask ? this.unmasked(bytes) : bytes;
    for (let index = 0; index < plain.length; index++) {
      const byte = plain[index]!;
      if (byte >= 0xc2 && byte < 0xf5) this.sink.onInsideCharacter(this.at + index + 1);
    }
    if (this.textSaid) return;
    const room = keptBytes - this.keptCount;
    this.kept.push(plain.subarray(0, room));
    this.keptCount += Math.min(room, plain.length);
    if (plain.length >= room) this.sayText();
  }

  private unmasked(bytes: Uint8Array): Uint8Array {
    const mask = this.mask!;
    const plain = bytes.map((byte, index) => byte ^ mask[(this.masked + index) & 3]!);
    this.masked += bytes.length;
    return plain;
  }

  private sayText(): void {
    if (this.textSaid) return;
    this.textSaid = true;
    this.sink.onMessageText(Buffer.concat(this.kept).toString('utf8'));
    this.kept = [];
  }

  private endFrame(): void {
    this.inFrame = false;
    if (this.fin && this.inMessage && this.opcode < opcodes.close) {
      this.inMessage = false;
      this.sayText();
      this.sink.onMessageEnd(this.at);
    }
    this.sink.onFrameEnd(this.at, this.inMessage);
  }
}

/** Bytes of a frame's header, as far as the bytes there tell. */
function headerSize(header: readonly number[]): number {
  if (header.length < 2) return 2;
  const length = header[1]! & 0x7f;
  const extended = length < 126 ? 0 : length === 126 ? 2 : 8;
  return 2 + extended + (header[1]! & 0x80 ? 4 : 0);
}
