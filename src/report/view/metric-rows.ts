/** The tables of metrics: a row for each metric, a cell for each arm, and which arm is ahead in it. */
import {
  distributionNames,
  metricOf,
  scalarNames,
  type DistributionName,
  type MetricDefinition,
} from '../../metric/catalogue.ts';
import type { MetricHistogram } from '../../metric/histogram.ts';
import type { MergedPhase } from '../../result/merge.ts';
import { warningLimits } from '../../validity/limits.ts';
import { percentileSupport } from '../../validity/percentile-support.ts';
import type { ArmView, MetricCell, MetricRow, ScalarRow } from './report-model.ts';

/** Percentiles that reports show. */
export const shownPercents = [50, 90, 95, 99, 99.9] as const;

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

/** Distributions that some arm has samples of, in the order of the catalogue. */
export function metricRows(arms: readonly ArmView[]): MetricRow[] {
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

/** Scalars that some arm has. */
export function scalarRows(merged: readonly MergedPhase[]): ScalarRow[] {
  return scalarNames
    .map((name) => ({
      metric: metricOf(name),
      name,
      values: merged.map((phase) => phase.scalars.get(name) ?? null),
    }))
    .filter((row) => row.values.some((value) => value !== null));
}

/** Whether some percentile that summaries show rests on too few samples, and is marked. */
export function hasWeakPercentiles(rows: readonly MetricRow[]): boolean {
  return rows.some((row) =>
    row.cells.some((cell) => cell?.percentiles.some((p) => p.support !== 'ok' && p.percent <= 99)),
  );
}
