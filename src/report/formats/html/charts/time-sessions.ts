/** Sessions started per second, compared with the rate that was asked for. */
import type { ChartDefinition } from '../chart.ts';
import { lineChart } from '../drawing/over-time/line-chart.ts';

export const timeSessionsChart: ChartDefinition = {
  id: 'time-sessions',
  section: 'time',
  order: 20,
  draw: (model) =>
    lineChart(model, {
      id: 'time-sessions',
      title: 'Sessions started per second',
      unit: 'sessions/s',
      pick: (point) => point.startedRate,
      intended: (point) => point.intendedRate,
      howToRead:
        'Where the lines fall below the dashed one, the harness started less than was asked for and the target saw less load.',
    }),
};
