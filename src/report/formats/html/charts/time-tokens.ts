/** Output tokens per second. */
import type { ChartDefinition } from '../chart.ts';
import { lineChart } from '../drawing/over-time/line-chart.ts';

export const timeTokensChart: ChartDefinition = {
  id: 'time-tokens',
  section: 'time',
  order: 10,
  draw: (model) =>
    lineChart(model, {
      id: 'time-tokens',
      title: 'Output tokens per second',
      unit: 'tokens/s',
      pick: (point) => point.tokenRate,
      howToRead:
        'A plateau in the unshaded part means that the load was steady; only what started there is in the percentiles.',
    }),
};
