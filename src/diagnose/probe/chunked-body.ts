/** The body of an HTTP/1 answer as it comes: bytes out, and the chunk sizes as they were written. */
import type { BodyFraming } from '../observe/observation.ts';

const LF = 0x0a;
const longestLine = 4096;

export class BodyDecoder {
  readonly framing: BodyFraming;
  readonly chunkSizes: number[] = [];
  /** Body complete, as the framing says; never for a body that ends with its connection. */
  complete = false;
  /** Bytes after the end; there should be none. */
  excess = 0;
  private state: 'size' | 'data' | 'data_end' | 'trailer' = 'size';
  private line = '';
  private left: number;

  /** @param length - the declared length, where the framing is `length`. */
  constructor(framing: BodyFraming, length = 0) {
    this.framing = framing;
    this.left = framing === 'length' ? length : 0;
    this.complete = framing === 'none' || (framing === 'length' && length === 0);
  }

  /**
   * @returns the parts of the body in these bytes.
   * @throws Error where they are not chunks.
   */
  feed(bytes: Buffer): Buffer[] {
    if (this.complete) {
      this.excess += bytes.length;
      return [];
    }
    if (this.framing === 'chunked') return this.chunks(bytes);
    if (this.framing !== 'length') return [bytes];
    const part = bytes.subarray(0, this.left);
    this.left -= part.length;
    this.complete = this.left === 0;
    this.excess += bytes.length - part.length;
    return [part];
  }

  private chunks(bytes: Buffer): Buffer[] {
    const parts: Buffer[] = [];
    let at = 0;
    while (at < bytes.length && !this.complete) {
      if (this.state === 'data') {
        const part = bytes.subarray(at, at + this.left);
        parts.push(part);
        at += part.length;
        this.left -= part.length;
        if (this.left === 0) this.state = 'data_end';
        continue;
      }
      const end = bytes.indexOf(LF, at);
      this.line += bytes.toString('latin1', at, end < 0 ? bytes.length : end);
      if (this.line.length > longestLine) throw new Error('a chunk line does not end');
      if (end < 0) break;
      at = end + 1;
      this.takeLine(this.line.replace(/\r$/, ''));
      this.line = '';
    }
    if (this.complete) this.excess += bytes.length - at;
    return parts;
  }

  private takeLine(line: string): void {
    if (this.state === 'data_end') {
      this.state = 'size';
      return;
    }
    if (this.state === 'trailer') {
      this.complete = line === '';
      return;
    }
    const size = line.split(';')[0]!.trim();
    if (!/^[0-9a-f]{1,12}$/i.test(size)) throw new Error(`"${size.slice(0, 20)}" is no chunk size`);
    this.left = Number.parseInt(size, 16);
    if (this.left === 0) {
      this.state = 'trailer';
      return;
    }
    this.chunkSizes.push(this.left);
    this.state = 'data';
  }
}
