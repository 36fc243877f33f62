/**
 * Divides a body into events as its bytes come, and says for each in which read it began.
 *
 * Other than the parser of a measuring run it must know where an event's first byte was: an event
 * whose halves come a burst apart has been cut by a buffer, and nothing else does that.
 */

export type Divider =
  /** Server-Sent Events: blocks that end in a blank line. */
  | { kind: 'sse' }
  /** Records that end in given bytes: NDJSON with a line feed, or whatever a user names. */
  | { kind: 'delimiter'; bytes: Buffer }
  /** Nothing to go by: what one read brings counts as one event. */
  | { kind: 'reads' };

export interface Piece {
  /** Without its end. */
  text: string;
  size: number;
  /** The read that brought its first byte. */
  firstRead: number;
}

const LF = 0x0a;
const CR = 0x0d;
/** More than this without an end is not kept for its text; its size still counts. */
const keptBytes = 1024 * 1024;

export class EventSplitter {
  private readonly divider: Divider;
  private parts: Buffer[] = [];
  private size = 0;
  private firstRead = 0;
  /** Within SSE: bytes of the current line, and whether a CR has just ended one. */
  private lineBytes = 0;
  private afterCr = false;
  private matched = 0;

  constructor(divider: Divider) {
    this.divider = divider;
  }

  /** Bytes of an event that has begun and not ended. */
  get pending(): number {
    return this.size;
  }

  /** @returns the events that these bytes complete, in order. */
  feed(bytes: Buffer, read: number): Piece[] {
    if (bytes.length === 0) return [];
    if (this.divider.kind === 'reads') {
      return [{ text: bytes.toString('utf8'), size: bytes.length, firstRead: read }];
    }
    const done: Piece[] = [];
    let from = 0;
    for (let at = 0; at < bytes.length; at++) {
      if (!this.ends(bytes[at]!)) continue;
      this.keep(bytes.subarray(from, at + 1), read);
      from = at + 1;
      const piece = this.take();
      if (piece) done.push(piece);
    }
    if (from < bytes.length) this.keep(bytes.subarray(from), read);
    return done;
  }

  private ends(byte: number): boolean {
    const { divider } = this;
    if (divider.kind === 'delimiter') return this.endsRecord(byte, divider.bytes);
    if (this.afterCr && byte === LF) {
      // The second half of a line end that has counted already.
      this.afterCr = false;
      return false;
    }
    this.afterCr = byte === CR;
    if (byte !== LF && byte !== CR) {
      this.lineBytes += 1;
      return false;
    }
    const blank = this.lineBytes === 0;
    this.lineBytes = 0;
    return blank;
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
