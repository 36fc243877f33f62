/** Lines of a terminal page as they are written: wrapped paragraphs with a label, and headings. */
import { wrap } from '../../format/width.ts';
import type { Style } from '../../format/style.ts';

export interface TerminalPage {
  width: number;
  style: Style;
  lines: string[];
}

/** Wraps `text` after a sign or label that takes `leadWidth` cells, following lines indented under it. */
export function hanging(page: TerminalPage, lead: string, leadWidth: number, text: string): void {
  const indent = ' '.repeat(leadWidth);
  const [first = '', ...rest] = wrap(text, Math.max(20, page.width - leadWidth));
  page.lines.push(lead + first, ...rest.map((line) => indent + line));
}

export function heading(page: TerminalPage, text: string): void {
  page.lines.push('', ...wrap(text, page.width).map((line) => page.style.bold(line)));
}
