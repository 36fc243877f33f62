/**
 * Heat maps of a matrix: one metric over its first two axes, a panel for each arm that was multiplied,
 * all panels on one scale. What is compared, marked and coloured is decided here for every format.
 */
import { measure } from '../../gate/evaluate.ts';
import type { GateOperand } from '../../gate/expression.ts';
import { parseMeasure } from '../../gate/grammar.ts';
import type { MetricDefinition } from '../../metric/definition.ts';
import type { LandmarkDefinition } from '../../metric/landmark.ts';
import { metricOf, type KnownMetric } from '../../metric/lookup.ts';
import type { MergedPhase } from '../../result/merge.ts';
import { percentileSupport } from '../../validity/percentile-support.ts';
import type { Axis, Grid } from './grid.ts';

/** Shown where the scenario does not say: does it flow, how bad does it get, how long until it starts. */
export const defaultHeatMaps = ['stall_ratio.mean', 'longest_stall.p95', 'ttft.p95'] as const;

/** An arm is marked where it is ahead of every other in that cell by more than this share. */
export const clearlyAhead = 0.1;

export interface HeatCell {
  /** In the metric's unit; null where there is none. */
  value: number | null;
  /** Rests on fewer than 20 samples above it. */
  weak: boolean;
  /** Ahead of every other panel here by more than a tenth. */
  ahead: boolean;
}

export interface HeatPanel {
  /** `sse`; with a third axis `sse, sessions=5`. */
  name: string;
  /** By row, then by column. */
  cells: readonly (readonly HeatCell[])[];
}

/** One panel minus the first, value by value; null where one of the two is missing. */
export interface HeatDifference {
  /** `websocket − sse`. */
  name: string;
  cells: readonly (readonly (number | null)[])[];
}

export interface HeatMap {
  /** `stall_ratio.p95`. */
  measure: string;
  metric: KnownMetric;
  rows: { name: string; values: readonly string[] };
  columns: { name: string; values: readonly string[] };
  panels: readonly HeatPanel[];
  /** Empty with one panel. */
  differences: readonly HeatDifference[];
  /** Ends of the colour scale, of all panels together; null where no cell has a value. */
  range: { low: number; high: number } | null;
  /** Largest difference in either direction. */
  widest: number;
  hasWeak: boolean;
  hasAhead: boolean;
}

/** The name of a measure, as a gate would write it. */
function measureName({ metric, statistic }: GateOperand): string {
  if (!statistic) return metric;
  return `${metric}.${statistic.kind === 'percentile' ? `p${statistic.percent}` : statistic.kind}`;
}

function weakAt({ metric, statistic }: GateOperand, phase: MergedPhase): boolean {
  if (statistic?.kind !== 'percentile') return false;
  const count = phase.histograms.get(metric as never)?.count ?? 0;
  return percentileSupport(count, statistic.percent) !== 'ok';
}

/** The panels: one for each base and combination of the axes past the second. */
function panelPlaces(grid: Grid): { name: string; base: string; rest: readonly string[] }[] {
  let rests: { labels: string[]; values: string[] }[] = [{ labels: [], values: [] }];
  for (const axis of grid.axes.slice(2)) {
    rests = rests.flatMap((rest) =>
      axis.values.map((value) => ({
        labels: [...rest.labels, `${axis.name}=${value}`],
        values: [...rest.values, value],
      })),
    );
  }
  return rests.flatMap(({ labels, values }) =>
    grid.bases.map((base) => ({ name: [base, ...labels].join(', '), base, rest: values })),
  );
}

const axisLabels = (axis: Axis): { name: string; values: readonly string[] } => ({
  name: axis.name,
  values: axis.values,
});

/**
 * @param measures - as in gates, without an arm: `ttft.p95`, `stalls`.
 * @param landmarks - of the result, for measures of theirs.
 * @param phases - the measured phase of each arm, in the order of the result.
 * @param valid - false where the harness was the limit: then no arm is ahead of another.
 */
export function heatMaps(
  grid: Grid | undefined,
  measures: readonly string[],
  landmarks: readonly LandmarkDefinition[],
  phases: readonly MergedPhase[],
  valid: boolean,
): HeatMap[] {
  if (!grid) return [];
  return measures.map((text) => {
    const operand = parseMeasure(text, landmarks);
    return heatMap(grid, operand, metricOf(operand.metric, landmarks), phases, valid);
  });
}

function heatMap(
  grid: Grid,
  operand: GateOperand,
  metric: KnownMetric,
  phases: readonly MergedPhase[],
  valid: boolean,
): HeatMap {
  const better = valid ? metric.better : 'none';
  const [first, second] = grid.axes;
  const cellAt = (base: string, values: readonly string[]): HeatCell => {
    const index = grid.armAt(base, values);
    const phase = index === undefined ? undefined : phases[index];
    const value = phase ? measure(operand, phase) : undefined;
    if (value === undefined || !Number.isFinite(value)) {
      return { value: null, weak: false, ahead: false };
    }
    return { value, weak: weakAt(operand, phase!), ahead: false };
  };
  // One axis: the arms are the rows. Two and more: a panel for each arm.
  const panels = second
    ? panelPlaces(grid).map(({ name, base, rest }) => ({
        name,
        cells: first!.values.map((row) =>
          second.values.map((column) => cellAt(base, [row, column, ...rest])),
        ),
      }))
    : [
        {
          name: '',
          cells: grid.bases.map((base) => first!.values.map((value) => cellAt(base, [value]))),
        },
      ];
  const marked = second
    ? markAhead(panels, better, grid.bases.length)
    : [{ ...panels[0]!, cells: markRows(panels[0]!.cells, better) }];
  const values = marked.flatMap((panel) =>
    panel.cells.flatMap((row) => row.flatMap((cell) => (cell.value === null ? [] : [cell.value]))),
  );
  const differences = second ? differencesOf(marked, grid.bases.length) : [];
  const flat = marked.flatMap((panel) => panel.cells.flat());
  return {
    measure: measureName(operand),
    metric,
    rows: second ? axisLabels(first!) : { name: '', values: grid.bases },
    columns: axisLabels(second ?? first!),
    panels: marked,
    differences,
    range: values.length === 0 ? null : { low: Math.min(...values), high: Math.max(...values) },
    widest: Math.max(
      0,
      ...differences.flatMap((one) => one.cells.flat().map((value) => Math.abs(value ?? 0))),
    ),
    hasWeak: flat.some((cell) => cell.weak),
    hasAhead: flat.some((cell) => cell.ahead),
  };
}

/** Index of the value that is ahead of all others by more than a tenth; -1 where none is. */
export function aheadAmong(
  values: readonly (number | null)[],
  better: MetricDefinition['better'],
): number {
  if (better === 'none') return -1;
  const ranked = values
    .map((value, index) => ({ value, index }))
    .filter((entry): entry is { value: number; index: number } => entry.value !== null)
    .sort((a, b) => (better === 'lower' ? a.value - b.value : b.value - a.value));
  const [best, next] = ranked;
  if (!best || !next) return -1;
  const larger = Math.max(Math.abs(best.value), Math.abs(next.value));
  return Math.abs(best.value - next.value) > clearlyAhead * larger ? best.index : -1;
}

/** Compares the panels of one combination of further axes with each other. */
function markAhead(
  panels: readonly HeatPanel[],
  better: MetricDefinition['better'],
  bases: number,
): HeatPanel[] {
  return panels.map((panel, index) => {
    const group = Math.floor(index / bases) * bases;
    const rivals = panels.slice(group, group + bases);
    return {
      ...panel,
      cells: panel.cells.map((row, y) =>
        row.map((cell, x) => {
          const values = rivals.map((rival) => rival.cells[y]![x]!.value);
          return { ...cell, ahead: aheadAmong(values, better) === index - group };
        }),
      ),
    };
  });
}

/** The same where the arms are the rows of one panel. */
function markRows(
  rows: readonly (readonly HeatCell[])[],
  better: MetricDefinition['better'],
): HeatCell[][] {
  return rows.map((row, y) =>
    row.map((cell, x) => {
      const values = rows.map((other) => other[x]!.value);
      return { ...cell, ahead: aheadAmong(values, better) === y };
    }),
  );
}

function differencesOf(panels: readonly HeatPanel[], bases: number): HeatDifference[] {
  return panels.flatMap((panel, index) => {
    const base = panels[Math.floor(index / bases) * bases]!;
    if (panel === base) return [];
    return [
      {
        name: `${panel.name} − ${base.name}`,
        cells: panel.cells.map((row, y) =>
          row.map((cell, x) => {
            const other = base.cells[y]![x]!.value;
            return cell.value === null || other === null ? null : cell.value - other;
          }),
        ),
      },
    ];
  });
}

/** Whether the colours follow the square root of the values: most cells lie far below the largest. */
function isSkewed(values: readonly number[], low: number, high: number): boolean {
  const sorted = [...values].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? high;
  return high > low && (median - low) / (high - low) < 0.2;
}

/** Value → place on the colour scale, 0 to 1; and back, for its legend. */
export interface HeatScale {
  place(value: number): number;
  valueAt(place: number): number;
  squareRoot: boolean;
  /** Every cell has the same value: there is nothing to colour. */
  flat: boolean;
}

/** One scale for all panels. Metrics that cannot be below 0 begin there, unless that wastes it. */
export function heatScale(map: HeatMap): HeatScale {
  const values = map.panels.flatMap((panel) =>
    panel.cells.flatMap((row) => row.flatMap(({ value }) => (value === null ? [] : [value]))),
  );
  const { low: least, high } = map.range ?? { low: 0, high: 1 };
  const low = least > high / 2 ? least : Math.min(0, least);
  const span = high > low ? high - low : 1;
  const squareRoot = isSkewed(values, low, high);
  const flat = !(high > least);
  return {
    squareRoot,
    flat,
    place: (value) => {
      if (flat) return 0;
      const share = Math.min(1, Math.max(0, (value - low) / span));
      return squareRoot ? Math.sqrt(share) : share;
    },
    valueAt: (place) => low + span * (squareRoot ? place ** 2 : place),
  };
}
