/** Whether there are enough samples for a percentile to mean something. */
import { samplesAbovePercentile } from './limits.ts';

/**
 * - `ok`: at least 20 samples lie above it
 * - `weak`: some do; the number is shown with a mark
 * - `none`: not one does, the "percentile" would be the maximum; no number is shown
 */
export type Support = 'ok' | 'weak' | 'none';

/** @param percent - 0–100. */
export function percentileSupport(samples: number, percent: number): Support {
  if (samples === 0) return 'none';
  // Tolerance: 2000 × (1 − 0.99) is 20.000000000000018 or 19.99… by rounding alone.
  const above = samples * (1 - percent / 100) + 1e-9;
  if (above >= samplesAbovePercentile) return 'ok';
  return above >= 1 ? 'weak' : 'none';
}

/** Samples needed for a percentile to be shown unmarked. */
export function samplesNeeded(percent: number): number {
  // 1 − 0.9999 is off by about 1e-12 in relative terms, which must not cost a whole sample.
  return Math.ceil(samplesAbovePercentile / (1 - percent / 100) - 1e-6);
}
