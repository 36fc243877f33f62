/** The HTML report of a run: which sections it has, in which order. */
import type { ReportModel } from '../../view/report-model.ts';
import type { Renderer } from '../../renderer.ts';
import { featuredModel } from '../../view/featured.ts';
import { chartSection, chartStyles } from './chart-sections.ts';
import { htmlPage } from './html-page.ts';
import { pageFooter, pageHeader } from './sections/page-ends.ts';
import { summarySection } from './sections/summary.ts';
import {
  armTableSection,
  failureSection,
  gateSection,
  instrumentSection,
  latencySection,
  warningSection,
} from './sections/tables.ts';
import { armTables } from '../../view/arm-tables/arm-tables.ts';

function renderHtml(model: ReportModel): string {
  const charted = featuredModel(model);
  return htmlPage({
    title: `${model.verdict.word}: ${model.title}`,
    toolVersion: model.toolVersion,
    header: pageHeader(model),
    sections: [
      chartSection('heatmaps', charted),
      ['summary', 'Summary', summarySection(model)],
      ['gates', 'Gates', gateSection(model)],
      ['warnings', 'Warnings', warningSection(model)],
      ['failures', 'Failures', failureSection(model)],
      ['latency', 'Latency', latencySection(model)],
      ...armTables(charted).map(
        (table) => [table.id, table.contents, armTableSection(charted, table)] as const,
      ),
      chartSection('curves', charted),
      chartSection('distributions', charted),
      chartSection('waterfalls', charted),
      chartSection('time', charted),
      ['instrument', 'Instrument', instrumentSection(charted)],
    ],
    footer: pageFooter(model),
    styles: chartStyles,
  });
}

export const htmlRenderer = {
  name: 'html',
  description: 'one self-contained page with charts; needs no network and no script',
  render: (model) => [{ name: 'report.html', text: renderHtml(model) }],
} as const satisfies Renderer;
