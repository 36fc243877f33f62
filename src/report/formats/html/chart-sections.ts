/** The page's sections that hold charts, made from the list of charts. */
import type { ReportModel } from '../../view/report-model.ts';
import { chartSections, type ChartSection } from './chart.ts';
import { htmlCharts } from './chart-list.ts';
import { figureHtml } from './drawing/figure.ts';
import type { PageSection } from './html-page.ts';
import type { StyleAddition } from './style-sheet.ts';

/** A section with its charts in their order; its content is '' where none has anything to show. */
export function chartSection(section: ChartSection, model: ReportModel): PageSection {
  const { contents, title, layout } = chartSections[section];
  const figures = htmlCharts
    .filter((chart) => chart.section === section)
    .sort((a, b) => a.order - b.order)
    .flatMap((chart) => chart.draw(model))
    .map(figureHtml);
  const content =
    figures.length === 0
      ? ''
      : `<section id="${section}"><h2>${title}</h2>\n<div class="${layout}">\n${figures.join('\n')}\n</div></section>`;
  return [section, contents, content];
}

/** What the charts add to the page's style. */
export const chartStyles: readonly StyleAddition[] = htmlCharts.flatMap(({ style }) => style ?? []);
