import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AudioFormat } from '../../../../mock-server/apis/realtime/audio/format.ts';
import {
  thresholdLevel,
  VoiceActivityDetector,
  type VadEvent,
  type VadSettings,
} from '../../../../mock-server/apis/realtime/audio/vad.ts';
import { chunks, hush, join, noise, pcm, talk } from './audio-fixtures.ts';

const usual: VadSettings = { threshold: 0.5, prefixPaddingMs: 300, silenceDurationMs: 500 };

function detect(
  audio: Uint8Array,
  settings: VadSettings = usual,
  format: AudioFormat = pcm,
  chunkBytes = 960,
): VadEvent[] {
  const vad = new VoiceActivityDetector(format, settings, 0);
  const events: VadEvent[] = [];
  for (const chunk of chunks(audio, chunkBytes)) vad.feed(chunk, (event) => events.push(event));
  return events;
}

describe('voice activity detection', () => {
  it('finds a turn where it lies in the audio', () => {
    // Speech from 1000 to 2500 ms.
    const events = detect(join(hush(1000), noise(1500, 0.3), hush(1000)));
    expect(events).toEqual([
      { kind: 'started', audioStartMs: 700 },
      { kind: 'stopped', audioEndMs: 3000 },
    ]);
  });

  it('finds turns in speech whose loudness swings', () => {
    const events = detect(join(hush(600), talk(2000), hush(900), talk(1000), hush(900)));
    expect(events.map((event) => event.kind)).toEqual(['started', 'stopped', 'started', 'stopped']);
  });

  it.each([{ type: 'audio/pcmu' }, { type: 'audio/pcma' }] as const)(
    'finds speech in $type',
    (format) => {
      const audio = join(hush(1000, format), noise(800, 0.3, format), hush(1000, format));
      expect(detect(audio, usual, format, 160)).toEqual([
        { kind: 'started', audioStartMs: 700 },
        { kind: 'stopped', audioEndMs: 2300 },
      ]);
    },
  );

  it('ignores room noise and clicks', () => {
    expect(detect(join(hush(2000), noise(30, 0.9), hush(2000)))).toEqual([]);
  });

  it('waits through pauses shorter than the silence duration', () => {
    const audio = join(noise(500, 0.3), hush(400), noise(500, 0.3), hush(700));
    expect(detect(audio)).toEqual([
      { kind: 'started', audioStartMs: 0 },
      { kind: 'stopped', audioEndMs: 1900 },
    ]);
    expect(detect(audio, { ...usual, silenceDurationMs: 300 })).toHaveLength(4);
  });

  it('starts no turn before the end of the one before it', () => {
    const settings = { ...usual, silenceDurationMs: 100 };
    const events = detect(join(noise(300, 0.3), hush(150), noise(300, 0.3), hush(200)), settings);
    expect(events).toEqual([
      { kind: 'started', audioStartMs: 0 },
      { kind: 'stopped', audioEndMs: 400 },
      { kind: 'started', audioStartMs: 400 },
      { kind: 'stopped', audioEndMs: 850 },
    ]);
  });

  it('needs louder speech for a higher threshold', () => {
    expect(thresholdLevel(0.5)).toBeCloseTo(0.01);
    const level = thresholdLevel(0.5);
    const justAbove = noise(500, level * Math.sqrt(3) * 1.2);
    expect(detect(justAbove)).toHaveLength(1);
    expect(detect(justAbove, { ...usual, threshold: 0.6 })).toHaveLength(0);
    expect(detect(justAbove, { ...usual, threshold: 0.1 })).toHaveLength(1);
  });

  it('gives the same offsets however the audio is cut, odd bytes included', () => {
    const audio = join(hush(320), talk(900), hush(640), talk(300, pcm, 2), hush(800));
    const whole = detect(audio, usual, pcm, audio.length);
    expect(whole).toHaveLength(4);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), (size) => {
        expect(detect(audio, usual, pcm, size)).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });
});
