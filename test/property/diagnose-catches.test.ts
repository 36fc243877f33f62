/** Random buffers, clocks and the rest, heard by a client on a busy machine: nearly all are found. */
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/diagnose/diagnosis.ts';
import { judge } from '../../src/diagnose/judge/decision-table.ts';
import type { Observation } from '../../src/diagnose/observe/observation.ts';
import { seededRng, type Rng } from '../../src/random/rng.ts';
import { paths, repeats, type Produced, type Sent, type SourceShape } from '../helpers/arrivals.ts';

const between = (rng: Rng, low: number, high: number): number => low + (high - low) * rng();

interface Made {
  path: (events: readonly Produced[]) => Sent[];
  source: SourceShape;
  right: (verdict: Verdict) => boolean;
  /** Whether tokens and intervals can be varied. */
  varied: boolean;
}

const near = (value: number | undefined, wanted: number, share: number): boolean =>
  value !== undefined && Math.abs(value - wanted) <= wanted * share;

const kinds: Record<string, (rng: Rng) => Made> = {
  size: (rng) => {
    const bytes = Math.round(between(rng, 900, 9000));
    return {
      path: paths.size(bytes),
      source: { events: 80 + Math.round((bytes * 6) / 220), beat: between(rng, 8, 40) },
      varied: rng() < 0.5,
      right: (verdict) =>
        verdict.kind === 'buffered_by_size' && near(verdict.size_bytes, bytes, 0.05),
    };
  },
  clock: (rng) => {
    const period = between(rng, 120, 600);
    const beat = between(rng, 10, 40);
    return {
      path: paths.time(period),
      source: { events: Math.round((period * 7) / beat), beat },
      varied: rng() < 0.5,
      // It waits for an event to start it.
      right: (verdict) =>
        verdict.kind === 'buffered_by_time' && near(verdict.period_ms, period + beat / 2, 0.25),
    };
  },
  'whole answers': (rng) => ({
    path: paths.whole,
    source: { events: 60, beat: between(rng, 10, 50) },
    varied: rng() < 0.5,
    right: (verdict) => verdict.kind === 'stored_and_forwarded',
  }),
  tails: (rng) => ({
    path: paths.tails(Math.round(between(rng, 10, 120))),
    source: { events: 80, beat: between(rng, 15, 60) },
    varied: false,
    right: (verdict) => verdict.kind === 'one_event_late',
  }),
};

describe.each(Object.keys(kinds))('%s', (kind) => {
  it('is found in at least 97 of 100 cases, with its size or period', () => {
    const wrong: string[] = [];
    const cases = 200;
    for (let seed = 0; seed < cases; seed++) {
      const rng = seededRng(`${kind}/${seed}`);
      const { path, source, right, varied } = kinds[kind]!(rng);
      const busy = paths.busy(0.08, between(rng, 4, 25), String(seed));
      const heard = (events: readonly Produced[]): Sent[] => busy(path(events));
      const straight = (events: readonly Produced[]): Sent[] => busy(paths.clean(events));
      const beat = source.beat!;
      const seen: Observation[] = [
        ...repeats(heard, source),
        ...repeats(straight, source, { path: 'direct' }),
        ...(varied
          ? [
              ...repeats(heard, { ...source, size: 880 }, { probe: 'tokens × 4' }),
              ...repeats(heard, { ...source, beat: 4 * beat }, { probe: 'interval × 4' }),
            ]
          : []),
      ];
      const { verdict } = judge(seen);
      if (!right(verdict)) wrong.push(`${seed}: ${JSON.stringify(verdict)}`);
    }
    expect(wrong.length, wrong.join('\n')).toBeLessThanOrEqual(cases * 0.03);
  });
});
