/**
 * What a report shows of a result: the one view model that every format takes. Types alone; what is
 * shown, which percentile has enough samples, who is lowest and what the verdict is are decided in
 * `build-report-model.ts`, so that formats cannot disagree.
 */
import type { ScalarName } from '../../metric/catalogue.ts';
import type { LandmarkDefinition } from '../../metric/landmark.ts';
import type { DistributionKey, KnownMetric } from '../../metric/lookup.ts';
import type { MetricHistogram } from '../../metric/histogram.ts';
import type { Outcome } from '../../metric/outcome.ts';
import type { GateVerdict } from '../../gate/expression.ts';
import type {
  ArmResult,
  Counts,
  FailureSample,
  StreamSample,
  WasteSums,
} from '../../result/schema.ts';
import type { Support } from '../../validity/percentile-support.ts';
import type { HeatMap } from './heat-map.ts';
import type { Mark } from './marks.ts';
import type { PhaseBands, SeriesPoint } from './time-series.ts';
import type { Verdict } from './verdict.ts';

export interface PercentileView {
  percent: number;
  /** In the metric's unit; null where no sample lies above it. */
  value: number | null;
  support: Support;
}

/** One metric of one arm. */
export interface MetricCell {
  arm: string;
  n: number;
  mean: number;
  min: number;
  max: number;
  percentiles: readonly PercentileView[];
}

export interface MetricRow {
  metric: KnownMetric;
  name: DistributionKey;
  /** Shown in short summaries. */
  primary: boolean;
  /** One per arm, in the arms' order; undefined where the arm has no sample of it. */
  cells: readonly (MetricCell | undefined)[];
  /** The arm with the lowest p50 (highest where more is better); null with one arm or a tie. */
  best: { arm: string; label: 'lowest p50' | 'highest p50' } | null;
}

export interface ScalarRow {
  metric: KnownMetric;
  name: ScalarName;
  values: readonly (number | null)[];
}

export interface OutcomeView {
  outcome: Outcome;
  count: number;
  /** Of all turns of the arm, 0–1. */
  share: number;
  success: boolean;
}

export interface HealthView {
  loopDelayP50: number;
  loopDelayP99: number;
  loopDelayMax: number;
  utilization: number;
  cpu: number;
  gcMs: number;
  gcLongestMs: number;
  rssMb: number;
}

export interface ArmView {
  name: string;
  index: number;
  /** Its place in the scenario's matrix. */
  cell: ArmResult['cell'];
  mark: Mark;
  /** `DIALECT over sse, wire, HTTP/1.1`. */
  how: string;
  target: string;
  model: string;
  load: string;
  /** Network, faults and proxy in one phrase. */
  network: string;
  /** The same for headings: a named network by its name alone; '' where there is nothing. */
  path: string;
  /** Nothing was put between client and target, so that stamps on both sides differ by the instrument's error alone. */
  bare: boolean;
  /** Gap that a reader does not notice, ms. */
  readingPaceMs: number;
  /** What the client does on purpose, '' for nothing. */
  client: string;
  /** Undefined where no client left and none was given up. */
  waste: WasteSums | undefined;
  price: ArmResult['price'];
  trials: number;
  /** Measured time over all trials, s. */
  seconds: number;
  counts: Counts;
  outcomes: readonly OutcomeView[];
  failures: readonly FailureSample[];
  histograms: ReadonlyMap<DistributionKey, MetricHistogram>;
  /** Names of the landmarks that its dialect can report. */
  landmarks: ReadonlySet<string>;
  series: readonly SeriesPoint[];
  bands: PhaseBands;
  samples: readonly StreamSample[];
  /** How many streams the result holds samples of; `samples` is a choice of them. */
  sampleCount: number;
  health: HealthView;
}

export interface GateView {
  text: string;
  arm: string | null;
  verdict: GateVerdict;
  measured: number | null;
  limit: number | null;
  unit: string;
  margin: number | null;
  against?: { arm: string; measured: number } | undefined;
}

/** One kind of warning, with all that it was given for. */
export interface WarningView {
  code: string;
  remedy: string;
  notes: readonly {
    /** Arms that share the message; empty: the whole run. */
    arms: readonly string[];
    message: string;
  }[];
}

export interface ReportModel {
  title: string;
  description: string;
  id: string;
  started: string;
  finished: string;
  scenarioFile: string;
  scenarioHash: string;
  seed: string;
  toolVersion: string;
  environment: readonly (readonly [label: string, value: string])[];
  verdict: Verdict;
  gates: readonly GateView[];
  arms: readonly ArmView[];
  metrics: readonly MetricRow[];
  scalars: readonly ScalarRow[];
  /** Those that a turn of some arm has reached. */
  landmarks: readonly LandmarkDefinition[];
  /** Indexes of the arms in charts and main tables: all, unless a matrix made too many. */
  featured: readonly number[];
  /** Empty without a matrix. */
  heatMaps: readonly HeatMap[];
  warnings: readonly WarningView[];
  /** Some percentile rests on fewer than 20 samples above it, and is marked. */
  hasWeakPercentiles: boolean;
}
