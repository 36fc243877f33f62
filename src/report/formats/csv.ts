/** One row per arm and metric; scalars have only a mean. Raw numbers in the metric's unit. */
import { stringify } from 'csv-stringify/sync';
import { shownPercents } from '../view/metric-rows.ts';
import type { ReportModel } from '../view/report-model.ts';
import type { Renderer } from '../renderer.ts';

const percentileColumns = shownPercents.map((percent) => `p${percent}`);

/** Column names, in order. */
export const csvColumns = [
  'arm',
  'metric',
  'unit',
  'n',
  'mean',
  'min',
  ...percentileColumns,
  'max',
] as const;

/** Six significant digits, '' where there is no number. */
function plain(value: number | null): number | string {
  return value === null || !Number.isFinite(value) ? '' : Number(value.toPrecision(6));
}

function rowsOf(model: ReportModel): Record<string, string | number>[] {
  const rows: Record<string, string | number>[] = [];
  for (const [index, arm] of model.arms.entries()) {
    for (const row of model.metrics) {
      const cell = row.cells[index];
      if (!cell) continue;
      rows.push({
        arm: arm.name,
        metric: row.name,
        unit: row.metric.unit,
        n: cell.n,
        mean: plain(cell.mean),
        min: plain(cell.min),
        ...Object.fromEntries(cell.percentiles.map((p) => [`p${p.percent}`, plain(p.value)])),
        max: plain(cell.max),
      });
    }
    for (const row of model.scalars) {
      rows.push({
        arm: arm.name,
        metric: row.name,
        unit: row.metric.unit,
        n: arm.trials,
        mean: plain(row.values[index] ?? null),
      });
    }
  }
  return rows;
}

export const csvRenderer = {
  name: 'csv',
  description: 'one row per arm and metric: n, mean, min, percentiles, max',
  render: (model) => [
    {
      name: 'report.csv',
      // A name that starts like a formula must not run in a spreadsheet.
      text: stringify(rowsOf(model), {
        header: true,
        columns: [...csvColumns],
        escape_formulas: true,
      }),
    },
  ],
} as const satisfies Renderer;
