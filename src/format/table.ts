/** Plain-text tables that keep to a width. */
import { displayWidth, pad, printable, truncate } from './width.ts';

export interface Column {
  heading: string;
  align?: 'left' | 'right';
  /** May be cut with … when the table is too wide; others keep their width. */
  shrink?: boolean;
}

export interface TableOptions {
  width: number;
  /** Before every line. */
  indent?: string;
  /** Between columns. Default two spaces. */
  gap?: string;
  /** Colours a cell after it was cut and padded, so that widths are not disturbed. */
  paint?: (text: string, row: number, column: number) => string;
  /** Colours the heading line. */
  paintHeading?: (text: string) => string;
}

const narrowest = 4;

/** Natural widths, shrinking columns reduced (widest first) until the line fits. */
function fit(columns: readonly Column[], widths: number[], room: number): void {
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    let widest = -1;
    for (const [index, column] of columns.entries()) {
      if (!column.shrink || widths[index]! <= narrowest) continue;
      if (widest < 0 || widths[index]! > widths[widest]!) widest = index;
    }
    if (widest < 0) return;
    widths[widest]! -= 1;
    excess -= 1;
  }
}

/** Whether a table would keep to a width without cutting columns that must not be cut. */
export function tableFits(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  gap = '  ',
): boolean {
  let least = displayWidth(gap) * (columns.length - 1);
  for (const [index, column] of columns.entries()) {
    const natural = Math.max(
      displayWidth(column.heading),
      ...rows.map((row) => displayWidth(row[index] ?? '')),
    );
    least += column.shrink ? Math.min(natural, narrowest) : natural;
  }
  return least <= width;
}

/**
 * Lines of a table, heading first. Cells are plain text (control characters become
 * spaces); colour goes through `paint`. A line is never
 * wider than `width`: what still does not fit after shrinking is cut at the end.
 */
export function renderTable(
  givenColumns: readonly Column[],
  givenRows: readonly (readonly string[])[],
  options: TableOptions,
): string[] {
  const columns = givenColumns.map((column) => ({ ...column, heading: printable(column.heading) }));
  const rows = givenRows.map((row) => row.map(printable));
  const indent = options.indent ?? '';
  const gap = options.gap ?? '  ';
  const room = Math.max(1, options.width - displayWidth(indent));
  const widths = columns.map((column, index) =>
    Math.max(displayWidth(column.heading), ...rows.map((row) => displayWidth(row[index] ?? ''))),
  );
  fit(columns, widths, room - displayWidth(gap) * (columns.length - 1));

  const line = (cells: readonly string[], paint: (text: string, column: number) => string) => {
    const parts: string[] = [];
    let used = 0;
    for (const [index, column] of columns.entries()) {
      const before = index === 0 ? '' : gap;
      const free = room - used - displayWidth(before);
      if (free <= 0) break;
      const width = Math.min(widths[index]!, free);
      const padded = pad(truncate(cells[index] ?? '', width), width, column.align);
      parts.push(padded);
      used += displayWidth(before) + displayWidth(padded);
    }
    // Spaces at the end go before colour is added: afterwards they hide behind its codes.
    while (parts.length > 0 && parts.at(-1)!.trimEnd() === '') parts.pop();
    const last = parts.length - 1;
    if (last >= 0) parts[last] = parts[last]!.trimEnd();
    const painted = parts.map((part, index) => paint(part, index)).join(gap);
    return painted === '' ? '' : indent + painted;
  };

  const heading = line(
    columns.map((column) => column.heading),
    (text) => text,
  );
  return [
    options.paintHeading ? options.paintHeading(heading) : heading,
    ...rows.map((row, rowIndex) =>
      line(row, (text, column) => options.paint?.(text, rowIndex, column) ?? text),
    ),
  ];
}
