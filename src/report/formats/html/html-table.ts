/** Tables of the page, each in a box that scrolls by itself and can be reached by keyboard. */
import { escapeHtml } from './escape.ts';

export interface HtmlTable {
  headings: readonly string[];
  rows: readonly (readonly string[])[];
  /** Columns from this one on are numbers. Default 1. */
  numbersFrom?: number;
}

/** A table of texts. */
export function htmlTable({ headings, rows, numbersFrom = 1 }: HtmlTable, label: string): string {
  const cell = (content: string, column: number): string =>
    `<td${column >= numbersFrom ? ' class="num"' : ''}>${escapeHtml(content)}</td>`;
  return tableOf(
    label,
    headings,
    numbersFrom,
    rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`),
  );
}

/**
 * A table of rows that are HTML already.
 *
 * @param label - for screen readers.
 * @param numbersFrom - columns from this one on are numbers.
 */
export function tableOf(
  label: string,
  headings: readonly string[],
  numbersFrom: number,
  rows: readonly string[],
): string {
  const head = headings.map(
    (heading, column) =>
      `<th scope="col"${column >= numbersFrom ? ' class="num"' : ''}>${escapeHtml(heading)}</th>`,
  );
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(label)}"><table>
<thead><tr>${head.join('')}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div>`;
}
