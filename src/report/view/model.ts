/**
 * The one view model that every renderer takes. What is shown, which percentile has enough samples,
 * who is lowest, what the verdict is: all decided here, so that formats cannot disagree.
 */
import {
  distributionNames,
  metricOf,
  scalarNames,
  type DistributionName,
  type MetricDefinition,
  type MetricName,
  type ScalarName,
} from '../../metric/catalogue.ts';
import type { MetricHistogram } from '../../metric/histogram.ts';
import { isSuccess, outcomeNames, type Outcome } from '../../metric/outcome.ts';
import type { GateVerdict } from '../../gate/expression.ts';
import { mergeArm, mergeFailures, type MergedPhase } from '../../result/merge.ts';
import type {
  ArmResult,
  Counts,
  FailureSample,
  Result,
  StreamSample,
  WasteSums,
} from '../../result/schema.ts';
import { warningLimits } from '../../validity/limits.ts';
import { percentileSupport, type Support } from '../../validity/percentile-support.ts';
import { chooseSamples } from './choose-samples.ts';
import { featuredArms, marksOf, type Mark } from './featured.ts';
import { gridOf } from './grid.ts';
import { defaultHeatMaps, heatMaps, type HeatMap } from './heat-map.ts';
import { phaseBands, timeSeries, type PhaseBands, type SeriesPoint } from './time-series.ts';
import { verdictOf, type Verdict } from './verdict.ts';

/** Percentiles that reports show. */
export const shownPercents = [50, 90, 95, 99, 99.9] as const;

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
  metric: MetricDefinition & { name: MetricName };
  name: DistributionName;
  /** Shown in short summaries. */
  primary: boolean;
  /** One per arm, in the arms' order; undefined where the arm has no sample of it. */
  cells: readonly (MetricCell | undefined)[];
  /** The arm with the lowest p50 (highest where more is better); null with one arm or a tie. */
  best: { arm: string; label: 'lowest p50' | 'highest p50' } | null;
}

export interface ScalarRow {
  metric: MetricDefinition & { name: MetricName };
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
  /** Where it stands in the scenario's matrix. */
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
  histograms: ReadonlyMap<DistributionName, MetricHistogram>;
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
  /** Indexes of the arms in charts and main tables: all, unless a matrix made too many. */
  featured: readonly number[];
  /** Empty without a matrix. */
  heatMaps: readonly HeatMap[];
  warnings: readonly WarningView[];
  /** Some percentile rests on fewer than 20 samples above it, and is marked. */
  hasWeakPercentiles: boolean;
}

const primaryMetrics: ReadonlySet<DistributionName> = new Set([
  'ttft',
  'ttfo',
  'itl',
  'tpot',
  'e2e',
  'response_time',
  'session_time',
  'audio_real_time_factor',
]);

/** Shown with the primary ones where events come in bunches: then `itl` alone misleads. */
const bunchMetrics: ReadonlySet<DistributionName> = new Set(['events_per_read', 'longest_stall']);

function cellOf(arm: string, histogram: MetricHistogram): MetricCell {
  const n = histogram.count;
  return {
    arm,
    n,
    mean: histogram.mean,
    min: histogram.min,
    max: histogram.max,
    percentiles: shownPercents.map((percent) => {
      const support = percentileSupport(n, percent);
      // A lone sample is its own median; hiding it would hide the run.
      const shown = support !== 'none' || percent === 50;
      return { percent, value: shown ? histogram.percentile(percent) : null, support };
    }),
  };
}

function bestOf(
  metric: MetricDefinition,
  cells: readonly (MetricCell | undefined)[],
): MetricRow['best'] {
  if (metric.better === 'none') return null;
  const ranked = cells
    .filter((cell) => cell !== undefined)
    .map((cell) => ({ arm: cell.arm, value: cell.percentiles[0]!.value ?? Number.NaN }))
    .filter((entry) => Number.isFinite(entry.value))
    .sort((a, b) => (metric.better === 'lower' ? a.value - b.value : b.value - a.value));
  const [first, second] = ranked;
  if (!first || !second || first.value === second.value) return null;
  return { arm: first.arm, label: metric.better === 'lower' ? 'lowest p50' : 'highest p50' };
}

/** `lte-driving (bandwidth …)` is called by its name; the whole stands where the run is described. */
function pathName({ network, proxy }: ArmResult): string {
  const name = /^[\w-]+(?= \()/.exec(network)?.[0] ?? network;
  return [
    ...(network === 'direct' ? [] : [name]),
    ...(proxy === 'none' ? [] : [`behind ${proxy}`]),
  ].join(', ');
}

/** Whether two rows show the same numbers everywhere, so that one of them says nothing. */
function sameNumbers(a: MetricRow, b: MetricRow): boolean {
  return a.cells.every((cell, index) => {
    const other = b.cells[index];
    if (!cell || !other) return !cell && !other;
    return (
      cell.n === other.n &&
      cell.percentiles.every((p, k) => p.value === other.percentiles[k]!.value)
    );
  });
}

function metricRows(arms: readonly ArmView[]): MetricRow[] {
  const rows: MetricRow[] = [];
  const bunched = arms.some((arm) => {
    const reads = arm.histograms.get('events_per_read');
    return reads !== undefined && reads.count > 0 && reads.mean > warningLimits.eventsPerRead;
  });
  for (const name of distributionNames) {
    const cells = arms.map((arm) => {
      const histogram = arm.histograms.get(name);
      return histogram ? cellOf(arm.name, histogram) : undefined;
    });
    if (cells.every((cell) => cell === undefined)) continue;
    const metric = metricOf(name);
    rows.push({
      metric,
      name,
      primary: primaryMetrics.has(name) || (bunched && bunchMetrics.has(name)),
      cells,
      // Where events come in bunches, most gaps are nothing: the lowest is the worst collected.
      best: bunched && name === 'itl' ? null : bestOf(metric, cells),
    });
  }
  const ttft = rows.find((row) => row.name === 'ttft');
  return rows.map((row) =>
    row.name === 'ttfo' && ttft && sameNumbers(ttft, row) ? { ...row, primary: false } : row,
  );
}

function scalarRows(merged: readonly MergedPhase[]): ScalarRow[] {
  return scalarNames
    .map((name) => ({
      metric: metricOf(name),
      name,
      values: merged.map((phase) => phase.scalars.get(name) ?? null),
    }))
    .filter((row) => row.values.some((value) => value !== null));
}

function outcomeViews(counts: Counts): OutcomeView[] {
  const byName = counts.turn_outcomes as Partial<Record<Outcome, number>>;
  return outcomeNames
    .map((outcome) => ({
      outcome,
      count: byName[outcome] ?? 0,
      share: counts.turns_started === 0 ? 0 : (byName[outcome] ?? 0) / counts.turns_started,
      success: isSuccess(outcome),
    }))
    .filter((view) => view.count > 0);
}

function healthOf(arm: ArmResult): HealthView {
  const all = arm.trials.map((trial) => trial.health);
  const largest = (pick: (health: (typeof all)[number]) => number): number =>
    Math.max(...all.map(pick), 0);
  return {
    loopDelayP50: largest((h) => h.event_loop_delay_ms.p50),
    loopDelayP99: largest((h) => h.event_loop_delay_ms.p99),
    loopDelayMax: largest((h) => h.event_loop_delay_ms.max),
    utilization: largest((h) => h.event_loop_utilization),
    cpu: largest((h) => h.cpu),
    gcMs: all.reduce((sum, h) => sum + h.gc_ms, 0),
    gcLongestMs: largest((h) => h.gc_longest_ms),
    rssMb: largest((h) => h.rss_mb),
  };
}

/** Network, faults and proxy, and what modelled senders put on the wire for what they were to carry. */
function networkText(arm: ArmResult): string {
  const traffic = arm.trials.flatMap(({ faults }) =>
    faults.flatMap((fault) => fault.traffic ?? []),
  );
  const sum = (key: 'bytes' | 'stream_bytes'): number =>
    traffic.reduce((total, one) => total + one[key], 0);
  const carried = sum('stream_bytes');
  return [
    arm.network,
    ...(carried > 0 ? [`${(sum('bytes') / carried).toFixed(2)} bytes sent for each to carry`] : []),
    ...(arm.proxy === 'none' ? [] : [`behind ${arm.proxy}`]),
  ].join(', ');
}

function armView(arm: ArmResult, index: number, mark: Mark, merged: MergedPhase): ArmView {
  const all = arm.trials.flatMap((trial) => trial.samples);
  return {
    name: arm.name,
    index,
    cell: arm.cell,
    mark,
    how: `${arm.dialect} over ${arm.transport}, ${arm.via === 'sdk' ? 'official SDK' : 'wire'}, HTTP/${arm.http_version}`,
    target: arm.target,
    model: arm.model,
    load: arm.load,
    network: networkText(arm),
    path: pathName(arm),
    bare: arm.network === 'direct' && arm.proxy === 'none' && !arm.client?.includes('reads'),
    readingPaceMs: arm.reading_pace_ms,
    client: arm.client ?? '',
    waste: merged.waste,
    price: arm.price,
    trials: arm.trials.length,
    seconds: merged.seconds,
    counts: merged.counts,
    outcomes: outcomeViews(merged.counts),
    failures: mergeFailures(arm),
    histograms: merged.histograms,
    series: timeSeries(arm),
    bands: phaseBands(arm),
    samples: chooseSamples(all),
    sampleCount: all.length,
    health: healthOf(arm),
  };
}

/** More messages of one kind than this are counted: they differ in a number only. */
const mostNotes = 5;

function fewNotes(notes: WarningView['notes']): WarningView['notes'] {
  if (notes.length <= mostNotes) return notes;
  const kept = notes.slice(0, mostNotes - 1);
  const left = notes.slice(mostNotes - 1).reduce((sum, { arms }) => sum + arms.length, 0);
  return [...kept, { arms: [], message: `and the like in ${left} more arms` }];
}

/** Warnings of one kind become one, so that a remedy is read once. */
function warningViews(result: Result): WarningView[] {
  const kinds = new Map<string, { view: WarningView; notes: Map<string, string[]> }>();
  for (const { code, arm, message, remedy } of result.warnings) {
    const key = `${code}\n${remedy}`;
    const kind = kinds.get(key) ?? { view: { code, remedy, notes: [] }, notes: new Map() };
    kinds.set(key, kind);
    const arms = kind.notes.get(message) ?? [];
    kind.notes.set(message, arms);
    if (arm !== null) arms.push(arm);
  }
  return [...kinds.values()].map(({ view, notes }) => ({
    ...view,
    notes: fewNotes([...notes].map(([message, arms]) => ({ message, arms }))),
  }));
}

/** Decides everything a report shows of a result. */
export function buildModel(result: Result): ReportModel {
  const merged = result.arms.map((arm) => mergeArm(arm));
  const marks = marksOf(result.arms);
  const arms = result.arms.map((arm, index) => armView(arm, index, marks[index]!, merged[index]!));
  const metrics = metricRows(arms);
  const { environment: env, scenario } = result;
  return {
    title: scenario.name,
    description: scenario.description,
    id: result.id,
    started: result.started,
    finished: result.finished,
    scenarioFile: scenario.file,
    scenarioHash: scenario.sha256,
    seed: scenario.seed,
    toolVersion: result.tool.version,
    environment: [
      ['Node', env.node],
      ['Platform', env.platform],
      ['CPU', `${env.cpu}, ${env.cores} core${env.cores === 1 ? '' : 's'}`],
      ['Memory', `${Math.round(env.memory_mb)} MB`],
      [
        'Libraries',
        Object.entries(env.libraries)
          .map(([name, v]) => `${name} ${v}`)
          .join(', '),
      ],
    ],
    verdict: verdictOf(result),
    gates: result.gates,
    arms,
    metrics,
    scalars: scalarRows(merged),
    featured: featuredArms(result.arms),
    heatMaps: heatMaps(
      gridOf(result.arms),
      result.heatmap ?? defaultHeatMaps,
      merged,
      result.validity.valid,
    ),
    warnings: warningViews(result),
    hasWeakPercentiles: metrics.some((row) =>
      row.cells.some((cell) =>
        cell?.percentiles.some((p) => p.support !== 'ok' && p.percent <= 99),
      ),
    ),
  };
}
