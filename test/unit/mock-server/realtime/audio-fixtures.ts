/** Audio for tests: what a microphone might hear, in any of the API's formats. */
import { seededRng } from '../../../../src/random/rng.ts';
import {
  encodeSamples,
  samplesPerMs,
  type AudioFormat,
} from '../../../../mock-server/apis/realtime/audio/format.ts';

export const pcm: AudioFormat = { type: 'audio/pcm', rate: 24000 };

/** Uniform noise; its RMS is `peak` / √3. */
export function noise(ms: number, peak: number, format: AudioFormat = pcm): Uint8Array {
  const rng = seededRng(`noise/${ms}/${peak}`);
  const count = ms * samplesPerMs(format);
  return encodeSamples(
    Float64Array.from({ length: count }, () => peak * (2 * rng() - 1)),
    format,
  );
}

/**
 * Syllables: a buzz whose loudness swings four times a second, as speech does, over faint room
 * noise. Loud parts reach about −14 dBFS, the dips between syllables are short.
 */
export function talk(ms: number, format: AudioFormat = pcm, seed = 1): Uint8Array {
  const rng = seededRng(`talk/${seed}`);
  const rate = samplesPerMs(format) * 1000;
  const samples = new Float64Array((ms * rate) / 1000);
  for (let i = 0; i < samples.length; i++) {
    const t = i / rate;
    const loudness = 0.05 + 0.95 * Math.abs(Math.sin(2 * Math.PI * 2 * t));
    const pitch = 140 + 20 * Math.sin(2 * Math.PI * 0.7 * t);
    const buzz = Math.sin(2 * Math.PI * pitch * t) + 0.4 * Math.sin(2 * Math.PI * 3.1 * pitch * t);
    samples[i] = 0.2 * loudness * buzz + 0.002 * (2 * rng() - 1);
  }
  return encodeSamples(samples, format);
}

/** Room noise at about −60 dBFS: not silence, and not speech. */
export function hush(ms: number, format: AudioFormat = pcm): Uint8Array {
  return noise(ms, 0.0017, format);
}

export function join(...parts: Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

/** Cuts audio into chunks of so many bytes. */
export function chunks(bytes: Uint8Array, size: number): Uint8Array[] {
  const list: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) list.push(bytes.subarray(at, at + size));
  return list;
}
