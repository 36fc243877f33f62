/**
 * A client's reading of one HTTP/1 response (RFC 9112): takes bytes as they are read and passes on the
 * body's, for the channels of a run and the probes of a diagnosis.
 *
 * Of its own because a load generator needs what client libraries hide: which socket read brought a
 * byte, how the server cut its chunks, whether the final one ever came, and nothing between the read and
 * the time stamp.
 *
 * Two other readers do other work: http1-framing.ts says where the messages of a connection lie, for
 * relays, which hold no byte back; chunked-decoder.ts knows of a body alone, and how much of it must still
 * come, for simulated proxies.
 */

/** What marks the end of a body. `close`: the end of the connection; `none`: there is no body. */
export type ResponseFraming = 'chunked' | 'length' | 'close' | 'none';

/** What a response says of itself in addition to its status and headers. */
export interface ResponseLine {
  httpVersion: '1.0' | '1.1';
  statusText: string;
  framing: ResponseFraming;
  /** The headers in order, names in lower case; a name may come more than once. */
  list: readonly (readonly [name: string, value: string])[];
}

export interface ResponseHandlers {
  /** Status line and headers are complete. Header names are lower case, repeated ones joined by ', '. */
  onHead(status: number, headers: Record<string, string>, line: ResponseLine): void;
  /** Body bytes, a view valid during the call only. */
  onBody(bytes: Buffer): void;
  /** A chunk with data begins; its size as it was written, bytes. */
  onChunk?(size: number): void;
  /** Framing ended as the protocol asks. */
  onComplete(keepAlive: boolean): void;
}

/** The bytes are not an HTTP/1 response. The message says what was wrong. */
export class HttpSyntaxError extends Error {}

const maxHeadBytes = 64 * 1024;
const CR = 13;
const LF = 10;

type State =
  | 'head'
  | 'length'
  | 'until_close'
  | 'chunk_size'
  | 'chunk_extension'
  | 'chunk_data'
  | 'chunk_end'
  | 'trailer'
  | 'switched'
  | 'done';

export class Http1ResponseParser {
  private readonly handlers: ResponseHandlers;
  private state: State = 'head';
  private headBytes: Buffer | undefined;
  private remaining = 0;
  private sizeDigits = 0;
  private trailerLine = 0;
  private keepAlive = true;
  private readonly bodiless: boolean;

  /** @param method - of the requests that are answered; no body follows where it is HEAD. */
  constructor(handlers: ResponseHandlers, method = 'GET') {
    this.handlers = handlers;
    this.bodiless = method === 'HEAD';
  }

  /** Ready for the next response on the same connection. */
  reset(): void {
    this.state = 'head';
    this.headBytes = undefined;
  }

  /** Whether any byte of the current response was seen. */
  get started(): boolean {
    return this.state !== 'head' || this.headBytes !== undefined;
  }

  /**
   * @returns how many bytes were taken: fewer than `end` only after a 101, where the protocol changes.
   * @throws HttpSyntaxError
   */
  feed(buffer: Buffer, end: number): number {
    let at = 0;
    while (at < end) {
      switch (this.state) {
        case 'head':
          at = this.readHead(buffer, at, end);
          break;
        case 'length': {
          const take = Math.min(this.remaining, end - at);
          this.remaining -= take;
          this.handlers.onBody(buffer.subarray(at, at + take));
          at += take;
          // The handler may have reset or abandoned the response.
          if (this.state === 'length' && this.remaining === 0) this.finish();
          break;
        }
        case 'until_close':
          this.handlers.onBody(buffer.subarray(at, end));
          return end;
        case 'chunk_size':
          at = this.readChunkSize(buffer, at, end);
          break;
        case 'chunk_extension': {
          const lineEnd = buffer.indexOf(LF, at);
          if (lineEnd < 0 || lineEnd >= end) return end;
          at = lineEnd + 1;
          this.afterChunkSize();
          break;
        }
        case 'chunk_data': {
          const take = Math.min(this.remaining, end - at);
          this.remaining -= take;
          if (this.remaining === 0) this.state = 'chunk_end';
          this.handlers.onBody(buffer.subarray(at, at + take));
          at += take;
          break;
        }
        case 'chunk_end': {
          const byte = buffer[at++]!;
          if (byte === LF) {
            this.state = 'chunk_size';
            this.remaining = 0;
            this.sizeDigits = 0;
          } else if (byte !== CR) {
            throw new HttpSyntaxError('chunk data is longer than its chunk size');
          }
          break;
        }
        case 'trailer': {
          const byte = buffer[at++]!;
          if (byte === LF) {
            if (this.trailerLine === 0) this.finish();
            this.trailerLine = 0;
          } else if (byte !== CR) {
            this.trailerLine++;
          }
          break;
        }
        case 'switched':
          return at;
        case 'done':
          throw new HttpSyntaxError('bytes after the end of the response');
      }
    }
    return at;
  }

  /**
   * The peer has closed.
   * @returns undefined where that ends the body as the protocol asks, else what is missing.
   */
  end(): string | undefined {
    if (this.state === 'done' || this.state === 'switched') return undefined;
    if (this.state === 'until_close') {
      this.keepAlive = false;
      this.finish();
      return undefined;
    }
    if (this.state === 'head') {
      return this.started
        ? 'closed within the response headers'
        : 'closed before the response headers';
    }
    if (this.state === 'length')
      return `closed ${this.remaining} bytes before the announced length`;
    if (this.state === 'chunk_data') return 'closed within a chunk';
    return 'closed without the final chunk';
  }

  private finish(): void {
    this.state = 'done';
    this.handlers.onComplete(this.keepAlive);
  }

  private readHead(buffer: Buffer, from: number, end: number): number {
    const fresh = buffer.subarray(from, end);
    const carried = this.headBytes?.length ?? 0;
    const head = this.headBytes ? Buffer.concat([this.headBytes, fresh]) : fresh;
    const stop = head.indexOf('\r\n\r\n');
    if (stop < 0) {
      if (head.length > maxHeadBytes) throw new HttpSyntaxError('response headers above 64 KiB');
      // The read buffer is reused; what must survive the call is copied.
      this.headBytes = this.headBytes ? head : Buffer.from(fresh);
      if (head.length >= 5 && head.toString('latin1', 0, 5) !== 'HTTP/') {
        throw new HttpSyntaxError(`not an HTTP response: starts with ${quote(head)}`);
      }
      return end;
    }
    this.headBytes = undefined;
    const consumed = from + stop + 4 - carried;
    this.parseHead(head.toString('latin1', 0, stop));
    return consumed;
  }

  private parseHead(text: string): void {
    const lines = text.split('\r\n');
    const match = /^HTTP\/1\.([01]) (\d{3})(?: (.*))?$/s.exec(lines[0]!);
    if (!match)
      throw new HttpSyntaxError(`not an HTTP/1.1 status line: ${quote(Buffer.from(lines[0]!))}`);
    const status = Number(match[2]);
    const headers: Record<string, string> = {};
    const list: [string, string][] = [];
    for (let i = 1; i < lines.length; i++) {
      const line = lines[i]!;
      const colon = line.indexOf(':');
      if (colon <= 0)
        throw new HttpSyntaxError(`header line without a name: ${quote(Buffer.from(line))}`);
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
      list.push([name, value]);
    }
    if (status >= 100 && status < 200 && status !== 101) return; // 100 Continue, 103 Early Hints
    const connection = (headers['connection'] ?? '').toLowerCase();
    this.keepAlive =
      match[1] === '1' ? !connection.includes('close') : connection.includes('keep-alive');
    let framing: ResponseFraming = 'none';
    if (status === 101) {
      this.state = 'switched';
    } else if (status === 204 || status === 304 || this.bodiless) {
      this.state = 'done';
    } else if ((headers['transfer-encoding'] ?? '').toLowerCase().endsWith('chunked')) {
      framing = 'chunked';
      this.state = 'chunk_size';
      this.remaining = 0;
      this.sizeDigits = 0;
    } else if (headers['content-length'] !== undefined) {
      this.remaining = Number(headers['content-length']);
      if (!Number.isInteger(this.remaining) || this.remaining < 0) {
        throw new HttpSyntaxError(`content-length is not a number: ${headers['content-length']}`);
      }
      framing = 'length';
      this.state = this.remaining === 0 ? 'done' : 'length';
    } else {
      framing = 'close';
      this.state = 'until_close';
    }
    const httpVersion = match[1] === '1' ? '1.1' : '1.0';
    this.handlers.onHead(status, headers, {
      httpVersion,
      statusText: match[3] ?? '',
      framing,
      list,
    });
    if (this.state === 'done') this.handlers.onComplete(this.keepAlive);
  }

  private readChunkSize(buffer: Buffer, from: number, end: number): number {
    for (let at = from; at < end; at++) {
      const byte = buffer[at]!;
      let digit = -1;
      if (byte >= 48 && byte <= 57) digit = byte - 48;
      else if (byte >= 97 && byte <= 102) digit = byte - 87;
      else if (byte >= 65 && byte <= 70) digit = byte - 55;
      if (digit >= 0) {
        if (++this.sizeDigits > 12) throw new HttpSyntaxError('chunk size is absurdly large');
        this.remaining = this.remaining * 16 + digit;
      } else if (byte === LF) {
        this.afterChunkSize();
        return at + 1;
      } else if (byte === 59 /* ; */ || byte === 32 || byte === 9) {
        this.state = 'chunk_extension';
        return at + 1;
      } else if (byte !== CR) {
        throw new HttpSyntaxError(`chunk size has the byte 0x${byte.toString(16)}`);
      }
    }
    return end;
  }

  private afterChunkSize(): void {
    if (this.sizeDigits === 0) throw new HttpSyntaxError('chunk without a size');
    this.sizeDigits = 0;
    this.state = this.remaining === 0 ? 'trailer' : 'chunk_data';
    this.trailerLine = 0;
    if (this.remaining > 0) this.handlers.onChunk?.(this.remaining);
  }
}

function quote(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1', 0, 40));
}
