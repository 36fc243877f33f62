/**
 * The seam for charts of the HTML report: what a chart gets, and what it returns. A chart is a file or
 * folder in `charts/` that exports `<name>Chart`; `npm run generate` lists them in `chart-list.ts`.
 * docs/adding-a-chart.md says what a chart must guarantee, `test/contract/charts/` holds it to that.
 */
import type { ReportModel } from '../../view/report-model.ts';
import type { Figure } from './drawing/figure.ts';
import type { StyleAddition } from './style-sheet.ts';

/** Sections of the page that hold charts. Their order on the page is that of `html-report.ts`. */
export const chartSections = {
  heatmaps: { contents: 'Heat maps', title: 'Heat maps', layout: 'stacked' },
  curves: { contents: 'Curves', title: 'Percentile curves', layout: 'charts' },
  distributions: { contents: 'Distributions', title: 'Distributions', layout: 'charts' },
  waterfalls: { contents: 'Waterfall', title: 'Waterfall', layout: 'charts' },
  time: { contents: 'Over time', title: 'Over time', layout: 'charts' },
} as const satisfies Record<
  string,
  {
    /** In the page's navigation. */
    contents: string;
    /** Above its charts. */
    title: string;
    /** Class of the box around the charts: next to each other where there is room, or never. */
    layout: 'charts' | 'stacked';
  }
>;

export type ChartSection = keyof typeof chartSections;

export interface ChartDefinition {
  /** The name of its file. Each figure's `id` is this, or begins with this and a hyphen. */
  id: string;
  section: ChartSection;
  /** Its place in the section: smaller ones stand first. Tens leave room between two charts. */
  order: number;
  /** Rules and colours that no other chart needs. */
  style?: StyleAddition;
  /**
   * One figure, or several of one kind; none where the run has nothing to show in them.
   *
   * @param model - with the arms that charts show: all, or of a large matrix its corners.
   */
  draw(model: ReportModel): readonly Figure[];
}
