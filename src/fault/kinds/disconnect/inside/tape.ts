/** Bytes of one direction that have come and not yet passed, by their offset in it. */
export class Tape {
  private readonly pieces: Uint8Array[] = [];
  /** Of the first byte that has not passed. */
  at = 0;
  /** Behind the last byte that has come. */
  end = 0;

  push(bytes: Uint8Array): void {
    this.pieces.push(bytes);
    this.end += bytes.length;
  }

  /** Passes on everything before an offset. */
  passTo(offset: number, pass: (bytes: Uint8Array) => void): void {
    while (this.at < offset) {
      const [first] = this.pieces;
      if (!first) return;
      const room = offset - this.at;
      if (first.length <= room) this.pieces.shift();
      else this.pieces[0] = first.subarray(room);
      const piece = first.length <= room ? first : first.subarray(0, room);
      this.at += piece.length;
      pass(piece);
    }
  }
}
