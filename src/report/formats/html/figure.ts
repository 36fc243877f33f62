/** A chart on the page: heading, legend, picture, how to read it, and the same numbers as a table. */
import type { Mark } from '../../view/marks.ts';
import { escapeHtml } from './escape.ts';
import { markerIcon } from './svg.ts';

export interface HtmlTable {
  headings: readonly string[];
  rows: readonly (readonly string[])[];
  /** Columns from this one on are numbers. Default 1. */
  numbersFrom?: number;
}

export interface Figure {
  id: string;
  title: string;
  /** Legend entries, already HTML. */
  legend: readonly string[];
  /** One picture or several. */
  pictures: readonly string[];
  /** One sentence. */
  howToRead: string;
  table: HtmlTable;
}

/** A table in a box that scrolls by itself, reachable by keyboard. */
export function htmlTable(table: HtmlTable, label: string): string {
  const from = table.numbersFrom ?? 1;
  const cell = (tag: 'th' | 'td', content: string, column: number): string => {
    const scope = tag === 'th' ? ' scope="col"' : '';
    return `<${tag}${scope}${column >= from ? ' class="num"' : ''}>${escapeHtml(content)}</${tag}>`;
  };
  const head = table.headings.map((heading, column) => cell('th', heading, column)).join('');
  const body = table.rows
    .map((row) => `<tr>${row.map((content, column) => cell('td', content, column)).join('')}</tr>`)
    .join('\n');
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(label)}"><table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
}

/** Legend entries of the arms: shape, colour and name. */
export function armLegend(arms: readonly { name: string; index: number; mark?: Mark }[]): string[] {
  return arms.map((arm) => `${markerIcon(arm.mark ?? arm.index)}${escapeHtml(arm.name)}`);
}

export function figure(options: Figure): string {
  const legend =
    options.legend.length === 0
      ? ''
      : `<ul class="legend">${options.legend.map((entry) => `<li>${entry}</li>`).join('')}</ul>`;
  return `<figure id="${options.id}">
<h3>${escapeHtml(options.title)}</h3>
${legend}
${options.pictures.join('\n')}
<figcaption><p>${escapeHtml(options.howToRead)}</p>
<details><summary>The same as a table</summary>${htmlTable(options.table, options.title)}</details></figcaption>
</figure>`;
}
