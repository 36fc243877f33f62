/**
 * Where the events of an SSE stream lie in its bytes, for relays and for the diagnosis. What the lines
 * mean to a client is the business of `src/transport/sse-parser.ts`; here only places count, and they are
 * the same however the bytes were cut into reads.
 *
 * A block is the lines up to a blank one, with any of the three line ends. A byte order mark in front of
 * the stream belongs to the first block and not to its text.
 */

export interface BlockSink {
  /** The first byte of a block. */
  onBlockStart(offset: number): void;
  /** The blank line that ends the block begins here. */
  onBlankLine(offset: number): void;
  /** The block's text is there, or as much of it as is kept; once for each block, before its end. */
  onBlockText(text: string): void;
  /**
   * Behind the block's blank line. Whether one that ends in CR is followed by a LF, the next byte tells: it
   * is where the block ends then, framing between the two included, so that nothing has to be held.
   */
  onBlockEnd(offset: number): void;
  /** Behind the first byte of a character of several bytes. */
  onInsideCharacter(offset: number): void;
}

/** Of a block's text; what stands further back does not tell what kind of event it is. */
export const keptBytes = 32 * 1024;

const LF = 10;
const CR = 13;

export class SseBlocks {
  private readonly sink: BlockSink;
  private readonly mostKept: number;
  private readonly kept: Uint8Array[] = [];
  private keptCount = 0;
  /** Bytes of the block so far; 0 between blocks. */
  private size = 0;
  private textSaid = false;
  private lineEmpty = true;
  /** The block ended in a CR: a LF may still belong to it. */
  private endOpen = false;
  private afterCr = false;
  private atStart = true;

  /** @param mostKept - of a block's text, bytes. */
  constructor(sink: BlockSink, mostKept = keptBytes) {
    this.sink = sink;
    this.mostKept = mostKept;
  }

  /** Whether no block has begun. */
  get between(): boolean {
    return this.size === 0;
  }

  feed(bytes: Uint8Array, offset: number): void {
    const { sink } = this;
    let keptFrom = 0;
    for (let index = 0; index < bytes.length; index++) {
      const byte = bytes[index]!;
      const at = offset + index;
      if (this.endOpen) {
        this.endOpen = false;
        sink.onBlockEnd(byte === LF ? at + 1 : at);
        if (byte === LF) {
          this.afterCr = false;
          keptFrom = index + 1;
          continue;
        }
      }
      if (byte === LF && this.afterCr) {
        // The second half of a line's end.
        this.afterCr = false;
        if (this.size > 0) this.size++;
        continue;
      }
      this.afterCr = byte === CR;
      if (byte === LF || byte === CR) {
        if (this.size === 0) continue;
        this.size++;
        if (!this.lineEmpty) {
          this.lineEmpty = true;
          continue;
        }
        sink.onBlankLine(at);
        this.keep(bytes.subarray(keptFrom, index));
        this.sayText();
        this.size = 0;
        keptFrom = index + 1;
        if (byte === CR) this.endOpen = true;
        else sink.onBlockEnd(at + 1);
        continue;
      }
      this.lineEmpty = false;
      if (this.size++ === 0) {
        this.kept.length = 0;
        this.keptCount = 0;
        this.textSaid = false;
        keptFrom = index;
        sink.onBlockStart(at);
      }
      if (byte >= 0xc2 && byte < 0xf5) sink.onInsideCharacter(at + 1);
      else {
        // The rest of the line, as far as nothing in it matters.
        const most = this.textSaid ? bytes.length : index + this.mostKept - this.size;
        const last = ordinaryUntil(bytes, index + 1, Math.min(bytes.length, most + 1)) - 1;
        this.size += last - index;
        index = last;
      }
      if (this.size >= this.mostKept && !this.textSaid) {
        this.keep(bytes.subarray(keptFrom, index + 1));
        keptFrom = index + 1;
        this.sayText();
      }
    }
    if (this.size > 0) this.keep(bytes.subarray(keptFrom));
  }

  /** Says what is there of the running block's text, if it has not been said. */
  sayText(): void {
    if (this.textSaid) return;
    this.textSaid = true;
    const [first] = this.kept;
    const text = (this.kept.length === 1 ? view(first!) : Buffer.concat(this.kept)).toString(
      'utf8',
    );
    this.kept.length = 0;
    this.sink.onBlockText(this.atStart && text.startsWith('\uFEFF') ? text.slice(1) : text);
    this.atStart = false;
  }

  private keep(bytes: Uint8Array): void {
    if (this.textSaid || bytes.length === 0 || this.keptCount >= this.mostKept) return;
    // A read's buffer belongs to the reader for longer than the event lasts; no copy is needed.
    this.kept.push(bytes);
    this.keptCount += bytes.length;
  }
}

/** The first place from `from` on, before `to`, of a line end or a character of several bytes; else `to`. */
function ordinaryUntil(bytes: Uint8Array, from: number, to: number): number {
  let index = from;
  for (; index < to; index++) {
    const byte = bytes[index]!;
    if (byte === LF || byte === CR || byte >= 0xc2) break;
  }
  return index;
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
