import { describe, expect, it } from 'vitest';
import type { ReconnectPlan } from '../../../src/scenario/plan.ts';
import { reconnectDelay } from '../../../src/session/reconnect-delay.ts';
import { seededRng } from '../../../src/random/rng.ts';

const plan: ReconnectPlan = {
  policy: 'exponential',
  baseMs: 200,
  maxMs: 1000,
  jitter: 0,
  attempts: 5,
  stalled: true,
};
const delays = (of: ReconnectPlan, wish?: number): number[] =>
  [1, 2, 3, 4].map((attempt) => reconnectDelay(of, attempt, () => 0.5, wish));

describe('the delay before a try', () => {
  it('doubles up to its limit', () => {
    expect(delays(plan)).toEqual([200, 400, 800, 1000]);
  });

  it('begins with what the server wishes, which may be longer than the limit', () => {
    expect(delays(plan, 50)).toEqual([50, 100, 200, 400]);
    expect(delays(plan, 3000)).toEqual([3000, 3000, 3000, 3000]);
  });

  it('is nothing where it is to be immediately, and then what the server wishes', () => {
    expect(delays({ ...plan, policy: 'immediate' })).toEqual([0, 0, 0, 0]);
    expect(delays({ ...plan, policy: 'immediate' }, 70)).toEqual([70, 70, 70, 70]);
  });

  it('has a seeded share taken off, at most the jitter', () => {
    expect(delays({ ...plan, jitter: 0.4 })).toEqual([160, 320, 640, 800]);
    const draw = (seed: string): number =>
      reconnectDelay({ ...plan, jitter: 0.5 }, 1, seededRng(seed), undefined);
    expect(draw('a')).toBe(draw('a'));
    const drawn = Array.from({ length: 200 }, (_, i) => draw(String(i)));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(200);
    expect(new Set(drawn).size).toBeGreaterThan(150);
  });
});
