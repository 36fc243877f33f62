import * as fc from 'fast-check';
import { delayDefinition } from '../../../../src/fault/kinds/delay.ts';
import { anyWay, msUpTo } from '../../../helpers/arbitraries.ts';
import { faultSample } from '../../suites/fault-suite.ts';

export const sample = faultSample({
  fault: delayDefinition,
  acting: { one_way: '40ms' },
  times: { written: [0, 10, 10], arrive: [40, 50, 50] },
  others: { 'of nothing': { one_way: '0ms' }, 'one way': { one_way: '40ms', direction: 'up' } },
  random: fc.record({ one_way: msUpTo(80), direction: anyWay }),
});
