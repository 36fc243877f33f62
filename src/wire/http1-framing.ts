/**
 * Where the messages of an HTTP/1.1 connection lie in its bytes (RFC 9112), one direction of it. For
 * relays: it reads along without holding a byte, and says everything by offset from the connection's
 * first byte, so that it does not matter how the bytes were cut into reads. It never says that bytes are
 * wrong, only that it has lost its place: a relay passes on what it cannot read. A client's reading of an
 * answer, which must be strict, is http1-response.ts.
 */

export interface Head {
  /** Of a request. */
  method: string;
  target: string;
  /** Of a response. */
  status: number;
  /** Names in lower case, repeated ones joined by ', '. */
  headers: Readonly<Record<string, string>>;
}

export interface FramingSink {
  /** The first byte of a message. */
  onStart(offset: number): void;
  /**
   * The head is complete.
   *
   * @returns `none` where no body follows whatever the headers say, `switch` where another protocol
   *   takes over behind it.
   */
  onHead(head: Head): 'none' | 'switch' | undefined;
  /** Bytes of the body; a view, and where its first byte lies. */
  onBody(bytes: Uint8Array, offset: number): void;
  /** The size line of a chunk begins. */
  onChunkLine(offset: number): void;
  /** A chunk's size is known: 0 for the final one. `line`: where its size line began. */
  onChunk(line: number, data: number, size: number): void;
  /** Behind the last byte of a message. */
  onEnd(offset: number): void;
  /** Bytes that are not HTTP/1.1: nothing more will be said. */
  onLost(): void;
}

type State =
  | 'start'
  | 'head'
  | 'length'
  | 'until_close'
  | 'chunk_size'
  | 'chunk_extension'
  | 'chunk_data'
  | 'chunk_end'
  | 'trailer'
  | 'switched'
  | 'lost';

const longestHead = 64 * 1024;
const LF = 10;
const CR = 13;

export class Http1Framing {
  private readonly role: 'request' | 'response';
  private readonly sink: FramingSink;
  private state: State = 'start';
  private headText = '';
  private remaining = 0;
  private digits = 0;
  private lineBytes = 0;
  private chunkLine = 0;
  /** Of the next byte. */
  private at: number;

  /** @param at - offset of the first byte that it will be given. */
  constructor(role: 'request' | 'response', sink: FramingSink, at = 0) {
    this.role = role;
    this.sink = sink;
    this.at = at;
  }

  /** Where the data of the running chunk ends; -1 outside chunks. */
  get chunkEnd(): number {
    return this.state === 'chunk_data' ? this.at + this.remaining : -1;
  }

  /**
   * @returns how many bytes were taken: fewer than all only where another protocol takes over.
   */
  feed(bytes: Uint8Array): number {
    const base = this.at;
    let index = 0;
    while (index < bytes.length) {
      this.at = base + index;
      switch (this.state) {
        case 'start':
          // Empty lines between messages are to be ignored.
          if (bytes[index] === CR || bytes[index] === LF) {
            index++;
            break;
          }
          this.headText = '';
          this.state = 'head';
          this.sink.onStart(this.at);
          break;
        case 'head':
          index = this.head(bytes, index);
          break;
        case 'length':
        case 'chunk_data': {
          const end = Math.min(bytes.length, index + this.remaining);
          this.sink.onBody(bytes.subarray(index, end), this.at);
          this.remaining -= end - index;
          this.at = base + end;
          index = end;
          if (this.remaining > 0) break;
          if (this.state === 'length') this.finish();
          else this.state = 'chunk_end';
          break;
        }
        case 'until_close':
          this.sink.onBody(bytes.subarray(index), this.at);
          index = bytes.length;
          break;
        case 'switched':
          return index;
        case 'lost':
          index = bytes.length;
          break;
        default:
          this.chunkByte(bytes[index]!);
          index++;
      }
    }
    this.at = base + bytes.length;
    return index;
  }

  private chunkByte(byte: number): void {
    switch (this.state) {
      case 'chunk_size': {
        if (this.lineBytes++ === 0) {
          this.chunkLine = this.at;
          this.sink.onChunkLine(this.at);
        }
        const digit = hexDigit(byte);
        if (digit >= 0 && this.digits < 12) {
          this.digits++;
          this.remaining = this.remaining * 16 + digit;
        } else if (byte === LF && this.digits > 0) this.sizeKnown();
        else if (byte === 59 || byte === 32 || byte === 9) this.state = 'chunk_extension';
        else if (byte !== CR) this.lose();
        return;
      }
      case 'chunk_extension':
        if (byte === LF) this.sizeKnown();
        return;
      case 'chunk_end':
        if (byte === LF) this.nextChunk();
        else if (byte !== CR) this.lose();
        return;
      case 'trailer':
        if (byte === CR) return;
        if (byte !== LF) this.lineBytes++;
        else if (this.lineBytes > 0) this.lineBytes = 0;
        else {
          this.at++;
          this.finish();
        }
    }
  }

  private nextChunk(): void {
    this.state = 'chunk_size';
    this.remaining = 0;
    this.digits = 0;
    this.lineBytes = 0;
  }

  private sizeKnown(): void {
    this.lineBytes = 0;
    this.state = this.remaining === 0 ? 'trailer' : 'chunk_data';
    this.sink.onChunk(this.chunkLine, this.at + 1, this.remaining);
  }

  /** Takes bytes of a head. @returns the index behind them. */
  private head(bytes: Uint8Array, from: number): number {
    let index = from;
    while (index < bytes.length) {
      const lineEnd = bytes.indexOf(LF, index);
      const to = lineEnd < 0 ? bytes.length : lineEnd + 1;
      this.headText += latin1(bytes.subarray(index, to));
      index = to;
      if (this.headText.length > longestHead || !this.plausible()) {
        this.lose();
        return index;
      }
      if (lineEnd >= 0 && /\n\r?\n$/.test(this.headText)) {
        this.at += index - from;
        this.headKnown();
        return index;
      }
    }
    return index;
  }

  private plausible(): boolean {
    return this.role === 'response'
      ? this.headText.length < 5 || this.headText.startsWith('HTTP/')
      : /^[!-~]{1,40}( |$)/.test(this.headText);
  }

  private headKnown(): void {
    const [first = '', ...lines] = this.headText.trimEnd().split(/\r?\n/);
    const response = this.role === 'response';
    const match = response
      ? /^HTTP\/1\.[01] (\d{3})/.exec(first)
      : /^(\S+) (\S+) HTTP\/1\.[01]$/.exec(first);
    if (!match) {
      this.lose();
      return;
    }
    const headers: Record<string, string> = {};
    for (const line of lines) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
    }
    const status = response ? Number(match[1]) : 0;
    const verdict = this.sink.onHead({
      method: response ? '' : match[1]!,
      target: response ? '' : match[2]!,
      status,
      headers,
    });
    if (verdict === 'switch') {
      this.state = 'switched';
      return;
    }
    const empty = response && (status < 200 || status === 204 || status === 304);
    if (verdict === 'none' || empty) this.finish();
    else if (/chunked$/i.test(headers['transfer-encoding'] ?? '')) this.nextChunk();
    else if (headers['content-length'] !== undefined || !response) {
      this.remaining = Number(headers['content-length'] ?? 0);
      if (!Number.isSafeInteger(this.remaining) || this.remaining < 0) this.lose();
      else if (this.remaining === 0) this.finish();
      else this.state = 'length';
    } else this.state = 'until_close';
  }

  private finish(): void {
    this.state = 'start';
    this.sink.onEnd(this.at);
  }

  private lose(): void {
    this.state = 'lost';
    this.sink.onLost();
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  if (byte >= 97 && byte <= 102) return byte - 87;
  return byte >= 65 && byte <= 70 ? byte - 55 : -1;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
