/** Where in the joined text of a stream each of its events ends. */

export type OffsetUnit = 'utf16' | 'bytes';

export class OffsetIndex {
  readonly unit: OffsetUnit;
  private readonly ends: number[] = [];

  constructor(unit: OffsetUnit) {
    this.unit = unit;
  }

  /** Units of all events together. */
  get length(): number {
    return this.ends.at(-1) ?? 0;
  }

  add(text: string): void {
    const units = this.unit === 'utf16' ? text.length : Buffer.byteLength(text);
    this.ends.push(this.length + units);
  }

  /**
   * The place an offset means.
   *
   * @returns `after`: the last event that lies before it as a whole, −1 for none; `skip`: how much of
   *   the next one does, too.
   */
  find(offset: number): { after: number; skip: number } {
    let low = 0;
    let high = this.ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ends[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    const begin = low === 0 ? 0 : this.ends[low - 1]!;
    return { after: low - 1, skip: offset - begin };
  }

  /** An event without its first `skip` units; in bytes, it may begin inside a character. */
  rest(text: string, skip: number): Uint8Array {
    if (this.unit === 'bytes') return Buffer.from(text).subarray(skip);
    return Buffer.from(text.slice(skip));
  }
}
