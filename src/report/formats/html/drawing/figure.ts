/** A chart on the page: heading, legend, picture, how to read it, and the same numbers as a table. */
import type { Mark } from '../../../view/marks.ts';
import { escapeHtml } from '../escape.ts';
import { htmlTable, type HtmlTable } from '../html-table.ts';
import { markerIcon } from './svg.ts';

export interface LegendEntry {
  /** A small picture, of a shape that tells it apart also without its colour: SVG. */
  icon: string;
  /** Text; '' where the icon says it. */
  label: string;
}

export interface Figure {
  id: string;
  title: string;
  legend: readonly LegendEntry[];
  /** One picture or several: SVG, with HTML around it at most. */
  pictures: readonly string[];
  /** One sentence, or a few. */
  howToRead: string;
  /** The numbers that the pictures show. */
  table: HtmlTable;
}

/** Legend entries of the arms: shape, colour and name. */
export function armLegend(
  arms: readonly { name: string; index: number; mark?: Mark }[],
): LegendEntry[] {
  return arms.map((arm) => ({ icon: markerIcon(arm.mark ?? arm.index), label: arm.name }));
}

/** Entries of a legend as a list. */
export function legendHtml(legend: readonly LegendEntry[]): string {
  if (legend.length === 0) return '';
  const entries = legend.map(({ icon, label }) => `<li>${icon}${escapeHtml(label)}</li>`);
  return `<ul class="legend">\n${entries.join('\n')}\n</ul>`;
}

/** The whole figure. */
export function figureHtml(figure: Figure): string {
  const legend = legendHtml(figure.legend);
  return `<figure id="${figure.id}">
<h3>${escapeHtml(figure.title)}</h3>
${legend === '' ? '' : `${legend}\n`}${figure.pictures.join('\n')}
<figcaption><p>${escapeHtml(figure.howToRead)}</p>
<details><summary>The same as a table</summary>
${htmlTable(figure.table, figure.title)}</details></figcaption>
</figure>`;
}
