// Generated from the files in src/report/formats/html/charts/ by `npm run generate`; change those, not this list.
import { heatMapChart } from './charts/heat-map/heat-map.ts';
import { histogramChart } from './charts/histogram.ts';
import { outcomesChart } from './charts/outcomes.ts';
import { percentilesChart } from './charts/percentiles.ts';
import { timeActiveChart } from './charts/time-active.ts';
import { timeFailedChart } from './charts/time-failed.ts';
import { timeItlChart } from './charts/time-itl.ts';
import { timeSessionsChart } from './charts/time-sessions.ts';
import { timeTokensChart } from './charts/time-tokens.ts';
import { timeTtftChart } from './charts/time-ttft.ts';
import { waterfallChart } from './charts/waterfall.ts';

export const htmlCharts = [
  heatMapChart,
  histogramChart,
  outcomesChart,
  percentilesChart,
  timeActiveChart,
  timeFailedChart,
  timeItlChart,
  timeSessionsChart,
  timeTokensChart,
  timeTtftChart,
  waterfallChart,
] as const;
