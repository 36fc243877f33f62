/** The real bytes on their way: kept in order, passed on up to where the virtual receiver has got. */
export class ByteStore {
  private readonly chunks: Uint8Array[] = [];
  private head = 0;
  /** Bytes of the first chunk that were passed on already. */
  private offset = 0;
  private taken = 0;

  push(bytes: Uint8Array): void {
    this.chunks.push(bytes);
  }

  /**
   * Takes everything below `end`, a byte offset in the stream. Several writes that became readable at
   * one instant come as one piece, as one read of a socket would give them.
   */
  takeUntil(end: number): Uint8Array | undefined {
    const length = end - this.taken;
    if (length <= 0) return undefined;
    this.taken = end;
    const first = this.chunks[this.head] as Uint8Array;
    const available = first.length - this.offset;
    if (length <= available) return this.cut(first, length);
    const joined = new Uint8Array(length);
    for (let filled = 0; filled < length;) {
      const chunk = this.chunks[this.head] as Uint8Array;
      const piece = this.cut(chunk, Math.min(chunk.length - this.offset, length - filled));
      joined.set(piece, filled);
      filled += piece.length;
    }
    return joined;
  }

  /** A view of the next `length` bytes of the first chunk, without a copy. */
  private cut(chunk: Uint8Array, length: number): Uint8Array {
    const whole = this.offset === 0 && length === chunk.length;
    const piece = whole ? chunk : chunk.subarray(this.offset, this.offset + length);
    this.offset += length;
    if (this.offset === chunk.length) {
      this.offset = 0;
      this.head++;
      if (this.head === this.chunks.length) {
        this.chunks.length = 0;
        this.head = 0;
      } else if (this.head >= 512) {
        this.chunks.splice(0, this.head);
        this.head = 0;
      }
    }
    return piece;
  }
}
