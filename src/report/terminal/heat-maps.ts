/** Heat maps on a terminal: a shade and a number for each cell, panels next to each other while they fit. */
import type { Style } from '../../format/style.ts';
import { displayWidth, pad, printable, truncate, wrap } from '../../format/width.ts';
import { aheadNote, axesInWords, heatFormat, type HeatFormat } from '../view/heat-format.ts';
import { heatScale, type HeatMap, type HeatScale } from '../view/heat-map.ts';

/** From good to bad where lower is better; the other way round where higher is. */
const shades = ['·', '░', '▒', '▓', '█'];
const aheadMark = '◂';
const between = 4;

/** Lines of all maps, a blank line and a heading before each. */
export function heatMapLines(maps: readonly HeatMap[], width: number, style: Style): string[] {
  return maps.flatMap((map) => mapLines(map, width, style));
}

function mapLines(map: HeatMap, width: number, style: Style): string[] {
  const format = heatFormat(map);
  const unit = format.unit === '' ? '' : ` [${format.unit}]`;
  const lines = ['', style.bold(truncate(`${map.measure}${unit} over ${axesInWords(map)}`, width))];
  if (map.range === null) return [...lines, '  no data'];
  const scale = heatScale(map);
  const legend = scale.flat ? 'every cell is the same' : scaleLegend(scale, format);
  lines.push(style.dim(truncate(`  ${legend}`, width)));
  const panels = map.panels.map((panel) => panelLines(map, panel, style));
  for (const group of besideEachOther(panels, width)) lines.push(...group);
  if (map.hasAhead) {
    lines.push(...wrap(`${aheadMark} ${aheadNote}`, width, '  ').map((line) => style.dim(line)));
  }
  return lines;
}

function scaleLegend(scale: HeatScale, format: HeatFormat): string {
  const ends = shades
    .map((shade, index) => `${shade} ${format.value(scale.valueAt((index + 1) / shades.length))}`)
    .join('  ');
  return `up to  ${ends}${scale.squareRoot ? ' (steps of the square root)' : ''}`;
}

interface Block {
  width: number;
  lines: { text: string; width: number }[];
}

function panelLines(map: HeatMap, panel: HeatMap['panels'][number], style: Style): Block {
  const format = heatFormat(map);
  const scale = heatScale(map);
  const shadeOf = (value: number): string =>
    shades[Math.min(shades.length - 1, Math.floor(scale.place(value) * shades.length))]!;
  const texts = panel.cells.map((row) =>
    row.map((cell) => {
      const number = format.cell(cell);
      const shade = cell.value === null ? ' ' : shadeOf(cell.value);
      return `${shade} ${number}${cell.ahead ? aheadMark : ' '}`;
    }),
  );
  const names = map.rows.values.map((value) => truncate(printable(value), 24));
  const nameWidth = Math.max(...names.map(displayWidth), displayWidth(map.rows.name));
  const columns = map.columns.values.map(printable);
  const cellWidth = Math.max(
    ...columns.map((text) => displayWidth(text) + 1),
    ...texts.flat().map(displayWidth),
  );
  const width = nameWidth + columns.length * (cellWidth + 1);
  const head = [
    pad(map.rows.name, nameWidth),
    // Above the digits, not above the marks behind them.
    ...columns.map((text) => pad(`${text} `, cellWidth, 'right')),
  ].join(' ');
  const lines = [
    { text: style.dim(head), width: displayWidth(head) },
    ...texts.map((row, y) => {
      const cells = row.map((text, x) => {
        const padded = pad(text, cellWidth, 'right');
        return panel.cells[y]![x]!.ahead ? style.bold(padded) : padded;
      });
      return { text: [pad(names[y]!, nameWidth), ...cells].join(' '), width };
    }),
  ];
  if (panel.name !== '') {
    const name = truncate(printable(panel.name), width);
    lines.unshift({ text: style.bold(name), width: displayWidth(name) });
  }
  return { width, lines };
}

/** As many blocks in a row as the width holds. */
function besideEachOther(blocks: readonly Block[], width: number): string[][] {
  const groups: Block[][] = [];
  let used = 0;
  for (const block of blocks) {
    const needed = block.width + (used === 0 ? 2 : between);
    if (groups.length === 0 || used + needed > width) {
      groups.push([]);
      used = 2 + block.width;
    } else {
      used += needed;
    }
    groups.at(-1)!.push(block);
  }
  return groups.map((group, index) => {
    const height = Math.max(...group.map((block) => block.lines.length));
    const lines = Array.from({ length: height }, (_, row) => {
      const parts = group.map((block) => {
        const line = block.lines[row];
        return line ? line.text + ' '.repeat(block.width - line.width) : ' '.repeat(block.width);
      });
      return `  ${parts.join(' '.repeat(between))}`.trimEnd();
    });
    return index === 0 ? lines : ['', ...lines];
  });
}
