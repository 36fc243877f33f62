/**
 * Audio that the mock "speaks": a voiced sound per piece, a low buzz with two overtones and a little
 * breath, gliding in pitch and fading at its edges. It is audible, has speech-like level (about
 * −20 dBFS) so that voice detectors take it for sound, and costs nothing per event: each distinct
 * piece is computed once and kept as base64.
 */
import { seededRng } from '../../../../src/random/rng.ts';
import { encodeSamples, samplesPerMs, type AudioFormat } from './format.ts';

/** Distinct pieces per format and length; enough that speech does not sound like a machine gun. */
const variants = 16;

const base64Cache = new Map<string, string>();
/** Distinct lengths kept; a chunk size is one length, the rest are the tails of answers. */
const cacheLimit = 2048;

/**
 * Samples in −1…1 of one voiced piece.
 *
 * @param variant - chooses pitch and breath; the same number always sounds the same.
 */
function voicedSamples(count: number, rateHz: number, variant: number): Float64Array {
  const rng = seededRng(`speech/${variant}`);
  const samples = new Float64Array(count);
  const pitch = 110 + 90 * rng();
  const glide = 1 + 0.2 * (rng() - 0.5);
  const edge = Math.max(1, Math.min(count / 4, rateHz * 0.01));
  let phase = 0;
  for (let i = 0; i < count; i++) {
    phase += (2 * Math.PI * pitch * (1 + (glide - 1) * (i / count))) / rateHz;
    const voice = Math.sin(phase) + 0.5 * Math.sin(2 * phase) + 0.25 * Math.sin(5 * phase);
    const fade = Math.min(1, (i + 1) / edge, (count - i) / edge);
    samples[i] = fade * (0.13 * voice + 0.02 * (rng() - 0.5));
  }
  return samples;
}

/** One piece of speech in a format; `ms` may be fractional, the size is rounded to whole samples. */
export function speech(ms: number, format: AudioFormat, variant: number): Uint8Array {
  const perMs = samplesPerMs(format);
  const count = Math.max(1, Math.round(ms * perMs));
  return encodeSamples(voicedSamples(count, perMs * 1000, variant % variants), format);
}

/** {@link speech} as base64, remembered. */
export function speechBase64(ms: number, format: AudioFormat, variant: number): string {
  const key = `${format.type}/${Math.round(ms * samplesPerMs(format))}/${variant % variants}`;
  const known = base64Cache.get(key);
  if (known !== undefined) return known;
  if (base64Cache.size >= cacheLimit) base64Cache.clear();
  const made = Buffer.from(speech(ms, format, variant)).toString('base64');
  base64Cache.set(key, made);
  return made;
}

/** Computes all variants of a piece ahead, so that the first answers do not pay for it. */
export function prepareSpeech(ms: number, format: AudioFormat): void {
  for (let variant = 0; variant < variants; variant++) speechBase64(ms, format, variant);
}

/** Playing time of a piece as {@link speech} makes it, ms. */
export function speechMs(ms: number, format: AudioFormat): number {
  const perMs = samplesPerMs(format);
  return Math.max(1, Math.round(ms * perMs)) / perMs;
}
