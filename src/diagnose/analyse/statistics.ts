/** The few statistics that the diagnosis rests on. */

/** The value at a share of the sorted values; NaN where there is none. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const low = Math.floor(position);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (position - low);
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function mean(values: readonly number[]): number {
  return values.length === 0
    ? Number.NaN
    : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** How much values vary around their middle. */
export interface Spread {
  median: number;
  /** Coefficient of variation: standard deviation by mean. */
  cv: number;
  /** Share of the values within 5 % of the median (10 % for times; see `spreadOf`). */
  near: number;
  count: number;
}

/**
 * The `near` share is what decisions use: one burst that a busy machine has split in two moves a
 * standard deviation much and this share little.
 */
export function spreadOf(values: readonly number[], tolerance: number): Spread {
  const middle = median(values);
  const average = mean(values);
  const variance = mean(values.map((value) => (value - average) ** 2));
  const near = values.filter((value) => Math.abs(value - middle) <= tolerance * middle).length;
  return {
    median: middle,
    cv: average > 0 ? Math.sqrt(variance) / average : Number.NaN,
    near: values.length === 0 ? 0 : near / values.length,
    count: values.length,
  };
}
