/** Heat maps of a matrix: a panel for each arm on one scale, then what each differs from the first. */
import {
  aheadNote,
  axesInWords,
  heatFormat,
  type HeatFormat,
} from '../../../../view/heat-format.ts';
import { heatScale, type HeatMap } from '../../../../view/heat-map.ts';
import { weakFootnote } from '../../../../view/metric-format.ts';
import type { ChartDefinition } from '../../chart.ts';
import { legendHtml, type Figure } from '../../drawing/figure.ts';
import { escapeHtml } from '../../escape.ts';
import type { HtmlTable } from '../../html-table.ts';
import { differenceLegend, scaleLegend } from './heat-legend.ts';
import { heatClasses, heatVariables } from './heat-palette.ts';
import { differencePanels, panelPicture, valuePanels, type Panel } from './heat-panels.ts';

function figureOf(map: HeatMap, index: number): Figure {
  const id = `heat-map-${index}`;
  const format = heatFormat(map);
  const unit = format.unit === '' ? '' : ` [${format.unit}]`;
  const panels = valuePanels(map, id, format);
  // Nothing lies between equal maps.
  const differences = map.widest === 0 ? [] : differencePanels(map, id, format);
  const pictures = [
    panelsHtml(map, panels),
    ...(differences.length === 0
      ? []
      : [
          `<h4>Differences${escapeHtml(format.unit === '%' ? ' [percentage points]' : unit)}</h4>`,
          legendHtml([differenceLegend(map, format)]),
          panelsHtml(map, differences),
        ]),
  ];
  const notes = [
    `Each cell is one arm of the matrix, ${axesInWords(map)}; all panels have the same colour scale${heatScale(map).squareRoot ? ', which follows the square root of the values so that small ones can be told apart' : ''}.`,
    ...(map.hasAhead ? [`A dot marks the arm that is ${aheadNote}.`] : []),
    ...(map.hasWeak ? [weakFootnote] : []),
  ];
  return {
    id,
    title: `${format.title}${unit}`,
    legend: map.range === null || heatScale(map).flat ? [] : [scaleLegend(map, format)],
    pictures,
    howToRead: notes.join(' '),
    table: tableOf(map, format),
  };
}

function panelsHtml(map: HeatMap, panels: readonly Panel[]): string {
  return `<div class="maps">\n${panels.map((panel) => panelPicture(map, panel)).join('\n')}\n</div>`;
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

export const heatMapChart: ChartDefinition = {
  id: 'heat-map',
  section: 'heatmaps',
  order: 10,
  style: {
    light: heatVariables('light'),
    dark: heatVariables('dark'),
    rules: `${heatClasses}
.heat{fill:var(--f)}
.chart .heat-ink{fill:var(--i)}
.no-heat{--f:var(--faint);--i:var(--soft)}
.maps{display:grid;gap:14px 28px;grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr));align-items:start;margin-top:6px}
.maps .chart{margin:6px 0 0}
.maps .chart text,.chart.strip text{font-size:12.5px}
.chart.strip{width:19rem;display:inline-block;vertical-align:middle;margin:0 8px 0 0}`,
  },
  draw: ({ heatMaps }) => heatMaps.map(figureOf),
};
