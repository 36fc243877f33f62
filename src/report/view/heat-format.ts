/** Values of a heat map as text: one unit and precision for the whole map, so that cells compare by eye. */
import { unitFor } from '../../format/duration.ts';
import { decimalsFor, formatCount, missing } from '../../format/number.ts';
import { clearlyAhead, type HeatCell, type HeatMap } from './heat-map.ts';
import { weakMark } from './metric-format.ts';

export interface HeatFormat {
  /** `Stall ratio, mean`. */
  title: string;
  /** '' where the numbers have none. */
  unit: string;
  value: (value: number | null) => string;
  /** With a sign. */
  difference: (value: number | null) => string;
  /** The value with the mark of weak support. */
  cell: (cell: HeatCell) => string;
}

export function heatFormat(map: HeatMap): HeatFormat {
  const { unit, format } = formatterOf(map);
  const [, statistic] = /\.(.+)$/.exec(map.measure) ?? [];
  const value = (of: number | null): string =>
    of === null || !Number.isFinite(of) ? missing : format(of);
  return {
    title: statistic === undefined ? map.metric.title : `${map.metric.title}, ${statistic}`,
    unit,
    value,
    difference: (of) => {
      if (of === null || !Number.isFinite(of)) return missing;
      const text = format(Math.abs(of));
      if (Number(text.replaceAll(',', '')) === 0) return text;
      return `${of < 0 ? '−' : '+'}${text}`;
    },
    cell: (cell) => value(cell.value) + (cell.weak && cell.value !== null ? weakMark : ''),
  };
}

function formatterOf(map: HeatMap): { unit: string; format: (value: number) => string } {
  const values = map.panels.flatMap((panel) =>
    panel.cells.flatMap((row) => row.map((cell) => cell.value ?? Number.NaN)),
  );
  switch (map.metric.unit) {
    case 'ms': {
      // A cell has room for three digits or four: the decimals of its smallest neighbour say nothing.
      const unit = unitFor(values);
      const factor = 1 / { µs: 1 / 1000, ms: 1, s: 1000, min: 60_000 }[unit];
      const largest = Math.max(...values.filter(Number.isFinite), 0) * factor;
      const decimals = decimalsFor(largest === 0 ? 1000 : largest);
      return {
        unit,
        format: (value) =>
          decimals === 0 ? formatCount(value * factor) : (value * factor).toFixed(decimals),
      };
    }
    case 'ratio':
      return { unit: '%', format: (value) => (value * 100).toFixed(1) };
    default: {
      const largest = Math.max(...values.filter(Number.isFinite), 0);
      const decimals = Math.min(1, decimalsFor(largest === 0 ? 1 : largest));
      const units: Record<string, string> = { per_second: '/s', per_minute: '/min' };
      return {
        unit: units[map.metric.unit] ?? '',
        format: (value) => (decimals === 0 ? formatCount(value) : value.toFixed(decimals)),
      };
    }
  }
}

/** `rtt (rows) and loss (columns)`. */
export function axesInWords(map: HeatMap): string {
  return map.rows.name === ''
    ? `arms (rows) and ${map.columns.name} (columns)`
    : `${map.rows.name} (rows) and ${map.columns.name} (columns)`;
}

/** What the mark of a cell means. */
export const aheadNote = `ahead of every other arm in that cell by more than ${clearlyAhead * 100} %: of these runs, not a test of significance`;
