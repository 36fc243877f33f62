import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makePacer, type LoadShape } from '../../src/load/registry.ts';
import { startTimes } from '../helpers/pacer.ts';

type RateStage = Extract<LoadShape, { kind: 'stages' }>['stages'][number];

const rate = fc.double({ min: 0.5, max: 500, noNaN: true });
const stage = fc.record<RateStage>({
  durationMs: fc.integer({ min: 1, max: 2000 }),
  rate: fc.oneof(fc.constant(0), rate),
  shape: fc.constantFrom('step', 'ramp'),
});
const evenShape = fc.oneof<fc.Arbitrary<LoadShape>[]>(
  fc.record({ kind: fc.constant('constant' as const), rate }),
  fc.record({
    kind: fc.constant('ramp' as const),
    from: fc.oneof(fc.constant(0), rate),
    to: rate,
    arrival: fc.constant('even' as const),
  }),
  fc.record({
    kind: fc.constant('stages' as const),
    stages: fc.array(stage, { minLength: 1, maxLength: 5 }),
    arrival: fc.constant('even' as const),
  }),
);
const randomShape = fc.oneof<fc.Arbitrary<LoadShape>[]>(
  fc.record({ kind: fc.constant('poisson' as const), rate }),
  fc.record({
    kind: fc.constant('ramp' as const),
    from: rate,
    to: rate,
    arrival: fc.constant('poisson' as const),
  }),
);
const durationMs = 3000;

/** The integral of `rateAt` in sessions, by the midpoint rule on a fine grid. */
function integralOf(pacer: ReturnType<typeof makePacer>): number {
  const steps = 6000;
  const width = durationMs / steps;
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += pacer.rateAt((i + 0.5) * width)! * (width / 1000);
  return sum;
}

describe('open pacers', () => {
  it('start as many sessions as the integral of their rate says', () => {
    fc.assert(
      fc.property(evenShape, (shape) => {
        const pacer = makePacer(shape, { durationMs, seed: '' });
        const count = startTimes(pacer).length;
        const integral = integralOf(pacer);
        // The first session starts at 0, so there is up to one more than the integral; the numeric
        // integral itself is off by at most a grid cell at each step between stages.
        expect(count).toBeGreaterThanOrEqual(Math.floor(integral - 2));
        expect(count).toBeLessThanOrEqual(Math.ceil(integral + 2));
      }),
      { numRuns: 60 },
    );
  });

  it('give the same times however often and however late they are asked', () => {
    fc.assert(
      fc.property(
        fc.oneof(evenShape, randomShape),
        fc.double({ min: 1, max: 999, noNaN: true }),
        (shape, step) => {
          const make = () => makePacer(shape, { durationMs, seed: 'x' });
          const exact = startTimes(make());
          expect(startTimes(make(), step)).toEqual(exact);
          for (const [i, at] of exact.entries()) {
            expect(at).toBeGreaterThanOrEqual(exact[i - 1] ?? 0);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('stay exact at a million sessions', () => {
    const pacer = makePacer({ kind: 'constant', rate: 100_000 }, { durationMs: 1e7, seed: '' });
    const state = { elapsedMs: 1e7, active: 0, lastEndedMs: -1 };
    expect(pacer.next({ ...state, scheduled: 999_999 })).toEqual({ kind: 'start', atMs: 9999.99 });
  });
});

describe('closed pacers', () => {
  it('never have more sessions running than they may, and reach that number', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 30 }),
        (sessions, lengths) => {
          const pacer = makePacer({ kind: 'closed', sessions }, { durationMs, seed: '' });
          let ends: number[] = [];
          let scheduled = 0;
          let most = 0;
          let lastEndedMs = -1;
          for (let elapsedMs = 0; elapsedMs < durationMs; elapsedMs++) {
            for (const end of ends) if (end <= elapsedMs) lastEndedMs = Math.max(lastEndedMs, end);
            ends = ends.filter((end) => end > elapsedMs);
            for (;;) {
              const pace = pacer.next({ elapsedMs, scheduled, active: ends.length, lastEndedMs });
              if (pace.kind !== 'start') break;
              ends.push(elapsedMs + lengths[scheduled++ % lengths.length]!);
            }
            most = Math.max(most, ends.length);
          }
          expect(most).toBe(sessions);
        },
      ),
      { numRuns: 40 },
    );
  });
});
