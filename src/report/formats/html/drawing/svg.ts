/**
 * Pieces that all charts share: frame, axes, legend markers. Colours are CSS classes, never values.
 * Every element has a separate line, and long data are broken at fixed places, so that two reports
 * differ in the lines where they differ.
 */
import { markColors, markShapes, type Mark } from '../../../view/marks.ts';
import { truncate } from '../../../../format/width.ts';
import type { Scale } from './scale.ts';
import { escapeHtml } from '../escape.ts';

/** Every chart is drawn this wide and scaled by the page, so that text sizes agree between charts. */
export const chartWidth = 560;

export interface Plot {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Room for the labels of a y axis; wide enough for the larger text of narrow screens. */
export const plotArea = (height: number): Plot => ({
  left: 56,
  right: chartWidth - 18,
  top: 16,
  bottom: height - 46,
});

/** Coordinates to a tenth of a unit: less than a screen pixel, and half the bytes. */
export function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Elements of a picture, one a line; those that are '' are left out. */
export function elements(...parts: readonly (string | readonly string[])[]): string {
  return parts
    .flat()
    .filter((part) => part !== '')
    .join('\n');
}

const commandsPerLine = 8;

/** Path data from its commands, a few a line whatever they are. */
export function pathData(commands: readonly string[]): string {
  let data = '';
  for (const [index, command] of commands.entries()) {
    data += index > 0 && index % commandsPerLine === 0 ? `\n${command}` : command;
  }
  return data;
}

/** A path through points; null lifts the pen. */
export function linePath(points: readonly (readonly [number, number] | null)[]): string {
  const commands: string[] = [];
  let drawing = false;
  for (const point of points) {
    if (point !== null) commands.push(`${drawing ? 'L' : 'M'}${at(point[0])} ${at(point[1])}`);
    drawing = point !== null;
  }
  return pathData(commands);
}

export interface SvgOptions {
  id: string;
  title: string;
  description: string;
  height: number;
  /** Default: that of all charts. */
  width?: number;
  body: string;
}

/** A whole chart with its name and description for screen readers. */
export function svg(options: SvgOptions): string {
  const { id, title, description, height, width = chartWidth, body } = options;
  return `<svg class="chart" viewBox="0 0 ${width} ${at(height)}" role="img" aria-labelledby="${id}-t ${id}-d">
<title id="${id}-t">${escapeHtml(title)}</title>
<desc id="${id}-d">${escapeHtml(description)}</desc>
${body}
</svg>`;
}

/** About what a digit or letter takes at the charts' text size, in drawing units. */
export const letterWidth = 6.7;

/**
 * A name cut to the room that there is for it, ending in …; the legend and the table have it in full.
 *
 * @param room - in drawing units.
 */
export function fitted(name: string, room: number): string {
  return truncate(name, Math.max(1, Math.floor(room / letterWidth)));
}

export function text(
  x: number,
  y: number,
  content: string,
  options: { anchor?: 'start' | 'middle' | 'end'; class?: string } = {},
): string {
  const anchor =
    options.anchor && options.anchor !== 'start' ? ` text-anchor="${options.anchor}"` : '';
  const className = options.class ? ` class="${options.class}"` : '';
  return `<text x="${at(x)}" y="${at(y)}"${anchor}${className}>${escapeHtml(content)}</text>`;
}

/** Horizontal grid lines with labels left of the plot, and the axis' name above them. */
export function yAxis(
  plot: Plot,
  scale: Scale,
  format: (value: number) => string,
  name: string,
): string {
  const lines = scale.ticks.flatMap((tick, index) => [
    `<path class="${index === 0 ? 'axis' : 'grid'}" d="M${plot.left} ${at(scale(tick))}H${plot.right}"/>`,
    text(plot.left - 8, scale(tick) + 4, format(tick), {
      anchor: 'end',
      class: index % 2 === 1 && scale.ticks.length > 4 ? 'odd' : '',
    }),
  ]);
  return elements(lines, name === '' ? '' : text(plot.left, plot.top - 4, name, { class: 'name' }));
}

export interface TickLabel {
  value: number;
  label: string;
}

/** Vertical grid lines with labels below, and the axis' name at the bottom right. */
export function xAxis(
  plot: Plot,
  scale: (value: number) => number,
  ticks: readonly TickLabel[],
  name: string,
): string {
  const lines = ticks.flatMap((tick, index) => {
    const x = scale(tick.value);
    return [
      `<path class="grid" d="M${at(x)} ${plot.top}V${plot.bottom}"/>`,
      text(x, plot.bottom + 17, tick.label, {
        anchor: 'middle',
        class: index % 2 === 1 && ticks.length > 5 ? 'odd' : '',
      }),
    ];
  });
  return elements(
    lines,
    text(plot.right, plot.bottom + 38, name, { anchor: 'end', class: 'name' }),
  );
}

/** A number stands for the mark of the series in that place, where there are few. */
const markOf = (mark: Mark | number): Mark =>
  typeof mark === 'number' ? { color: mark % markColors, shape: mark % markShapes } : mark;

/** CSS class of an arm's colour. */
export function seriesClass(mark: Mark | number): string {
  return `s${markOf(mark).color}`;
}

const markerPaths: readonly ((r: number) => string)[] = [
  (r) => `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`,
  (r) => `M${-r} ${-r}h${2 * r}v${2 * r}h${-2 * r}z`,
  (r) => `M0 ${-r * 1.2}L${r * 1.15} ${r * 0.9}H${-r * 1.15}z`,
  (r) => `M0 ${-r * 1.35}L${r * 1.35} 0L0 ${r * 1.35}L${-r * 1.35} 0z`,
];

/** An arm's mark: its shape tells it apart where colours do not. */
export function marker(mark: Mark | number, x: number, y: number, radius = 4): string {
  const path = markerPaths[markOf(mark).shape]!(radius);
  return `<path class="mark ${seriesClass(mark)}" transform="translate(${at(x)} ${at(y)})" d="${path}"/>`;
}

/** The same mark as an inline picture for legends and tables. */
export function markerIcon(mark: Mark | number): string {
  return `<svg class="icon" viewBox="-7 -7 14 14" aria-hidden="true">${marker(mark, 0, 0, 5)}</svg>`;
}

export interface HoverPoint {
  x: number;
  /** Lines of the read-out. */
  text: string;
}

/** Data for the read-out that the page's script shows; without the script it does nothing. */
export function hoverLayer(plot: Plot, points: readonly HoverPoint[]): string {
  const data = points.map(({ x, text }) => JSON.stringify([Math.round(x * 10) / 10, text]));
  return elements(
    `<g class="hover" data-points="[${escapeHtml(data.join(',\n'))}]">`,
    `<path class="rule" d="M0 ${plot.top}V${plot.bottom}" visibility="hidden"/>`,
    `<rect class="catch" x="${plot.left}" y="${plot.top}" width="${plot.right - plot.left}" height="${at(plot.bottom - plot.top)}"/>`,
    '</g>',
  );
}
