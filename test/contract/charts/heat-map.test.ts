/** Heat maps need a matrix, which the ordinary sample is not. */
import { heatMapChart } from '../../../src/report/formats/html/charts/heat-map/heat-map.ts';
import type { Result } from '../../../src/result/schema.ts';
import { chartContract } from '../suites/chart-suite.ts';
import { gridResult } from '../../helpers/grid-result.ts';

function matrix(unit: number): Result {
  return gridResult({
    axes: { 'network.rtt': ['1ms', '50ms'], 'network.loss': ['0%', '1%', '3%'] },
    values: (base, [rtt, loss]) => {
      const much = Number.parseFloat(loss!) * (base === 'sse' ? 2 : 1) * unit;
      return {
        stall_ratio: much / 20,
        longest_stall: 40 + much * 90,
        ttft: 100 + Number.parseFloat(rtt!) * unit,
      };
    },
  });
}

chartContract(heatMapChart, { shown: matrix(1), changed: matrix(1.7) });
