/**
 * Nothing that a model or a network does by itself may be called a buffer: random sources, behind random
 * networks, with and without a direct path to compare with.
 */
import { describe, expect, it } from 'vitest';
import { judge } from '../../src/diagnose/judge/decision-table.ts';
import type { Observation } from '../../src/diagnose/observe/observation.ts';
import { seededRng, type Rng } from '../../src/random/rng.ts';
import { paths, repeats, type Produced, type Sent, type SourceShape } from '../helpers/arrivals.ts';

type Gap = NonNullable<SourceShape['gap']>;
const between = (rng: Rng, low: number, high: number): number => low + (high - low) * rng();
const whole = (rng: Rng, low: number, high: number): number => Math.round(between(rng, low, high));

/** Bursts of events at the same moment; lengths and pauses by two generators. */
function inBursts(length: (rng: Rng) => number, pause: (rng: Rng) => number): Gap {
  let left = 0;
  return (rng) => {
    left -= 1;
    if (left > 0) return 0.02;
    left = length(rng);
    return pause(rng);
  };
}

const sources: Record<string, (rng: Rng) => SourceShape> = {
  'a beat': (rng) => ({ beat: between(rng, 4, 120) }),
  'events of one size': (rng) => ({
    beat: between(rng, 4, 120),
    vary: 0,
    size: whole(rng, 40, 900),
  }),
  'exponential gaps': (rng) => {
    const mean = between(rng, 5, 80);
    return { gap: (draw) => -mean * Math.log(1 - draw()) };
  },
  'bursts of any length': (rng) => {
    const [most, low, high] = [whole(rng, 3, 20), between(rng, 20, 200), between(rng, 250, 900)];
    return {
      gap: inBursts(
        (draw) => whole(draw, 1, most),
        (draw) => between(draw, low, high),
      ),
    };
  },
  'speculative decoding': (rng) => {
    const [most, step] = [whole(rng, 2, 6), between(rng, 15, 90)];
    return {
      gap: inBursts(
        (draw) => whole(draw, 1, most),
        () => step,
      ),
    };
  },
  'so many at a time, always': (rng) => {
    const [length, step] = [whole(rng, 2, 16), between(rng, 20, 500)];
    return {
      vary: rng() < 0.5 ? 0 : 0.3,
      gap: inBursts(
        () => length,
        () => step,
      ),
    };
  },
  pauses: (rng) => {
    const [every, pause] = [whole(rng, 8, 40), between(rng, 100, 900)];
    return { gap: (_, index) => (index % every === 0 ? pause : 20) };
  },
};

const networks: Record<string, (rng: Rng, rtt: number) => (events: readonly Produced[]) => Sent[]> =
  {
    none: () => paths.clean,
    jitter: (rng) => paths.jitter(between(rng, 2, 80), String(rng())),
    'a busy client': (rng) => {
      const busy = paths.busy(between(rng, 0.01, 0.15), between(rng, 5, 40), String(rng()));
      return (events) => busy(paths.clean(events));
    },
    loss: (rng, rtt) => paths.loss(between(rng, 0.001, 0.05), rtt, String(rng())),
  };

describe.each(Object.keys(sources))('a model with %s', (source) => {
  it.each(Object.keys(networks))('over a network with %s is not called a buffer', (network) => {
    for (let seed = 0; seed < 150; seed++) {
      const rng = seededRng(`${source}/${network}/${seed}`);
      // Made again for each stream: a gap may remember where it is.
      const state = (): SourceShape => ({
        events: 40 + (seed % 4) * 60,
        first: 200,
        ...sources[source]!(seededRng(`${source}/${seed}`)),
        seed: `${seed}`,
      });
      const rtt = between(rng, 2, 200);
      const connectMs = network === 'none' ? 0.2 : seed % 5 === 0 ? 0.2 : rtt;
      // The head has the same way to go.
      const url = { connectMs, headersMs: network === 'loss' ? 2 + rtt / 2 : 2 };
      const seen: Observation[] = [0, 1].flatMap((repeat) => [
        { ...repeats(networks[network]!(rng, rtt), state(), url, 1)[0]!, repeat },
        ...(seed % 2 === 0
          ? [{ ...repeats(paths.clean, state(), { path: 'direct' as const }, 1)[0]!, repeat }]
          : []),
        ...(seed % 3 === 0
          ? [
              {
                ...repeats(
                  networks[network]!(rng, rtt),
                  state(),
                  { probe: 'same connection' as const },
                  1,
                )[0]!,
                repeat,
              },
            ]
          : []),
      ]);
      const { verdict } = judge(seen);
      expect(
        ['streams', 'packet_loss', 'cannot_tell'],
        `seed ${seed}: ${JSON.stringify(verdict)}`,
      ).toContain(verdict.kind);
    }
  });
});
