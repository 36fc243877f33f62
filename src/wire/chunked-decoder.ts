/**
 * Takes the chunk lines of HTTP/1.1 out of a body as it arrives (RFC 9112, section 7.1), for simulated
 * proxies: it says how much more a reader needs to see, which is what nginx's release of a chunked body
 * depends on, and a client's reader does not know.
 *
 * Where messages lie on a connection is http1-framing.ts; a client's whole answer is http1-response.ts.
 */
import { StreamgaugeError } from '../errors.ts';

type State = 'size' | 'size-end' | 'data' | 'data-cr' | 'data-lf' | 'trailers' | 'done';

const cr = 13;
const lf = 10;
/** CR LF "0" CR LF CR LF: what must still follow the data of a chunk. */
const afterData = 7;
/** "0" CR LF CR LF: the least that can follow a whole chunk. */
const atStart = 5;

export class ChunkedDecoder {
  private state: State = 'size';
  private remaining = 0;
  private digits = 0;
  private trailerBytes = 0;

  /** The final chunk and its trailers are through. */
  get complete(): boolean {
    return this.state === 'done';
  }

  /**
   * The least number of bytes that must follow what was decoded so far, for the body to be complete.
   * In the middle of a chunk it is what the chunk lacks and the shortest end after it.
   */
  get minimum(): number {
    switch (this.state) {
      case 'size':
        return this.digits === 0 ? atStart : 2 + this.remaining + afterData;
      case 'size-end':
        return 1 + this.remaining + afterData;
      case 'data':
        return this.remaining + afterData;
      case 'data-cr':
      case 'data-lf':
        return afterData;
      case 'trailers':
        return 1;
      case 'done':
        return 0;
    }
  }

  /**
   * @returns the data among `wire`, as views into it.
   * @throws StreamgaugeError where it is not chunked coding.
   */
  decode<Bytes extends Uint8Array>(wire: Bytes): Bytes[] {
    const parts: Bytes[] = [];
    let at = 0;
    while (at < wire.length) {
      if (this.state === 'data') {
        const end = Math.min(wire.length, at + this.remaining);
        parts.push(wire.subarray(at, end) as Bytes);
        this.remaining -= end - at;
        at = end;
        if (this.remaining === 0) this.state = 'data-cr';
        continue;
      }
      if (this.state === 'done') break;
      this.line(wire[at]!);
      at += 1;
    }
    return parts;
  }

  private line(byte: number): void {
    switch (this.state) {
      case 'size':
        if (byte === cr) break;
        if (byte === lf) this.sizeKnown();
        // After the digits may come extensions, which are not needed.
        else if (byte === 59 || byte === 32) this.state = 'size-end';
        else this.digit(byte);
        break;
      case 'size-end':
        if (byte === lf) this.sizeKnown();
        break;
      case 'data-cr':
      case 'data-lf':
        if (byte === lf) {
          this.state = 'size';
          this.digits = 0;
        } else if (byte === cr) this.state = 'data-lf';
        else throw notChunked();
        break;
      case 'trailers':
        if (byte === cr) break;
        if (byte !== lf) this.trailerBytes += 1;
        // An empty line ends the trailers, and the body.
        else if (this.trailerBytes === 0) this.state = 'done';
        else this.trailerBytes = 0;
        break;
      default:
        break;
    }
  }

  private digit(byte: number): void {
    const value = Number.parseInt(String.fromCharCode(byte), 16);
    if (Number.isNaN(value) || this.digits === 12) throw notChunked();
    this.remaining = this.remaining * 16 + value;
    this.digits += 1;
  }

  private sizeKnown(): void {
    if (this.digits === 0) throw notChunked();
    this.state = this.remaining === 0 ? 'trailers' : 'data';
  }
}

function notChunked(): StreamgaugeError {
  return new StreamgaugeError('the target sent a body that is not in chunked coding', {
    code: 'bad-chunk',
  });
}
