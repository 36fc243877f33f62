/**
 * When the token events of one turn arrived, and of which kind they were. Typed arrays, because a
 * thousand streams that each grow an ordinary array keep the garbage collector busier than their
 * bytes keep the reader.
 */
import type { TokenKind } from '../dialect/dialect.ts';

const letters: Record<TokenKind, string> = {
  content: 'c',
  reasoning: 'r',
  tool_arguments: 't',
  audio: 'a',
};
const codes = Object.fromEntries(
  Object.entries(letters).map(([kind, letter]) => [kind, letter.charCodeAt(0)]),
) as Record<TokenKind, number>;

const firstRoom = 64;

export class ArrivalLog {
  private readonly limit: number;
  private at = new Float64Array(firstRoom);
  private kind = new Uint8Array(firstRoom);
  private count = 0;

  /** @param limit - further arrivals are not kept. */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** @param atNs - monotonic ns. */
  add(atNs: number, kind: TokenKind): void {
    if (this.count >= this.limit) return;
    if (this.count === this.at.length) this.grow();
    this.at[this.count] = atNs;
    this.kind[this.count++] = codes[kind];
  }

  /** Arrival times, monotonic ns. */
  get times(): Float64Array {
    return this.at.subarray(0, this.count);
  }

  /** One letter per arrival: c content, r reasoning, t tool arguments, a audio. */
  get kinds(): string {
    return Buffer.from(this.kind.buffer, 0, this.count).toString('latin1');
  }

  private grow(): void {
    const at = new Float64Array(this.at.length * 2);
    at.set(this.at);
    this.at = at;
    const kind = new Uint8Array(this.kind.length * 2);
    kind.set(this.kind);
    this.kind = kind;
  }
}
