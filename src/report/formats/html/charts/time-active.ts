/** Sessions running at a time. */
import type { ChartDefinition } from '../chart.ts';
import { lineChart } from '../drawing/over-time/line-chart.ts';

export const timeActiveChart: ChartDefinition = {
  id: 'time-active',
  section: 'time',
  order: 50,
  draw: (model) =>
    lineChart(model, {
      id: 'time-active',
      title: 'Sessions running',
      unit: 'sessions',
      pick: (point) => point.active,
      howToRead:
        'With an open load, a line that keeps climbing means that sessions arrive faster than they finish.',
    }),
};
