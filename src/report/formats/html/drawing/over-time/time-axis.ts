/** What charts over the time of the run share: the axis, its phases, and the moments on it. */
import type { ArmView } from '../../../../view/report-model.ts';
import type { SeriesPoint } from '../../../../view/time-series.ts';
import { spanScale, type Scale } from '../scale.ts';
import { at, elements, text, xAxis, type Plot } from '../svg.ts';

/** The time of the run from left to right. */
export interface TimeAxis {
  scale: Scale;
  arms: readonly ArmView[];
}

/** One axis for all arms, as long as the longest of them. */
export function timeAxis(arms: readonly ArmView[], plot: Plot): TimeAxis {
  const end = Math.max(1, ...arms.map((arm) => arm.bands.end));
  return { scale: spanScale(0, end, plot.left, plot.right), arms };
}

/**
 * Shaded where load ran but was not measured.
 *
 * @param named - says in words what the shading is.
 */
export function phaseBands(axis: TimeAxis, plot: Plot, named: boolean): string {
  const [arm] = axis.arms;
  if (!arm) return '';
  const { warmupEnd, measuredEnd, end } = arm.bands;
  const band = (from: number, to: number, label: string): string => {
    if (to - from <= 0) return '';
    const left = axis.scale(from);
    const width = axis.scale(to) - left;
    const name = named && width > 52 ? text(left + 5, plot.top + 14, label, { class: 'name' }) : '';
    return elements(
      `<rect class="band" x="${at(left)}" y="${plot.top}" width="${at(width)}" height="${at(plot.bottom - plot.top)}"><title>${label}</title></rect>`,
      name,
    );
  };
  return elements(band(0, warmupEnd, 'warm-up'), band(measuredEnd, end, 'after'));
}

/** Ticks and name of the axis. */
export function secondsAxis(axis: TimeAxis, plot: Plot): string {
  return xAxis(
    plot,
    axis.scale,
    axis.scale.ticks.map((tick) => ({ value: tick, label: String(tick) })),
    'seconds since the load began',
  );
}

/** Union of all arms' moments, for read-outs and tables. */
export function moments(arms: readonly ArmView[]): number[] {
  return [...new Set(arms.flatMap((arm) => arm.series.map((point) => point.at)))].sort(
    (a, b) => a - b,
  );
}

/** What an arm had at one of these moments; null where it had nothing. */
export function valueAt<T>(
  arm: ArmView,
  moment: number,
  pick: (point: SeriesPoint) => T,
): T | null {
  const point = arm.series.find((candidate) => candidate.at === moment);
  return point ? pick(point) : null;
}
