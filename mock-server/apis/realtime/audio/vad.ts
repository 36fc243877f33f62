/**
 * Voice activity detection on signal energy.
 *
 * The real API runs a trained detector whose `threshold` is a probability. Energy is what can be
 * judged without a model, and it is enough for what a load test needs: real audio in, turn
 * boundaries out, at offsets that follow from the audio alone. The threshold is mapped to a level:
 * 0 → −60 dBFS, 0.5 (the default) → −40 dBFS, 1 → −20 dBFS. Room noise lies below −50, ordinary
 * speech at −30 to −15 dBFS.
 *
 * Time is counted in audio, not on the clock, as in the real API: the offsets do not change when a
 * client sends faster than real time.
 */
import { bytesPerMs, rms, type AudioFormat } from './format.ts';

export interface VadSettings {
  /** 0…1; see above. */
  threshold: number;
  /** Audio before the detected start that still belongs to the turn, ms. */
  prefixPaddingMs: number;
  /** Silence that ends a turn, ms. */
  silenceDurationMs: number;
}

export type VadEvent =
  /** `audioStartMs` includes the prefix padding: it is where the committed audio begins. */
  | { kind: 'started'; audioStartMs: number }
  /** `audioEndMs` includes the silence that ended the turn: it is where the committed audio ends. */
  | { kind: 'stopped'; audioEndMs: number };

/** Energy is judged over frames of this length, ms. */
const frameMs = 10;

/** So much sound in a row counts as speech; a click or a dropped pencil is shorter. */
const onsetMs = 50;

/** Level above which a frame is loud, relative to full scale. */
export function thresholdLevel(threshold: number): number {
  return 10 ** ((-60 + 40 * threshold) / 20);
}

/** One session's detector. Feed it every appended byte in order. */
export class VoiceActivityDetector {
  readonly #format: AudioFormat;
  readonly #frameBytes: number;
  #settings: VadSettings;
  #level: number;
  /** Bytes of the frame that is not complete yet. */
  readonly #partial: Uint8Array;
  #partialLength = 0;
  /** Offset of the next frame's start, ms. */
  #nowMs: number;
  /** Earliest start a turn may have: where the last turn ended. */
  #floorMs: number;
  #loudMs = 0;
  #quietMs = 0;
  #speaking = false;

  /** @param startMs - offset of the first byte to come, from the start of the session's audio. */
  constructor(format: AudioFormat, settings: VadSettings, startMs: number) {
    this.#format = format;
    this.#frameBytes = bytesPerMs(format) * frameMs;
    this.#partial = new Uint8Array(this.#frameBytes);
    this.#settings = settings;
    this.#level = thresholdLevel(settings.threshold);
    this.#nowMs = startMs;
    this.#floorMs = startMs;
  }

  get speaking(): boolean {
    return this.#speaking;
  }

  /** Between turns: audio before this offset cannot become part of a turn any more, ms. */
  get earliestStartMs(): number {
    return Math.max(this.#floorMs, this.#nowMs - this.#loudMs - this.#settings.prefixPaddingMs);
  }

  /** Takes effect from the next frame; a turn that is running continues. */
  configure(settings: VadSettings): void {
    this.#settings = settings;
    this.#level = thresholdLevel(settings.threshold);
  }

  /** Forgets a running turn (the buffer was committed or cleared by the client). */
  reset(): void {
    this.#speaking = false;
    this.#loudMs = 0;
    this.#quietMs = 0;
    this.#floorMs = this.#nowMs;
  }

  /** Reports turn boundaries in the order in which they lie in the audio. */
  feed(bytes: Uint8Array, report: (event: VadEvent) => void): void {
    let at = 0;
    if (this.#partialLength > 0) {
      const missing = Math.min(this.#frameBytes - this.#partialLength, bytes.length);
      this.#partial.set(bytes.subarray(0, missing), this.#partialLength);
      this.#partialLength += missing;
      at = missing;
      if (this.#partialLength < this.#frameBytes) return;
      this.#partialLength = 0;
      this.#frame(rms(this.#partial, 0, this.#frameBytes, this.#format), report);
    }
    for (; at + this.#frameBytes <= bytes.length; at += this.#frameBytes) {
      this.#frame(rms(bytes, at, at + this.#frameBytes, this.#format), report);
    }
    this.#partial.set(bytes.subarray(at));
    this.#partialLength = bytes.length - at;
  }

  #frame(level: number, report: (event: VadEvent) => void): void {
    this.#nowMs += frameMs;
    const loud = level >= this.#level;
    if (this.#speaking) {
      this.#quietMs = loud ? 0 : this.#quietMs + frameMs;
      if (this.#quietMs < this.#settings.silenceDurationMs) return;
      this.#speaking = false;
      this.#loudMs = 0;
      this.#floorMs = this.#nowMs;
      report({ kind: 'stopped', audioEndMs: this.#nowMs });
      return;
    }
    this.#loudMs = loud ? this.#loudMs + frameMs : 0;
    if (this.#loudMs < onsetMs) return;
    this.#speaking = true;
    this.#quietMs = 0;
    report({ kind: 'started', audioStartMs: this.earliestStartMs });
  }
}
