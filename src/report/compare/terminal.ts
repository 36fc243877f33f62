/** A comparison for the terminal. */
import { signs, styleFor } from '../../format/style.ts';
import { renderTable, tableFits, type Column } from '../../format/table.ts';
import { wrap } from '../../format/width.ts';
import { weakFootnote, weakMark } from '../view/metric-format.ts';
import type { RenderOptions } from '../renderer.ts';
import { armsOf, comparisonHeadings, comparisonRows, hasWeak, scalarRows } from './lines.ts';
import type { ComparisonModel } from './comparison-model.ts';

/** Numbers keep their right edge whether or not a mark follows; only columns of values carry marks. */
function aligned(row: readonly string[]): string[] {
  return row.map((cell, index) =>
    index === 2 || (index > 2 && index % 3 === 0)
      ? cell.endsWith(weakMark)
        ? cell
        : `${cell} `
      : cell,
  );
}

/** Columns of side A and of one candidate only, for terminals too narrow for all. */
function narrowed(rows: readonly string[][], candidate: number): string[][] {
  const from = 3 + candidate * 3;
  return rows.map((row) => [...row.slice(0, 3), ...row.slice(from, from + 3)]);
}

export function renderComparisonTerminal(
  model: ComparisonModel,
  options: Pick<RenderOptions, 'width' | 'color'>,
): string {
  const style = styleFor(options.color);
  const width = Math.max(40, options.width);
  const lines: string[] = [];
  const { word, sentence } = model.conclusion;
  const sign = word === 'invalid' ? signs.bad : signs.neutral;
  const head = `${sign} ${word.toUpperCase()}`;
  const [first = '', ...rest] = wrap(sentence, Math.max(20, width - head.length - 2));
  lines.push(`${style.bold(head)}  ${first}`);
  lines.push(...rest.map((line) => ' '.repeat(head.length + 2) + line));
  lines.push('');
  for (const side of model.sides) {
    const role = side.label === 'A' ? 'base' : 'candidate';
    const trials = `${side.trials} trial${side.trials === 1 ? '' : 's'}`;
    const text = `${side.label} ${role}: ${side.file} (${side.scenario}, ${side.started.slice(0, 16).replace('T', ' ')} UTC, ${trials}, ${side.verdict})`;
    lines.push(...wrap(text, width, '  '));
  }
  if (model.cautions.length > 0) {
    lines.push('', style.bold('Not alike'));
    for (const caution of model.cautions) {
      const [top = '', ...more] = wrap(caution, width - 2);
      lines.push(`${style.caution(signs.caution)} ${top}`, ...more.map((line) => `  ${line}`));
    }
  }
  const headings = aligned(comparisonHeadings(model));
  for (const arm of armsOf(model)) {
    lines.push('', style.bold(arm));
    const rows = [
      ...comparisonRows(model.metrics.filter((metric) => metric.arm === arm)),
      ...scalarRows(model, arm),
    ].map(aligned);
    const columns = headings.map((heading, index): Column => ({
      heading,
      align: index < 2 ? 'left' : 'right',
    }));
    const paintHeading = (text: string): string => style.dim(text);
    if (model.sides.length === 2 || tableFits(columns, rows, width)) {
      lines.push(...renderTable(columns, rows, { width, paintHeading }));
      continue;
    }
    for (let candidate = 0; candidate < model.sides.length - 1; candidate++) {
      const part = narrowed([headings], candidate)[0]!;
      lines.push(
        ...(candidate === 0 ? [] : ['']),
        ...renderTable(
          part.map((heading, index): Column => ({ heading, align: index < 2 ? 'left' : 'right' })),
          narrowed(rows, candidate),
          { width, paintHeading },
        ),
      );
    }
  }
  if (model.metrics.length === 0) lines.push('', 'The files have no arm in common.');
  if (hasWeak(model))
    lines.push('', ...wrap(weakFootnote, width, '  ').map((line) => style.dim(line)));
  return `${lines.join('\n')}\n`;
}
