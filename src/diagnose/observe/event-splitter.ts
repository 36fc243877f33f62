/**
 * Divides a body into events as its bytes come, and says for each in which read it began.
 *
 * Other than the parser of a measuring run it must know where an event's first byte was: an event
 * whose halves come a burst apart has been cut by a buffer, and nothing else does that.
 */
import { SseBlocks, type BlockSink } from '../../wire/sse-blocks.ts';

export type Divider =
  /** Server-Sent Events: blocks that end in a blank line. */
  | { kind: 'sse' }
  /** Records that end in given bytes: NDJSON with a line feed, or whatever a user names. */
  | { kind: 'delimiter'; bytes: Buffer }
  /** Nothing to go by: what one read brings counts as one event. */
  | { kind: 'reads' };

export interface Piece {
  text: string;
  /** On the wire, what ends it included, bytes. */
  size: number;
  /** The read that brought its first byte. */
  firstRead: number;
}

/** More than this of an event is not kept for its text, bytes; its size still counts. */
const keptBytes = 1024 * 1024;

export class EventSplitter {
  private readonly divider: Divider;
  private readonly blocks: BlockPieces | undefined;
  private parts: Buffer[] = [];
  private size = 0;
  private firstRead = 0;
  private matched = 0;

  constructor(divider: Divider) {
    this.divider = divider;
    if (divider.kind === 'sse') this.blocks = new BlockPieces();
  }

  /** @returns the events that these bytes complete, in order. */
  feed(bytes: Buffer, read: number): Piece[] {
    if (bytes.length === 0) return [];
    if (this.blocks) return this.blocks.feed(bytes, read);
    if (this.divider.kind !== 'delimiter') {
      return [{ text: bytes.toString('utf8'), size: bytes.length, firstRead: read }];
    }
    const done: Piece[] = [];
    let from = 0;
    for (let at = 0; at < bytes.length; at++) {
      if (!this.endsRecord(bytes[at]!, this.divider.bytes)) continue;
      this.keep(bytes.subarray(from, at + 1), read);
      from = at + 1;
      const piece = this.take();
      if (piece) done.push(piece);
    }
    if (from < bytes.length) this.keep(bytes.subarray(from), read);
    return done;
  }

  private endsRecord(byte: number, delimiter: Buffer): boolean {
    // Delimiters are short and do not overlap with themselves in practice: no table is needed.
    if (byte === delimiter[this.matched]) this.matched += 1;
    else this.matched = byte === delimiter[0] ? 1 : 0;
    if (this.matched < delimiter.length) return false;
    this.matched = 0;
    return true;
  }

  private keep(bytes: Buffer, read: number): void {
    if (this.size === 0) this.firstRead = read;
    if (this.size < keptBytes) this.parts.push(bytes);
    this.size += bytes.length;
  }

  private take(): Piece | undefined {
    const text = Buffer.concat(this.parts).toString('utf8');
    const piece = { text, size: this.size, firstRead: this.firstRead };
    this.parts = [];
    this.size = 0;
    // A line end alone, as between records: no event.
    return text.trim() === '' ? undefined : piece;
  }
}

/** The blocks of an SSE stream as pieces. A block is there with the first byte of its blank line's end. */
class BlockPieces implements BlockSink {
  private readonly blocks = new SseBlocks(this, keptBytes);
  private done: Piece[] = [];
  private offset = 0;
  private start = 0;
  private read = 0;
  private piece: Piece = { text: '', size: 0, firstRead: 0 };

  feed(bytes: Buffer, read: number): Piece[] {
    this.read = read;
    this.done = [];
    this.blocks.feed(bytes, this.offset);
    this.offset += bytes.length;
    return this.done;
  }

  onBlockStart(offset: number): void {
    this.start = offset;
    this.piece = { text: '', size: 0, firstRead: this.read };
  }

  onBlankLine(offset: number): void {
    this.piece.size = offset + 1 - this.start;
    this.done.push(this.piece);
  }

  onBlockText(text: string): void {
    this.piece.text = text;
  }

  /** Counts the LF of a CR LF, where it came in the same read; else the event has not waited for it. */
  onBlockEnd(offset: number): void {
    this.piece.size = offset - this.start;
  }

  onInsideCharacter(): void {}
}

/** An SSE block's event name and data; `data` undefined where it has none: a keep-alive. */
export function readBlock(block: string): { event: string; data: string | undefined } {
  let event = '';
  let data: string | undefined;
  for (const line of block.split(/\r\n|\r|\n/)) {
    const colon = line.indexOf(':');
    if (colon === 0) continue;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') data = data === undefined ? value : `${data}\n${value}`;
    else if (name === 'event') event = value;
  }
  return { event, data };
}
