/** Histograms in few, log-spaced bins, for drawing. */
import type { MetricHistogram } from '../../metric/histogram.ts';

/** Nothing here is measured finer, ms; shorter times are counted in the first bin. */
export const finestMs = 0.01;

export interface Bins {
  /** Each bin's upper edge over its lower one. */
  ratio: number;
  /** Share of samples per bin. */
  shares: number[];
}

/** `count` bins from `low` to `high`, both above 0; a bucket counts where its middle lies. */
export function binLogarithmically(
  histogram: MetricHistogram,
  low: number,
  high: number,
  count: number,
): Bins {
  const ratio = (high / low) ** (1 / count);
  const shares = Array.from({ length: count }, () => 0);
  for (const bucket of histogram.buckets()) {
    const middle = Math.max((bucket.from + bucket.to) / 2, low);
    const index = Math.min(count - 1, Math.floor(Math.log(middle / low) / Math.log(ratio)));
    shares[Math.max(0, index)]! += bucket.count / histogram.count;
  }
  return { ratio, shares };
}
