/** Inter-token latency over the time of the run. */
import type { ChartDefinition } from '../chart.ts';
import { bandChart } from '../drawing/over-time/band-chart.ts';

export const timeItlChart: ChartDefinition = {
  id: 'time-itl',
  section: 'time',
  order: 40,
  draw: (model) =>
    bandChart(model, {
      id: 'time-itl',
      title: 'Inter-token latency over time',
      middle: (point) => point.itlP50,
      upper: (point) => point.itlP95,
      howToRead:
        'The line is p50, the shading reaches up to p95: spikes shared by all streams are pauses of the target, the network or the harness.',
    }),
};
