/** Rows of text that the terminal and the Markdown comparison share. */
import { formatDuration } from '../../format/duration.ts';
import { formatChange, formatCount, missing } from '../../format/number.ts';
import { formatMetric, weakMark } from '../view/metric-format.ts';
import type { ComparedMetric, ComparisonModel } from './comparison-model.ts';

function signed(value: number | null, unit: ComparedMetric['unit']): string {
  if (value === null) return missing;
  const sign = value > 0 ? '+' : '';
  if (unit === 'ms') return `${sign}${formatDuration(value)}`;
  // A difference of shares is not itself a share: from 1 % to 2 % is one percentage point.
  if (unit === 'ratio') return `${sign}${(value * 100).toFixed(2)} pp`;
  return `${sign}${formatMetric(value, unit)}`;
}

function marked(value: number | null, support: string, unit: ComparedMetric['unit']): string {
  if (value === null) return missing;
  return formatMetric(value, unit) + (support === 'ok' ? '' : weakMark);
}

export const comparisonHeadings = (model: ComparisonModel): string[] => [
  'metric',
  '',
  'A',
  ...model.sides.slice(1).flatMap((side) => [side.label, 'difference', 'change']),
];

/** One row per percentile, one for n; the metric's name only on its first row. */
export function comparisonRows(metrics: readonly ComparedMetric[]): string[][] {
  return metrics.flatMap((metric) => [
    ...metric.rows.map((row, index) => [
      index === 0 ? metric.name : '',
      `p${row.percent}`,
      marked(row.base.value, row.base.support, metric.unit),
      ...row.candidates.flatMap((candidate) => [
        marked(candidate.value, candidate.support, metric.unit),
        signed(candidate.difference, metric.unit),
        candidate.change === null ? missing : formatChange(candidate.change),
      ]),
    ]),
    [
      '',
      'n',
      formatCount(metric.rows[0]!.base.n),
      ...metric.rows[0]!.candidates.flatMap((candidate) => [formatCount(candidate.n), '', '']),
    ],
  ]);
}

/** Rows of totals of one arm: base, then each candidate with its relative change. */
export function scalarRows(model: ComparisonModel, arm: string): string[][] {
  return model.scalars
    .filter((scalar) => scalar.arm === arm)
    .map((scalar) => {
      const [base = null, ...others] = scalar.values;
      return [
        scalar.name,
        '',
        formatMetric(base, scalar.unit),
        ...others.flatMap((value) => [
          formatMetric(value, scalar.unit),
          value === null || base === null ? missing : signed(value - base, scalar.unit),
          value === null || base === null || base === 0 ? missing : formatChange(value / base - 1),
        ]),
      ];
    });
}

/** Names of the compared arms, in order. */
export function armsOf(model: ComparisonModel): string[] {
  return [...new Set(model.metrics.map((metric) => metric.arm))];
}

export function hasWeak(model: ComparisonModel): boolean {
  return model.metrics.some((metric) =>
    metric.rows.some(
      (row) =>
        row.base.support !== 'ok' || row.candidates.some((candidate) => candidate.support !== 'ok'),
    ),
  );
}
