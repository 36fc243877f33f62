/**
 * The input audio buffer: what the client has appended and not yet committed. Offsets count from
 * the first byte of the session's audio, in ms of playing time, and never go back.
 */
import { bytesPerMs, bytesPerSample, type AudioFormat } from './format.ts';

export class InputAudioBuffer {
  #format: AudioFormat;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  /** Offset of the first byte held, ms. */
  #startMs = 0;

  constructor(format: AudioFormat) {
    this.#format = format;
  }

  get format(): AudioFormat {
    return this.#format;
  }

  /** Playing time held, ms. */
  get heldMs(): number {
    return this.#bytes / bytesPerMs(this.#format);
  }

  get heldBytes(): number {
    return this.#bytes;
  }

  /** Offset of the end of everything appended so far, ms. */
  get endMs(): number {
    return this.#startMs + this.heldMs;
  }

  append(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
  }

  /** Empties the buffer and continues in another format; offsets continue where they were. */
  changeFormat(format: AudioFormat): void {
    this.clear();
    this.#format = format;
  }

  clear(): void {
    this.#startMs = this.endMs;
    this.#chunks = [];
    this.#bytes = 0;
  }

  /** Drops audio before an offset; used to hold no more than the prefix padding between turns. */
  dropBefore(offsetMs: number): void {
    const sample = bytesPerSample(this.#format);
    const wanted = (offsetMs - this.#startMs) * bytesPerMs(this.#format);
    let drop = Math.min(this.#bytes, Math.floor(wanted / sample) * sample);
    if (drop <= 0) return;
    this.#startMs += drop / bytesPerMs(this.#format);
    this.#bytes -= drop;
    while (drop > 0) {
      const first = this.#chunks[0]!;
      if (first.length > drop) {
        this.#chunks[0] = first.subarray(drop);
        return;
      }
      drop -= first.length;
      this.#chunks.shift();
    }
  }

  /** Takes everything out up to an offset (default: all) as one piece. */
  take(untilMs: number = this.endMs): Uint8Array {
    const all = Buffer.concat(this.#chunks, this.#bytes);
    const wanted = Math.round((untilMs - this.#startMs) * bytesPerMs(this.#format));
    const size = Math.max(0, Math.min(all.length, wanted));
    this.#startMs += size / bytesPerMs(this.#format);
    this.#chunks = size < all.length ? [all.subarray(size)] : [];
    this.#bytes = all.length - size;
    return all.subarray(0, size);
  }
}
