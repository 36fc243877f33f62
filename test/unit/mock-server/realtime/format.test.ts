import { describe, expect, it } from 'vitest';
import {
  decodeALaw,
  decodeMuLaw,
  encodeALaw,
  encodeMuLaw,
  rms,
} from '../../../../mock-server/apis/realtime/audio/format.ts';
import {
  speech,
  speechBase64,
  speechMs,
} from '../../../../mock-server/apis/realtime/audio/speech.ts';
import { noise, pcm } from './audio-fixtures.ts';

describe('G.711', () => {
  // Known points of ITU-T G.711 as every implementation gives them.
  it('decodes the corner values of µ-law', () => {
    expect(decodeMuLaw(0xff)).toBe(0);
    expect(decodeMuLaw(0x7f)).toBe(0);
    expect(decodeMuLaw(0x80)).toBe(32124);
    expect(decodeMuLaw(0x00)).toBe(-32124);
    expect(decodeMuLaw(0xf0)).toBe(120);
  });

  it('decodes the corner values of A-law', () => {
    expect(decodeALaw(0xd5)).toBe(8);
    expect(decodeALaw(0x55)).toBe(-8);
    expect(decodeALaw(0xaa)).toBe(32256);
    expect(decodeALaw(0x2a)).toBe(-32256);
  });

  it.each([
    ['µ-law', encodeMuLaw, decodeMuLaw],
    ['A-law', encodeALaw, decodeALaw],
  ] as const)('%s gives every code back after decoding it', (_name, encode, decode) => {
    for (let code = 0; code < 256; code++) {
      const sample = decode(code);
      // µ-law has two zeros; they decode alike.
      expect(decode(encode(sample))).toBe(sample);
    }
  });

  it.each([
    ['µ-law', encodeMuLaw, decodeMuLaw],
    ['A-law', encodeALaw, decodeALaw],
  ] as const)('%s stays within its step of every sample', (_name, encode, decode) => {
    for (let sample = -32768; sample <= 32767; sample += 37) {
      const error = Math.abs(decode(encode(sample)) - sample);
      expect(error).toBeLessThanOrEqual(Math.max(16, Math.abs(sample) * 0.07));
    }
  });
});

describe('rms', () => {
  it('is that of uniform noise in every format', () => {
    for (const format of [pcm, { type: 'audio/pcmu' }, { type: 'audio/pcma' }] as const) {
      const bytes = noise(500, 0.3, format);
      expect(rms(bytes, 0, bytes.length, format)).toBeCloseTo(0.3 / Math.sqrt(3), 2);
    }
  });

  it('is 1 at full scale and 0 for nothing', () => {
    const low = new Uint8Array(96).map((_, index) => (index % 2 === 0 ? 0x00 : 0x80));
    expect(rms(low, 0, 96, pcm)).toBe(1);
    expect(rms(low, 0, 0, pcm)).toBe(0);
  });
});

describe('speech', () => {
  it('has the asked playing time, and a level that a detector takes for speech', () => {
    for (const format of [pcm, { type: 'audio/pcmu' }, { type: 'audio/pcma' }] as const) {
      const bytes = speech(200, format, 3);
      expect(bytes.length).toBe(format.type === 'audio/pcm' ? 9600 : 1600);
      const level = 20 * Math.log10(rms(bytes, 0, bytes.length, format));
      expect(level).toBeGreaterThan(-26);
      expect(level).toBeLessThan(-12);
    }
  });

  it('differs from variant to variant and repeats itself for one', () => {
    expect(speechBase64(100, pcm, 1)).toBe(speechBase64(100, pcm, 1));
    expect(speechBase64(100, pcm, 1)).not.toBe(speechBase64(100, pcm, 2));
    expect(Buffer.from(speechBase64(100, pcm, 1), 'base64')).toHaveLength(4800);
  });

  it('plays for whole samples', () => {
    expect(speechMs(0.03, pcm)).toBeCloseTo(1 / 24);
    expect(speechMs(33.3333, { type: 'audio/pcmu' })).toBeCloseTo(33.375);
  });
});
