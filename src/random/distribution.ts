/**
 * Named distributions, as users write them: `lognormal(180ms, 0.4)`, `gamma(20ms, 0.3)`, `250ms`.
 *
 * In every form the first parameter is a *location in the caller's unit*, so that a reader knows the
 * size of the thing at a glance:
 *
 * | form                     | meaning                                                         |
 * | ------------------------ | --------------------------------------------------------------- |
 * | `250ms`, `constant(x)`   | always x                                                        |
 * | `uniform(a, b)`          | uniform between a and b                                         |
 * | `normal(mean, sd)`       | normal, cut at 0                                                |
 * | `lognormal(median, s)`   | exp(N(ln median, s²)); s is the standard deviation of the log   |
 * | `exponential(mean)`      | exponential                                                     |
 * | `gamma(mean, cv)`        | gamma by mean and coefficient of variation (shape 1/cv²)        |
 * | `pareto(min, alpha)`     | Pareto type I: min · u^(−1/alpha)                               |
 */
import type { Rng } from './rng.ts';

export type Distribution =
  | { kind: 'constant'; value: number }
  | { kind: 'uniform'; low: number; high: number }
  | { kind: 'normal'; mean: number; sd: number }
  | { kind: 'lognormal'; median: number; sigma: number }
  | { kind: 'exponential'; mean: number }
  | { kind: 'gamma'; mean: number; cv: number }
  | { kind: 'pareto'; min: number; alpha: number };

/** Standard normal by Box–Muller (1958), one of the pair, so that draws need no hidden state. */
function standardNormal(rng: Rng): number {
  const u = 1 - rng();
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * rng());
}

/** Gamma(shape, 1) by Marsaglia and Tsang (2000), with their boost for shape < 1. */
function standardGamma(shape: number, rng: Rng): number {
  if (shape < 1) return standardGamma(shape + 1, rng) * (1 - rng()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = standardNormal(rng);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = 1 - rng();
    if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** One draw, never negative, in the unit the distribution was written in. */
export function sample(distribution: Distribution, rng: Rng): number {
  switch (distribution.kind) {
    case 'constant':
      return distribution.value;
    case 'uniform':
      return distribution.low + (distribution.high - distribution.low) * rng();
    case 'normal':
      return Math.max(0, distribution.mean + distribution.sd * standardNormal(rng));
    case 'lognormal':
      return distribution.median * Math.exp(distribution.sigma * standardNormal(rng));
    case 'exponential':
      return -distribution.mean * Math.log(1 - rng());
    case 'gamma': {
      if (distribution.cv === 0) return distribution.mean;
      const shape = 1 / distribution.cv ** 2;
      return (distribution.mean / shape) * standardGamma(shape, rng);
    }
    case 'pareto':
      return distribution.min * (1 - rng()) ** (-1 / distribution.alpha);
  }
}

type Form = {
  parameters: [locations: number, shapes: number];
  build: (p: number[]) => Distribution;
};

// Locations come first and carry the unit; shapes are plain numbers.
const forms: Record<string, Form> = {
  constant: { parameters: [1, 0], build: ([value = 0]) => ({ kind: 'constant', value }) },
  uniform: { parameters: [2, 0], build: ([low = 0, high = 0]) => ({ kind: 'uniform', low, high }) },
  normal: { parameters: [2, 0], build: ([mean = 0, sd = 0]) => ({ kind: 'normal', mean, sd }) },
  lognormal: {
    parameters: [1, 1],
    build: ([median = 0, sigma = 0]) => ({ kind: 'lognormal', median, sigma }),
  },
  exponential: { parameters: [1, 0], build: ([mean = 0]) => ({ kind: 'exponential', mean }) },
  gamma: { parameters: [1, 1], build: ([mean = 0, cv = 0]) => ({ kind: 'gamma', mean, cv }) },
  pareto: { parameters: [1, 1], build: ([min = 0, alpha = 0]) => ({ kind: 'pareto', min, alpha }) },
};

/**
 * Parses a distribution.
 *
 * @param parseLocation - reads one location parameter with its unit (a duration, a count) and
 *   throws an Error whose message says what was expected.
 * @throws Error naming the form and what was expected; the caller adds the place.
 */
export function parseDistribution(
  text: string,
  parseLocation: (text: string) => number,
): Distribution {
  const match = /^\s*([a-z]+)\s*\((.*)\)\s*$/i.exec(text);
  if (!match) return { kind: 'constant', value: parseLocation(text.trim()) };
  const name = match[1]!.toLowerCase();
  const form = forms[name];
  if (!form) {
    throw new Error(`unknown distribution "${name}"; known are ${Object.keys(forms).join(', ')}`);
  }
  const parts = match[2]!.split(',').map((part) => part.trim());
  const [locations, shapes] = form.parameters;
  if (parts.length !== locations + shapes || parts.includes('')) {
    throw new Error(`${name}(…) takes ${locations + shapes} parameters, not ${parts.length}`);
  }
  const values = parts.map((part, index) => {
    if (index < locations) return parseLocation(part);
    const value = Number(part);
    if (!Number.isFinite(value) || value < 0) {
      throw new Error(`"${part}" in ${name}(…) must be a plain number ≥ 0`);
    }
    return value;
  });
  const distribution = form.build(values);
  if (distribution.kind === 'pareto' && distribution.alpha === 0) {
    throw new Error('alpha in pareto(min, alpha) must be above 0');
  }
  if (distribution.kind === 'uniform' && distribution.low > distribution.high) {
    throw new Error('uniform(a, b) needs a ≤ b');
  }
  return distribution;
}
