/** The HTML report of a run: which sections it has, in which order. */
import type { ReportModel } from '../../view/report-model.ts';
import type { Renderer } from '../../renderer.ts';
import { featuredModel } from '../../view/featured.ts';
import { heatSection } from './heat-chart.ts';
import { histogramChart } from './histogram-chart.ts';
import { outcomeChart } from './outcome-chart.ts';
import { htmlPage } from './html-page.ts';
import { percentileChart } from './percentile-chart.ts';
import {
  failureSection,
  gateSection,
  instrumentSection,
  latencySection,
  pageFooter,
  pageHeader,
  armTableSection,
  summarySection,
  warningSection,
} from './sections.ts';
import { timeCharts } from './time-chart.ts';
import { armTables } from '../../view/arm-tables/arm-tables.ts';
import { waterfallChart } from './waterfall-chart.ts';

function chartSection(id: string, title: string, charts: readonly string[]): string {
  const shown = charts.filter((chart) => chart !== '');
  if (shown.length === 0) return '';
  return `<section id="${id}"><h2>${title}</h2><div class="charts">${shown.join('\n')}</div></section>`;
}

function renderHtml(model: ReportModel): string {
  const charted = featuredModel(model);
  return htmlPage({
    title: `${model.verdict.word}: ${model.title}`,
    toolVersion: model.toolVersion,
    header: pageHeader(model),
    sections: [
      ['heatmaps', 'Heat maps', heatSection(model)],
      ['summary', 'Summary', summarySection(model)],
      ['gates', 'Gates', gateSection(model)],
      ['warnings', 'Warnings', warningSection(model)],
      ['failures', 'Failures', failureSection(model)],
      ['latency', 'Latency', latencySection(model)],
      ...armTables(charted).map(
        (table) => [table.id, table.contents, armTableSection(charted, table)] as const,
      ),
      [
        'curves',
        'Curves',
        chartSection('curves', 'Percentile curves', [
          percentileChart(charted, 'ttft'),
          percentileChart(charted, 'itl'),
          percentileChart(charted, 'e2e'),
          outcomeChart(charted),
        ]),
      ],
      [
        'distributions',
        'Distributions',
        chartSection('distributions', 'Distributions', [
          histogramChart(charted, 'ttft'),
          histogramChart(charted, 'itl'),
        ]),
      ],
      [
        'waterfalls',
        'Waterfall',
        chartSection('waterfalls', 'Waterfall', [waterfallChart(charted)]),
      ],
      ['time', 'Over time', chartSection('time', 'Over time', timeCharts(charted))],
      ['instrument', 'Instrument', instrumentSection(charted)],
    ],
    footer: pageFooter(model),
  });
}

export const htmlRenderer = {
  name: 'html',
  description: 'one self-contained page with charts; needs no network and no script',
  render: (model) => [{ name: 'report.html', text: renderHtml(model) }],
} as const satisfies Renderer;
