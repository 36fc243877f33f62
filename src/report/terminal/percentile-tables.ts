/**
 * Percentile tables of the terminal report. One arm: a line per metric. Up to four: arms side by
 * side. More, or too narrow a terminal: a table per metric, a line per arm.
 */
import { otherScalars } from '../view/arm-tables/arm-tables.ts';
import { formatCount, missing, percentileName } from '../../format/number.ts';
import type { Style } from '../../format/style.ts';
import { renderTable, tableFits, type Column } from '../../format/table.ts';
import { wrap } from '../../format/width.ts';
import {
  formatMetric,
  formatPercentile,
  rowFormat,
  weakFootnote,
  weakMark,
} from '../view/metric-format.ts';
import type { MetricRow, ReportModel } from '../view/report-model.ts';

const percents = [50, 90, 95, 99] as const;
const mostSideBySide = 4;

/** Numbers keep their right edge whether or not a mark follows. */
function aligned(text: string): string {
  return text.endsWith(weakMark) ? text : `${text} `;
}

function oneArm(rows: readonly MetricRow[], width: number, style: Style): string[] {
  const columns: Column[] = [
    { heading: 'metric', shrink: true },
    ...percents.map((percent): Column => ({
      heading: aligned(percentileName(percent)),
      align: 'right',
    })),
    { heading: aligned('max'), align: 'right' },
    { heading: 'n', align: 'right' },
  ];
  const cells = rows.map((row) => {
    const cell = row.cells[0]!;
    const format = rowFormat(row, percents);
    return [
      format.label,
      ...percents.map((percent) => aligned(formatPercentile(cell, percent, format))),
      aligned(format.format(cell.max)),
      formatCount(cell.n),
    ];
  });
  return renderTable(columns, cells, { width, paintHeading: (text) => style.dim(text) });
}

function sideBySideRows(rows: readonly MetricRow[]): string[][] {
  const lines: string[][] = [];
  for (const row of rows) {
    const format = rowFormat(row, percents);
    for (const [index, percent] of percents.entries()) {
      lines.push([
        index === 0 ? format.label : '',
        percentileName(percent),
        ...row.cells.map((cell) =>
          aligned(cell ? formatPercentile(cell, percent, format) : missing),
        ),
        index === 0 && row.best ? `${row.best.label.split(' ')[0]}: ${row.best.arm}` : '',
      ]);
    }
    lines.push([
      '',
      'n',
      ...row.cells.map((cell) => aligned(cell ? formatCount(cell.n) : missing)),
      '',
    ]);
  }
  return lines;
}

function sideBySideColumns(model: ReportModel): Column[] {
  return [
    { heading: 'metric' },
    { heading: '' },
    ...model.arms.map((arm): Column => ({ heading: aligned(arm.name), align: 'right' })),
    { heading: 'p50', shrink: true },
  ];
}

function perMetric(model: ReportModel, rows: readonly MetricRow[], width: number, style: Style) {
  const lines: string[] = [];
  for (const row of rows) {
    const format = rowFormat(row, percents);
    const columns: Column[] = [
      { heading: format.label, shrink: true },
      ...percents.map((percent): Column => ({
        heading: aligned(percentileName(percent)),
        align: 'right',
      })),
      { heading: 'n', align: 'right' },
      { heading: '' },
    ];
    const cells = model.arms.map((arm, index) => {
      const cell = row.cells[index];
      return [
        arm.name,
        ...percents.map((percent) =>
          aligned(cell ? formatPercentile(cell, percent, format) : missing),
        ),
        cell ? formatCount(cell.n) : missing,
        row.best?.arm === arm.name ? row.best.label : '',
      ];
    });
    lines.push(
      '',
      ...renderTable(columns, cells, { width, paintHeading: (text) => style.bold(text) }),
    );
  }
  return lines;
}

function scalarTable(model: ReportModel, width: number, style: Style): string[] {
  const lines: string[][] = otherScalars(model).map((row) => [
    row.metric.title,
    ...row.values.map((value) => formatMetric(value, row.metric.unit)),
  ]);
  const columns: Column[] = [
    { heading: 'totals', shrink: true },
    ...model.arms.map((arm): Column => ({ heading: arm.name, align: 'right' })),
  ];
  if (model.arms.length <= mostSideBySide && tableFits(columns, lines, width)) {
    return renderTable(columns, lines, { width, paintHeading: (text) => style.dim(text) });
  }
  // Too many arms for columns: one line per arm, every total named.
  return model.arms.flatMap((arm, index) =>
    wrap(
      `${arm.name}: ${lines.map((line) => `${line[0]} ${line[index + 1]}`).join(' · ')}`,
      width,
      '  ',
    ),
  );
}

/** All tables, with a blank line before each. */
export function metricTables(model: ReportModel, width: number, style: Style): string[] {
  const rows = model.metrics.filter((row) => row.primary);
  const lines: string[] = [];
  if (rows.length > 0) {
    const columns = sideBySideColumns(model);
    if (model.arms.length === 1) {
      lines.push('', ...oneArm(rows, width, style));
    } else {
      const cells = sideBySideRows(rows);
      if (model.arms.length <= mostSideBySide && tableFits(columns, cells, width)) {
        const paint = (text: string, line: number, column: number): string => {
          if (column === 0) return style.bold(text);
          return cells[line]![1] === 'n' || column === 1 ? style.dim(text) : text;
        };
        lines.push(
          '',
          ...renderTable(columns, cells, { width, paint, paintHeading: (text) => style.dim(text) }),
        );
      } else {
        lines.push(...perMetric(model, rows, width, style));
      }
    }
    if (model.hasWeakPercentiles) {
      lines.push(...wrap(weakFootnote, width, '  ').map((line) => style.dim(line)));
    }
  }
  if (model.scalars.length > 0) lines.push('', ...scalarTable(model, width, style));
  return lines;
}
