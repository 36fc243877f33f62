/** The panels of a heat map: a square for each cell, with its number in it. */
import type { HeatFormat } from '../../../../view/heat-format.ts';
import { heatScale, type HeatCell, type HeatMap } from '../../../../view/heat-map.ts';
import { at, elements, fitted, letterWidth, svg, text } from '../../drawing/svg.ts';
import { escapeHtml } from '../../escape.ts';
import { differenceSteps, stepOf } from './heat-palette.ts';

const cellHeight = 34;
const top = 46;

interface Square {
  /** CSS class of its colour; '' where there is no value. */
  step: string;
  text: string;
  ahead: boolean;
  about: string;
}

/** What a panel draws. */
export interface Panel {
  id: string;
  title: string;
  squares: readonly (readonly Square[])[];
}

/** A panel for each arm that was multiplied, coloured on the scale of the whole map. */
export function valuePanels(map: HeatMap, id: string, format: HeatFormat): Panel[] {
  const scale = heatScale(map);
  return map.panels.map((panel, index) => ({
    id: `${id}-p${index}`,
    title: panel.name,
    squares: panel.cells.map((row, y) =>
      row.map((cell, x) => ({
        step: cell.value === null ? '' : `h${stepOf(map.metric.better, scale.place(cell.value))}`,
        text: format.cell(cell),
        ahead: cell.ahead,
        about: about(map, panel.name, y, x, cell, format),
      })),
    ),
  }));
}

function about(
  map: HeatMap,
  panel: string,
  y: number,
  x: number,
  cell: HeatCell,
  format: HeatFormat,
): string {
  const row = map.rows.values[y]!;
  const where = [
    ...(panel === '' ? [row] : [panel, `${map.rows.name}=${row}`]),
    `${map.columns.name}=${map.columns.values[x]!}`,
  ].join(', ');
  const value = cell.value === null ? 'no data' : `${format.value(cell.value)} ${format.unit}`;
  return `${where}: ${value.trim()}${cell.ahead ? ', ahead' : ''}`;
}

/** What each panel differs from the first, blue below it and orange above. */
export function differencePanels(map: HeatMap, id: string, format: HeatFormat): Panel[] {
  const middle = (differenceSteps - 1) / 2;
  return map.differences.map((difference, index) => ({
    id: `${id}-d${index}`,
    title: difference.name,
    squares: difference.cells.map((row, y) =>
      row.map((value, x) => {
        const share = value === null || map.widest === 0 ? 0 : value / map.widest;
        const words = format.difference(value);
        return {
          step: value === null ? '' : `d${middle + Math.round(share * middle)}`,
          text: words,
          ahead: false,
          about: `${difference.name}, ${map.rows.name}=${map.rows.values[y]!}, ${map.columns.name}=${map.columns.values[x]!}: ${words} ${format.unit}`,
        };
      }),
    ),
  }));
}

/** A panel as a picture. */
export function panelPicture(map: HeatMap, panel: Panel): string {
  const { rows, columns } = map;
  const longest = Math.max(...rows.values.map((value) => value.length), rows.name.length);
  const left = Math.max(40, Math.min(190, longest * letterWidth + 14));
  const width = Math.max(320, left + columns.values.length * 58 + 4);
  const cellWidth = (width - left - 4) / columns.values.length;
  const height = top + rows.values.length * cellHeight + 4;
  const across = `${fitted(columns.name, width / 2)} →`;
  const toColumns = across.length * letterWidth + 12;
  const labels = [
    text(0, 13, fitted(panel.title, width - toColumns), { class: 'strong' }),
    text(left - 8, top - 8, fitted(rows.name, left - 4), { anchor: 'end', class: 'name' }),
    text(width - 4, 13, across, { anchor: 'end', class: 'name' }),
    ...columns.values.map((value, x) =>
      text(left + (x + 0.5) * cellWidth, top - 8, fitted(value, cellWidth), { anchor: 'middle' }),
    ),
    ...rows.values.map((value, y) =>
      text(left - 8, top + (y + 0.5) * cellHeight + 4, fitted(value, left - 4), { anchor: 'end' }),
    ),
  ];
  const squares = panel.squares.flatMap((row, y) =>
    row.map((square, x) => {
      const box = { x: left + x * cellWidth + 1, y: top + y * cellHeight + 1 };
      const dot = square.ahead
        ? `<circle class="heat-ink" cx="${at(box.x + cellWidth - 10)}" cy="${at(box.y + 8)}" r="3"/>`
        : '';
      const middle = { x: box.x + cellWidth / 2 - 1, y: box.y + cellHeight / 2 + 3.5 };
      return elements(
        `<g class="${square.step === '' ? 'no-heat' : square.step}"><title>${escapeHtml(square.about)}</title>`,
        `<rect class="heat" x="${at(box.x)}" y="${at(box.y)}" width="${at(cellWidth - 2)}" height="${cellHeight - 2}" rx="3"/>`,
        text(middle.x, middle.y, square.text, { anchor: 'middle', class: 'heat-ink' }),
        dot,
        '</g>',
      );
    }),
  );
  const description = panel.squares.flatMap((row) => row.map((square) => square.about)).join('; ');
  return svg({
    id: panel.id,
    title: panel.title === '' ? `Heat map over ${columns.name}` : `Heat map of ${panel.title}`,
    description,
    height,
    width,
    body: elements(labels, squares),
  });
}
