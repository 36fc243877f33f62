/** Heat maps on the page: a panel for each arm on one scale, then what each differs from the first. */
import type { ReportModel } from '../../view/report-model.ts';
import { aheadNote, axesInWords, heatFormat, type HeatFormat } from '../../view/heat-format.ts';
import { heatScale, type HeatCell, type HeatMap } from '../../view/heat-map.ts';
import { weakFootnote } from '../../view/metric-format.ts';
import { escapeHtml } from './escape.ts';
import { figure, type HtmlTable } from './figure.ts';
import { differenceSteps, heatSteps } from './heat-palette.ts';
import { at, svg, text } from './svg.ts';

const cellHeight = 34;
const top = 46;
/** About what a digit or letter takes at the charts' text size. */
const letter = 6.7;

interface Square {
  /** CSS class of its colour; '' where there is no value. */
  step: string;
  text: string;
  ahead: boolean;
  about: string;
}

interface Panel {
  id: string;
  title: string;
  squares: readonly (readonly Square[])[];
}

/** All heat maps of a run; '' without a matrix. */
export function heatSection(model: ReportModel): string {
  if (model.heatMaps.length === 0) return '';
  const figures = model.heatMaps.map((map, index) => mapFigure(map, index));
  return `<section id="heatmaps"><h2>Heat maps</h2><div class="wide">${figures.join('\n')}</div></section>`;
}

function mapFigure(map: HeatMap, index: number): string {
  const id = `heat-${index}`;
  const format = heatFormat(map);
  const unit = format.unit === '' ? '' : ` [${format.unit}]`;
  const panels = valuePanels(map, id, format);
  // Nothing lies between equal maps.
  const differences = map.widest === 0 ? [] : differencePanels(map, id, format);
  const pictures = [
    `<div class="maps">${panels.map((panel) => picture(map, panel)).join('')}</div>`,
    ...(differences.length === 0
      ? []
      : [
          `<h4>Differences${escapeHtml(format.unit === '%' ? ' [percentage points]' : unit)}</h4>${differenceLegend(map, format)}<div class="maps">${differences.map((panel) => picture(map, panel)).join('')}</div>`,
        ]),
  ];
  const notes = [
    `Each cell is one arm of the matrix, ${axesInWords(map)}; all panels have the same colour scale${heatScale(map).squareRoot ? ', which follows the square root of the values so that small ones can be told apart' : ''}.`,
    ...(map.hasAhead ? [`A dot marks the arm that is ${aheadNote}.`] : []),
    ...(map.hasWeak ? [weakFootnote] : []),
  ];
  return figure({
    id,
    title: `${format.title}${unit}`,
    legend: map.range === null || heatScale(map).flat ? [] : [scaleLegend(map, format)],
    pictures,
    howToRead: notes.join(' '),
    table: tableOf(map, format),
  });
}

/** Where higher is better, the lowest value has the colour of the worst. */
function stepOf(map: HeatMap, place: number): number {
  const worse = map.metric.better === 'higher' ? 1 - place : place;
  return Math.min(heatSteps - 1, Math.floor(worse * heatSteps));
}

function valuePanels(map: HeatMap, id: string, format: HeatFormat): Panel[] {
  const scale = heatScale(map);
  return map.panels.map((panel, index) => ({
    id: `${id}-p${index}`,
    title: panel.name,
    squares: panel.cells.map((row, y) =>
      row.map((cell, x) => ({
        step: cell.value === null ? '' : `h${stepOf(map, scale.place(cell.value))}`,
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

function differencePanels(map: HeatMap, id: string, format: HeatFormat): Panel[] {
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

function picture(map: HeatMap, panel: Panel): string {
  const { rows, columns } = map;
  const longest = Math.max(...rows.values.map((value) => value.length), rows.name.length);
  const left = Math.max(40, Math.min(190, longest * letter + 14));
  const width = Math.max(320, left + columns.values.length * 58 + 4);
  const cellWidth = (width - left - 4) / columns.values.length;
  const height = top + rows.values.length * cellHeight + 4;
  const labels = [
    text(0, 13, panel.title, { class: 'strong' }),
    text(left - 8, top - 8, rows.name, { anchor: 'end', class: 'name' }),
    text(width - 4, 13, `${columns.name} →`, { anchor: 'end', class: 'name' }),
    ...columns.values.map((value, x) =>
      text(left + (x + 0.5) * cellWidth, top - 8, value, { anchor: 'middle' }),
    ),
    ...rows.values.map((value, y) =>
      text(left - 8, top + (y + 0.5) * cellHeight + 4, value, { anchor: 'end' }),
    ),
  ];
  const squares = panel.squares.flatMap((row, y) =>
    row.map((square, x) => {
      const box = { x: left + x * cellWidth + 1, y: top + y * cellHeight + 1 };
      const dot = square.ahead
        ? `<circle class="heat-ink" cx="${at(box.x + cellWidth - 10)}" cy="${at(box.y + 8)}" r="3"/>`
        : '';
      return `<g class="${square.step === '' ? 'no-heat' : square.step}"><title>${escapeHtml(square.about)}</title><rect class="heat" x="${at(box.x)}" y="${at(box.y)}" width="${at(cellWidth - 2)}" height="${cellHeight - 2}" rx="3"/>${text(box.x + cellWidth / 2 - 1, box.y + cellHeight / 2 + 3.5, square.text, { anchor: 'middle', class: 'heat-ink' })}${dot}</g>`;
    }),
  );
  const description = panel.squares.flatMap((row) => row.map((square) => square.about)).join('; ');
  return svg({
    id: panel.id,
    title: panel.title === '' ? `Heat map over ${columns.name}` : `Heat map of ${panel.title}`,
    description,
    height,
    width,
    body: labels.join('') + squares.join(''),
  });
}

/** A strip of the scale's colours with values under its ends, thirds and quarters. */
function scaleLegend(map: HeatMap, format: HeatFormat): string {
  const scale = heatScale(map);
  const steps = Array.from({ length: heatSteps }, (_, step) => ({
    className: `h${stepOf(map, (step + 0.5) / heatSteps)}`,
    words: format.value(scale.valueAt(step / heatSteps)),
  }));
  const end = format.value(scale.valueAt(1));
  const directions = { lower: 'lower is better', higher: 'higher is better', none: '' };
  return `${strip(steps, end)}<span>${directions[map.metric.better]}</span>`;
}

function differenceLegend(map: HeatMap, format: HeatFormat): string {
  const middle = (differenceSteps - 1) / 2;
  const steps = Array.from({ length: differenceSteps }, (_, step) => ({
    className: `d${step}`,
    words: '',
  }));
  steps[0]!.words = format.difference(-map.widest);
  steps[middle]!.words = 'equal';
  return `<ul class="legend"><li>${strip(steps, format.difference(map.widest))}</li></ul>`;
}

function strip(steps: readonly { className: string; words: string }[], end: string): string {
  const width = 22;
  const boxes = steps.map(
    ({ className }, index) =>
      `<g class="${className}"><rect class="heat" x="${20 + index * width}" y="0" width="${width}" height="12"/></g>`,
  );
  const labels = steps.map(({ words }, index) =>
    words === '' || (steps.length === heatSteps && index % 3 !== 0)
      ? ''
      : text(20 + index * width + (words === 'equal' ? width / 2 : 0), 26, words, {
          anchor: 'middle',
        }),
  );
  const last = text(20 + steps.length * width, 26, end, { anchor: 'middle' });
  return `<svg class="chart strip" viewBox="0 0 ${40 + steps.length * width} 30" aria-hidden="true">${boxes.join('')}${labels.join('')}${last}</svg>`;
}

function tableOf(map: HeatMap, format: HeatFormat): HtmlTable {
  const unit = format.unit === '' ? '' : ` [${format.unit}]`;
  if (map.rows.name === '') {
    return {
      headings: [
        `arm${unit}`,
        ...map.columns.values.map((value) => `${map.columns.name}=${value}`),
      ],
      rows: map.rows.values.map((name, y) => [name, ...map.panels[0]!.cells[y]!.map(format.cell)]),
    };
  }
  return {
    headings: [
      map.rows.name,
      `arm${unit}`,
      ...map.columns.values.map((value) => `${map.columns.name}=${value}`),
    ],
    rows: map.rows.values.flatMap((value, y) => [
      ...map.panels.map((panel) => [value, panel.name, ...panel.cells[y]!.map(format.cell)]),
      ...map.differences.map((one) => [value, one.name, ...one.cells[y]!.map(format.difference)]),
    ]),
    numbersFrom: 2,
  };
}
