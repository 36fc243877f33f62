/** Time to first token over the time of the run, with the load it was under. */
import type { ChartDefinition } from '../chart.ts';
import { bandChart } from '../drawing/over-time/band-chart.ts';

export const timeTtftChart: ChartDefinition = {
  id: 'time-ttft',
  section: 'time',
  order: 30,
  draw: (model) =>
    bandChart(model, {
      id: 'time-ttft',
      title: 'Time to first token over time',
      middle: (point) => point.ttftP50,
      upper: (point) => point.ttftP95,
      cause: { title: 'dashed: sessions/s asked for', pick: (point) => point.intendedRate },
      howToRead:
        'The line is p50, the shading reaches up to p95: a slope upwards means that a queue is growing. Where the load changes, the dashed line shows it: the rate at which the first leaves its floor is the knee.',
    }),
};
