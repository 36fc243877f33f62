/**
 * An HDR histogram of one metric: three significant digits, mergeable, memory independent of the
 * number of samples. Values go in and come out in the metric's unit; inside they are scaled to
 * integers (`storageScale`).
 */
import * as hdr from 'hdr-histogram-js';
import { storageScale } from './definition.ts';
import { unitOf, type DistributionKey } from './lookup.ts';

/** Largest value kept, in stored units: 24 hours in µs. Larger ones are counted as this. */
const highest = 24 * 3600 * 1_000_000;

/**
 * One metric's values. Results hold histograms encoded; decoded they can be merged and asked for any percentile.
 *
 * @example
 * ```js
 * import { MetricHistogram, runScenario } from 'streamgauge';
 *
 * const result = await runScenario({
 *   target: 'mock',
 *   trials: 2,
 *   load: { kind: 'closed', sessions: 2, duration: '1s' },
 *   prompt: 'Hello',
 *   max_tokens: 8,
 * });
 * const all = new MetricHistogram('ttft');
 * for (const trial of result.arms[0].trials) {
 *   const encoded = trial.measured.histograms.ttft;
 *   if (encoded) all.add(MetricHistogram.decode('ttft', encoded));
 * }
 * console.log(all.count, all.percentile(99));
 * ```
 */
export class MetricHistogram {
  readonly metric: DistributionKey;
  readonly scale: number;
  private readonly inner: hdr.JsHistogram;
  private sum = 0;
  private smallest = Number.POSITIVE_INFINITY;
  private largest = Number.NEGATIVE_INFINITY;

  constructor(metric: DistributionKey, inner?: hdr.JsHistogram) {
    this.metric = metric;
    this.scale = storageScale[unitOf(metric)];
    this.inner =
      inner ??
      // `build` is typed by the interface that WebAssembly and plain histograms share; those here are plain.
      (hdr.build({
        bitBucketSize: 32,
        autoResize: true,
        lowestDiscernibleValue: 1,
        highestTrackableValue: 2_000_000,
        numberOfSignificantValueDigits: 3,
      }) as hdr.JsHistogram);
  }

  /** @param value - in the metric's unit; negative values (clock noise below 1 µs) count as 0. */
  record(value: number): void {
    let stored = Math.round(value * this.scale);
    if (stored < 0) stored = 0;
    else if (stored > highest) stored = highest;
    this.inner.recordValue(stored);
    this.sum += value;
    if (value < this.smallest) this.smallest = value;
    if (value > this.largest) this.largest = value;
  }

  get count(): number {
    return this.inner.totalCount;
  }

  /** Exact arithmetic mean of the samples, not of buckets. NaN when empty. */
  get mean(): number {
    return this.count === 0 ? Number.NaN : this.sum / this.count;
  }

  /** Exact. NaN when empty. */
  get min(): number {
    return this.count === 0 ? Number.NaN : this.smallest;
  }

  /** Exact. NaN when empty. */
  get max(): number {
    return this.count === 0 ? Number.NaN : this.largest;
  }

  /** Value at a percentile (0–100), in the metric's unit. NaN when empty. */
  percentile(percent: number): number {
    if (this.count === 0) return Number.NaN;
    // The bucket's upper edge may lie above the largest sample; never report more than was seen.
    return Math.min(this.inner.getValueAtPercentile(percent) / this.scale, this.largest);
  }

  add(other: MetricHistogram): void {
    if (other.count === 0) return;
    this.inner.add(other.inner);
    this.sum += other.sum;
    this.smallest = Math.min(this.smallest, other.smallest);
    this.largest = Math.max(this.largest, other.largest);
  }

  reset(): void {
    this.inner.reset();
    this.sum = 0;
    this.smallest = Number.POSITIVE_INFINITY;
    this.largest = Number.NEGATIVE_INFINITY;
  }

  /** HdrHistogram V2 compressed, base64, with the exact sum and extremes next to it. */
  encode(): EncodedHistogram {
    return {
      hdr: hdr.encodeIntoCompressedBase64(this.inner),
      count: this.count,
      sum: this.sum,
      min: this.count === 0 ? 0 : this.smallest,
      max: this.count === 0 ? 0 : this.largest,
    };
  }

  static decode(metric: DistributionKey, encoded: EncodedHistogram): MetricHistogram {
    const histogram = new MetricHistogram(
      metric,
      hdr.decodeFromCompressedBase64(encoded.hdr) as hdr.JsHistogram,
    );
    // A decoded histogram does not grow; a merge target must.
    histogram.inner.autoResize = true;
    histogram.sum = encoded.sum;
    if (encoded.count > 0) {
      histogram.smallest = encoded.min;
      histogram.largest = encoded.max;
    }
    return histogram;
  }

  /** HdrHistogram's percentile listing (`.hgrm`), values in the metric's unit. */
  toHgrm(): string {
    return this.inner.outputPercentileDistribution(5, this.scale);
  }

  /** Non-empty buckets in ascending order, both edges inclusive, in the metric's unit. For drawing. */
  buckets(): { from: number; to: number; count: number }[] {
    const result: { from: number; to: number; count: number }[] = [];
    let seen = 0;
    for (let index = 0; seen < this.count && index < this.inner.countsArrayLength; index++) {
      const count = this.inner.getCountAtIndex(index);
      if (count === 0) continue;
      const low = this.inner.valueFromIndex(index);
      const high = this.inner.highestEquivalentValue(low);
      result.push({ from: low / this.scale, to: high / this.scale, count });
      seen += count;
    }
    return result;
  }
}

export interface EncodedHistogram {
  hdr: string;
  count: number;
  sum: number;
  min: number;
  max: number;
}
