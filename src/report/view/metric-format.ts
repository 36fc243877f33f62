/** Values of metrics as text, by the metric's unit. */
import type { DistributionName, MetricUnit, ScalarName } from '../../metric/catalogue.ts';
import { durationColumn, formatDuration } from '../../format/duration.ts';
import {
  decimalsFor,
  formatBytes,
  formatChange,
  formatCount,
  formatNumber,
  formatRate,
  formatShare,
  missing,
} from '../../format/number.ts';
import type { GateView, MetricCell, MetricRow, ReportModel } from './report-model.ts';

/** One value with its unit. */
export function formatMetric(value: number | null, unit: MetricUnit | (string & {})): string {
  if (value === null || !Number.isFinite(value)) return missing;
  switch (unit) {
    case 'ms':
      return formatDuration(value);
    case 'ratio':
      return formatShare(value);
    case 'bytes':
      return formatBytes(value);
    case 'per_second':
      return formatRate(value);
    case 'per_minute':
      return `${formatNumber(value)}/min`;
    default:
      return formatNumber(value);
  }
}

/** What a gate found; of a comparison of two arms also how far apart they are. */
export function formatMeasured({
  measured,
  unit,
  against,
}: Pick<GateView, 'measured' | 'unit' | 'against'>): string {
  const value = formatMetric(measured, unit);
  if (measured === null || !against || against.measured === 0) return value;
  const change = formatChange(measured / against.measured - 1);
  return `${value} (${change} on ${against.arm})`;
}

/** One unit and one precision for all numbers of a row, so that they compare by eye. */
export interface RowFormat {
  /** `ttft [ms]`, `tokens_per_event`. */
  label: string;
  /** '' where the numbers have none. */
  unit: string;
  format(value: number | null): string;
}

/** @param percents - the percentiles that will be shown; others do not decide the precision. */
export function rowFormat(row: MetricRow, percents: readonly number[]): RowFormat {
  const values = row.cells.flatMap((cell) =>
    cell ? percents.map((percent) => percentileOf(cell, percent).value ?? Number.NaN) : [],
  );
  if (row.metric.unit === 'ms') {
    const column = durationColumn(values);
    return {
      label: `${row.name} [${column.unit}]`,
      unit: column.unit,
      format: (value) => (value === null ? missing : column.format(value)),
    };
  }
  if (row.metric.unit === 'ratio' && row.name !== 'audio_real_time_factor') {
    const percentOf = (value: number | null): string =>
      value === null || !Number.isFinite(value) ? missing : (value * 100).toFixed(1);
    return { label: `${row.name} [%]`, unit: '%', format: percentOf };
  }
  const smallest = Math.min(...values.filter((value) => value > 0), Number.POSITIVE_INFINITY);
  const decimals = Number.isFinite(smallest) ? decimalsFor(smallest) : 0;
  return {
    label: row.name,
    unit: '',
    format: (value) => {
      if (value === null || !Number.isFinite(value)) return missing;
      return decimals === 0 ? formatCount(value) : value.toFixed(decimals);
    },
  };
}

/** A cell's percentile. @throws RangeError for one that reports do not show. */
export function percentileOf(cell: MetricCell, percent: number): MetricCell['percentiles'][number] {
  const found = cell.percentiles.find((view) => view.percent === percent);
  if (!found) throw new RangeError(`p${percent} is not among the percentiles shown`);
  return found;
}

/** The mark behind a percentile that too few samples support. */
export const weakMark = '*';
export const weakFootnote = `${weakMark} fewer than 20 samples lie above it: read it as an anecdote. ${missing} none does.`;

/** A percentile as text: value, mark or –. */
export function formatPercentile(cell: MetricCell, percent: number, format: RowFormat): string {
  const view = percentileOf(cell, percent);
  if (view.value === null) return missing;
  return format.format(view.value) + (view.support === 'ok' ? '' : weakMark);
}

/**
 * A percentile of one arm with its unit and mark; – where the arm has no sample of the metric.
 *
 * @param index - of the arm in the model.
 */
export function percentileText(
  model: ReportModel,
  name: DistributionName,
  index: number,
  percent: number,
): string {
  const row = model.metrics.find((candidate) => candidate.name === name);
  const cell = row?.cells[index];
  if (!row || !cell) return missing;
  const { value, support } = percentileOf(cell, percent);
  return formatMetric(value, row.metric.unit) + (support === 'weak' ? weakMark : '');
}

/**
 * A scalar of one arm in the metric's unit, or null.
 *
 * @param index - of the arm in the model.
 */
export function scalarOf(model: ReportModel, name: ScalarName, index: number): number | null {
  return model.scalars.find((row) => row.name === name)?.values[index] ?? null;
}
