/** The body of an HTTP/1 answer as it comes: bytes out, and the chunk sizes as they were written. */
import { ChunkedDecoder } from '../../wire/chunked-decoder.ts';
import type { BodyFraming } from '../observe/observation.ts';

export class BodyDecoder {
  readonly framing: BodyFraming;
  readonly chunkSizes: number[] = [];
  /** Body complete, as the framing says; never for a body that ends with its connection. */
  complete = false;
  /** Bytes after the end; there should be none. */
  excess = 0;
  private readonly chunks: ChunkedDecoder | undefined;
  private left: number;

  /** @param length - the declared length, where the framing is `length`. */
  constructor(framing: BodyFraming, length = 0) {
    this.framing = framing;
    this.left = framing === 'length' ? length : 0;
    this.complete = framing === 'none' || (framing === 'length' && length === 0);
    if (framing === 'chunked') {
      this.chunks = new ChunkedDecoder((size) => this.chunkSizes.push(size));
    }
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
    if (this.chunks) {
      const parts = this.chunks.decode(bytes);
      this.complete = this.chunks.complete;
      this.excess = this.chunks.excess;
      return parts;
    }
    if (this.framing !== 'length') return [bytes];
    const part = bytes.subarray(0, this.left);
    this.left -= part.length;
    this.complete = this.left === 0;
    this.excess += bytes.length - part.length;
    return [part];
  }
}
