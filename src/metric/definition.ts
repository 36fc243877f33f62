/** What a metric is: the shape of an entry of the catalogue. */
export type MetricUnit = 'ms' | 'count' | 'ratio' | 'per_second' | 'per_minute' | 'bytes' | 'money';

export interface MetricDefinition {
  name: string;
  /** Heading for people: "Time to first token". */
  title: string;
  unit: MetricUnit;
  /** Which direction is better; `none` where neither is. */
  better: 'lower' | 'higher' | 'none';
  /** What one sample is taken of. */
  per: 'turn' | 'session' | 'event' | 'connection' | 'arm';
  /** `distribution` has percentiles in an HDR histogram; `scalar` is one number per trial. */
  kind: 'distribution' | 'scalar';
  formula: string;
  source: string;
}

/** HDR histograms hold integers: milliseconds are stored as µs, ratios as millionths, counts as thousandths. */
export const storageScale: Record<MetricUnit, number> = {
  ms: 1000,
  ratio: 1_000_000,
  count: 1000,
  per_second: 1000,
  per_minute: 1000,
  bytes: 1,
  money: 1000,
};
