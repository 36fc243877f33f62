/**
 * The audio formats of the Realtime API: 16-bit little-endian mono PCM at 24 kHz, and G.711 µ-law
 * and A-law at 8 kHz, one byte per sample. G.711 conversions follow ITU-T G.711 (11/88), tables 1
 * and 2, in the usual segment form.
 */

export type AudioFormat =
  | { type: 'audio/pcm'; rate: 24000 }
  | { type: 'audio/pcmu' }
  | { type: 'audio/pcma' };

/** The formats of a session's audio unless it asks for others. */
export const pcm: AudioFormat = { type: 'audio/pcm', rate: 24000 };

/** Bytes that play for one millisecond. */
export function bytesPerMs(format: AudioFormat): number {
  return format.type === 'audio/pcm' ? 48 : 8;
}

export function bytesPerSample(format: AudioFormat): number {
  return format.type === 'audio/pcm' ? 2 : 1;
}

export function samplesPerMs(format: AudioFormat): number {
  return format.type === 'audio/pcm' ? 24 : 8;
}

/** One µ-law byte as a 16-bit sample. */
export function decodeMuLaw(byte: number): number {
  const bits = ~byte & 0xff;
  const segment = (bits >> 4) & 0x07;
  const magnitude = (((bits & 0x0f) << 3) + 0x84) << segment;
  return bits & 0x80 ? 0x84 - magnitude : magnitude - 0x84;
}

/** One A-law byte as a 16-bit sample. */
export function decodeALaw(byte: number): number {
  const bits = byte ^ 0x55;
  const segment = (bits >> 4) & 0x07;
  const step = (bits & 0x0f) << 4;
  const magnitude = segment === 0 ? step + 8 : (step + 0x108) << (segment - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}

/** A 16-bit sample as one µ-law byte. */
export function encodeMuLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(32635, Math.abs(sample)) + 0x84;
  const segment = Math.floor(Math.log2(magnitude)) - 7;
  const step = (magnitude >> (segment + 3)) & 0x0f;
  return ~(sign | (segment << 4) | step) & 0xff;
}

/** A 16-bit sample as one A-law byte. */
export function encodeALaw(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80;
  const magnitude = Math.min(32767, sample < 0 ? -sample - 1 : sample);
  const segment = magnitude < 256 ? 0 : Math.floor(Math.log2(magnitude)) - 7;
  const step = (magnitude >> (segment === 0 ? 4 : segment + 3)) & 0x0f;
  return (sign | (segment << 4) | step) ^ 0x55;
}

const muLawTable = Int16Array.from({ length: 256 }, (_, byte) => decodeMuLaw(byte));
const aLawTable = Int16Array.from({ length: 256 }, (_, byte) => decodeALaw(byte));

/**
 * Root mean square of `bytes[start, end)`, relative to full scale (0…1).
 * The range must hold whole samples.
 */
export function rms(bytes: Uint8Array, start: number, end: number, format: AudioFormat): number {
  let sum = 0;
  let count = 0;
  if (format.type === 'audio/pcm') {
    for (let i = start; i + 1 < end; i += 2) {
      const sample = ((bytes[i]! | (bytes[i + 1]! << 8)) << 16) >> 16;
      sum += sample * sample;
      count++;
    }
  } else {
    const table = format.type === 'audio/pcmu' ? muLawTable : aLawTable;
    for (let i = start; i < end; i++) {
      const sample = table[bytes[i]!]!;
      sum += sample * sample;
      count++;
    }
  }
  return count === 0 ? 0 : Math.sqrt(sum / count) / 32768;
}

/** Samples in −1…1 as bytes of a format. */
export function encodeSamples(samples: Float64Array, format: AudioFormat): Uint8Array {
  const scaled = (index: number): number =>
    Math.round(Math.max(-1, Math.min(1, samples[index]!)) * 32767);
  if (format.type !== 'audio/pcm') {
    const encode = format.type === 'audio/pcmu' ? encodeMuLaw : encodeALaw;
    return Uint8Array.from(samples, (_, index) => encode(scaled(index)));
  }
  const bytes = new Uint8Array(samples.length * 2);
  for (let i = 0; i < samples.length; i++) {
    const value = scaled(i);
    bytes[2 * i] = value & 0xff;
    bytes[2 * i + 1] = (value >> 8) & 0xff;
  }
  return bytes;
}
