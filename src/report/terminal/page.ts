/** Lines of a terminal page as they are written: wrapped paragraphs with a label, and headings. */
import { wrap } from '../../format/width.ts';
import type { Style } from '../../format/style.ts';

export interface Paper {
  width: number;
  style: Style;
  lines: string[];
}

/** Wraps `text` after a sign or label that takes `leadWidth` cells, following lines indented under it. */
export function hanging(paper: Paper, lead: string, leadWidth: number, text: string): void {
  const indent = ' '.repeat(leadWidth);
  const [first = '', ...rest] = wrap(text, Math.max(20, paper.width - leadWidth));
  paper.lines.push(lead + first, ...rest.map((line) => indent + line));
}

export function heading(paper: Paper, text: string): void {
  paper.lines.push('', ...wrap(text, paper.width).map((line) => paper.style.bold(line)));
}
