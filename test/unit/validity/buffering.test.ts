/** Arrivals by the rules of buffers and of chance, judged as a run judges them. */
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../src/random/rng.ts';
import { noBursts } from '../../../src/result/merge.ts';
import type { BurstSums } from '../../../src/result/schema.ts';
import { Bursts } from '../../../src/session/bursts.ts';
import { bufferingOf } from '../../../src/validity/buffering.ts';

interface Arrival {
  ms: number;
  bytes: number;
}

/** 120 tokens of about 220 bytes every 20 ms. */
function sent(seed: string, gapMs = 20): Arrival[] {
  const rng = seededRng(seed);
  return Array.from({ length: 120 }, (_, i) => ({
    ms: 100 + i * gapMs,
    bytes: 140 + Math.floor(rng() * 160),
  }));
}

/** What a run would record of answers that arrive so. */
function sums(answers: readonly Arrival[][]): BurstSums {
  const total = noBursts();
  for (const arrivals of answers) {
    const bursts = new Bursts();
    let bytes = 0;
    let last = Number.NaN;
    arrivals.forEach(({ ms, bytes: size }, events) => {
      if (ms !== last) bursts.read(ms * 1e6, bytes, events);
      last = ms;
      bytes += size;
    });
    total.count += bursts.count;
    total.events += bursts.events;
    total.bytes += bursts.bytes;
    total.bytes_squared += bursts.bytesSquared;
    total.ms += bursts.ms;
    total.ms_squared += bursts.msSquared;
  }
  return total;
}

function bySize(events: readonly Arrival[], size: number): Arrival[] {
  let total = 0;
  let waiting: Arrival[] = [];
  const out: Arrival[] = [];
  let filled = 0;
  for (const event of events) {
    total += event.bytes;
    waiting.push(event);
    if (Math.floor(total / size) === filled) continue;
    filled = Math.floor(total / size);
    // The event that crosses the end is whole only with the next burst.
    const crossing = total % size === 0 ? [] : [waiting.pop()!];
    out.push(...waiting.map(({ bytes }) => ({ ms: event.ms, bytes })));
    waiting = crossing;
  }
  return [...out, ...waiting.map(({ bytes }) => ({ ms: events.at(-1)!.ms, bytes }))];
}

const byTime = (events: readonly Arrival[], period: number): Arrival[] =>
  events.map(({ ms, bytes }) => ({ ms: Math.ceil(ms / period) * period, bytes }));

/** In order, as TCP delivers; each of a share of the packets holds up all behind it. */
function lossy(events: readonly Arrival[], share: number, seed: string): Arrival[] {
  const rng = seededRng(seed);
  let until = 0;
  return events.map(({ ms, bytes }) => {
    until = Math.max(until, rng() < share ? ms + 70 + rng() * 60 : ms);
    return { ms: until, bytes };
  });
}

function jittery(events: readonly Arrival[], most: number, seed: string): Arrival[] {
  const rng = seededRng(seed);
  let until = 0;
  return events.map(({ ms, bytes }) => {
    until = Math.max(until, ms + rng() * most);
    return { ms: until, bytes };
  });
}

const seeds = Array.from({ length: 20 }, (_, i) => `answer/${i}`);
const judged = (path: (events: Arrival[], seed: string) => Arrival[], gapMs = 20) =>
  bufferingOf(sums(seeds.map((seed) => path(sent(seed, gapMs), seed))), seeds.length);

describe('buffers', () => {
  it.each([1024, 4096, 8192])('of %d bytes are seen, and their size', (size) => {
    const found = judged((events) => bySize(events, size));
    expect(found!.by).toMatch(/size|both/);
    expect((found as { bytes: number }).bytes).toBeGreaterThan(size * 0.95);
    expect((found as { bytes: number }).bytes).toBeLessThan(size * 1.05);
  });

  it.each([50, 100, 220, 1000])('of %d ms are seen, and their period', (period) => {
    const found = judged((events) => byTime(events, period));
    expect(found!.by).toMatch(/time|both/);
    expect((found as { ms: number }).ms).toBeCloseTo(period, -1);
  });

  it('that hold a whole answer are seen, where half of the answers or more came so', () => {
    expect(bufferingOf({ ...noBursts(), at_once: 10 }, 20)).toEqual({ by: 'end', share: 0.5 });
    expect(bufferingOf({ ...noBursts(), at_once: 9 }, 20)).toBeUndefined();
  });
});

describe('clean paths', () => {
  it.each<[string, (events: Arrival[], seed: string) => Arrival[], number?]>([
    ['nothing in the way', (events) => events],
    ['2 % loss', (events, seed) => lossy(events, 0.02, seed)],
    ['10 % loss', (events, seed) => lossy(events, 0.1, seed)],
    ['30 % loss', (events, seed) => lossy(events, 0.3, seed)],
    ['2 % loss of a fast model', (events, seed) => lossy(events, 0.02, seed), 5],
    ['50 ms of jitter', (events, seed) => jittery(events, 50, seed)],
    ['200 ms of jitter', (events, seed) => jittery(events, 200, seed)],
    ['50 ms of jitter and a fast model', (events, seed) => jittery(events, 50, seed), 5],
    ['jitter and loss', (events, seed) => jittery(lossy(events, 0.05, seed), 50, seed)],
  ])('%s', (_, path, gapMs = 20) => {
    expect(judged(path, gapMs)).toBeUndefined();
  });

  it('nothing was measured', () => {
    expect(bufferingOf(noBursts(), 0)).toBeUndefined();
  });
});
