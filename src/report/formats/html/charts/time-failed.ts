/** Failed turns per second. */
import type { ChartDefinition } from '../chart.ts';
import { lineChart } from '../drawing/over-time/line-chart.ts';

export const timeFailedChart: ChartDefinition = {
  id: 'time-failed',
  section: 'time',
  order: 60,
  draw: (model) =>
    lineChart(model, {
      id: 'time-failed',
      title: 'Failed turns per second',
      unit: 'turns/s',
      pick: (point) => point.failedRate,
      howToRead:
        'Failures spread evenly point to the target’s error rate; failures in a clump point to a moment, such as a restart or a rate limit.',
    }),
};
