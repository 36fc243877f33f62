import { describe, expect, it } from 'vitest';
import { makePacer, type LoadShape } from '../../../src/load/registry.ts';
import { startTimes } from '../../helpers/pacer.ts';

const pacer = (shape: LoadShape, durationMs: number, seed = 's') =>
  makePacer(shape, { durationMs, seed });
const starts = (shape: LoadShape, durationMs: number, seed = 's') =>
  startTimes(pacer(shape, durationMs, seed));

describe('constant', () => {
  it('starts session i at i / rate, and none at the end', () => {
    expect(starts({ kind: 'constant', rate: 4 }, 1000)).toEqual([0, 250, 500, 750]);
  });
  it('says itself in one sentence', () => {
    expect(pacer({ kind: 'constant', rate: 20 }, 30_000).describe()).toBe(
      '20 sessions/s, evenly spaced, for 30 s',
    );
    expect(pacer({ kind: 'constant', rate: 0.2 }, 300_000).describe()).toBe(
      '12 sessions/min, evenly spaced, for 5 min',
    );
  });
  it('catches up with intended times when it is asked late', () => {
    const late = pacer({ kind: 'constant', rate: 10 }, 1000);
    const state = { elapsedMs: 950, active: 0, lastEndedMs: -1 };
    expect(late.next({ ...state, scheduled: 3 })).toEqual({ kind: 'start', atMs: 300 });
  });
});

describe('burst', () => {
  it('starts its sessions at the same moment', () => {
    expect(starts({ kind: 'burst', size: 3, everyMs: 400 }, 1000)).toEqual([
      0, 0, 0, 400, 400, 400, 800, 800, 800,
    ]);
  });
});

describe('ramp', () => {
  it('starts session i where the integral of the rate is i', () => {
    // From 0 to 4/s in 2 s: Λ(t) = t² sessions (t in s), so session i starts at √i s.
    const found = starts({ kind: 'ramp', from: 0, to: 4, arrival: 'even' }, 2000);
    expect(found).toHaveLength(4);
    for (const [i, at] of found.entries()) expect(at).toBeCloseTo(Math.sqrt(i) * 1000, 6);
  });
  it('goes down as well', () => {
    const found = starts({ kind: 'ramp', from: 4, to: 0, arrival: 'even' }, 2000);
    // Λ(t) = 4t − t²  ⇒  t = 2 − √(4 − i)
    for (const [i, at] of found.entries()) {
      expect(at).toBeCloseTo((2 - Math.sqrt(4 - i)) * 1000, 6);
    }
    expect(found).toHaveLength(4);
  });
  it('holds its ends during warm-up and cool-down', () => {
    const shape = {
      kind: 'ramp',
      from: 10,
      to: 20,
      arrival: 'even',
      leadMs: 1000,
      tailMs: 500,
    } as const;
    const ramp = pacer(shape, 3500);
    expect([0, 500, 1000, 2000, 3000, 3499, 3500].map((at) => ramp.rateAt(at))).toEqual([
      10, 10, 10, 15, 20, 20, 0,
    ]);
    expect(startTimes(ramp)).toHaveLength(10 + 30 + 10);
  });
});

describe('stages', () => {
  it('steps, ramps and pauses', () => {
    const stages = pacer(
      {
        kind: 'stages',
        arrival: 'even',
        stages: [
          { durationMs: 1000, rate: 2, shape: 'step' },
          { durationMs: 1000, rate: 0, shape: 'step' },
          { durationMs: 2000, rate: 2, shape: 'ramp' },
        ],
      },
      4000,
    );
    const found = startTimes(stages);
    // Two in the first second; none in the pause; Λ = 2 + (t − 2)²/2 in the ramp.
    expect(found.slice(0, 2)).toEqual([0, 500]);
    expect(found[2]).toBeCloseTo(2000, 6);
    expect(found[3]).toBeCloseTo(2000 + Math.SQRT2 * 1000, 6);
    expect(found).toHaveLength(4);
    expect([0, 999, 1000, 1999, 3000].map((at) => stages.rateAt(at))).toEqual([2, 2, 0, 0, 1]);
  });
  it('ends with its last stage even when the load is said to be longer', () => {
    const stages = pacer(
      {
        kind: 'stages',
        arrival: 'even',
        stages: [{ durationMs: 1000, rate: 5, shape: 'step' }],
      },
      60_000,
    );
    expect(stages.durationMs).toBe(1000);
    expect(startTimes(stages)).toHaveLength(5);
  });
});

describe('poisson', () => {
  /** Largest distance between the sample's distribution and the exponential one. */
  function kolmogorovSmirnov(gaps: number[], mean: number): number {
    const sorted = [...gaps].sort((a, b) => a - b);
    return sorted.reduce((worst, gap, i) => {
      const expected = 1 - Math.exp(-gap / mean);
      const n = sorted.length;
      return Math.max(worst, Math.abs(expected - i / n), Math.abs((i + 1) / n - expected));
    }, 0);
  }

  it('has exponential gaps (Kolmogorov–Smirnov at 1 %)', () => {
    for (const seed of ['a', 'b', 'c']) {
      const found = starts({ kind: 'poisson', rate: 50 }, 100_000, seed);
      const gaps = found.map((at, i) => at - (found[i - 1] ?? 0));
      expect(kolmogorovSmirnov(gaps, 20)).toBeLessThan(1.628 / Math.sqrt(gaps.length));
    }
  });
  it('would not pass that test with even gaps', () => {
    const gaps = Array.from({ length: 5000 }, () => 20);
    expect(kolmogorovSmirnov(gaps, 20)).toBeGreaterThan(1.628 / Math.sqrt(gaps.length));
  });
  it('follows a changing rate', () => {
    const found = starts({ kind: 'ramp', from: 0, to: 100, arrival: 'poisson' }, 100_000, 'r');
    // 5000 expected, of which a quarter in the first half; five standard deviations.
    expect(Math.abs(found.length - 5000)).toBeLessThan(5 * Math.sqrt(5000));
    const early = found.filter((at) => at < 50_000).length;
    expect(Math.abs(early - 1250)).toBeLessThan(5 * Math.sqrt(1250));
  });
  it('gives other times for another seed', () => {
    const shape = { kind: 'poisson', rate: 20 } as const;
    expect(starts(shape, 1000, 'a')).not.toEqual(starts(shape, 1000, 'b'));
  });
});

describe('trace', () => {
  const shape = { kind: 'trace', startsMs: [0, 10, 10, 400, 2600] } as const;
  it('starts at the recorded times', () => {
    expect(starts(shape, 2601)).toEqual([0, 10, 10, 400, 2600]);
    expect(starts(shape, 500)).toEqual([0, 10, 10, 400]);
  });
  it('tells the rate of the second around a moment', () => {
    const trace = pacer(shape, 3000);
    expect(trace.rateAt(200)).toBe(4);
    expect(trace.rateAt(1500)).toBe(0);
    expect(trace.rateAt(2500)).toBe(1);
  });
});
