/** Random settings as users write them, for property tests. */
import * as fc from 'fast-check';

/** `0ms` to `<max>ms`. */
export const msUpTo = (max: number): fc.Arbitrary<string> =>
  fc.integer({ min: 0, max }).map((value) => `${value}ms`);

/** Durations and distributions of them, some with a long tail. */
export const spread = fc.oneof(
  msUpTo(60),
  msUpTo(40).map((mean) => `exponential(${mean})`),
  fc.tuple(fc.nat(20), fc.nat(40)).map(([low, more]) => `uniform(${low}ms, ${low + more}ms)`),
  fc.constant('lognormal(8ms, 0.9)'),
  fc.constant('pareto(1ms, 1.5)'),
);

export const anyWay = fc.constantFrom('both', 'up', 'down');
