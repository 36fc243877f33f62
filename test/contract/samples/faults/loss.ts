import * as fc from 'fast-check';
import { lossDefinition } from '../../../../src/fault/kinds/loss/loss-definition.ts';
import { anyWay, msUpTo } from '../../../helpers/arbitraries.ts';
import { faultSample } from '../../suites/fault-suite.ts';

export const sample = faultSample({
  fault: lossDefinition,
  acting: { rate: '30%', rtt: '50ms' },
  others: {
    'in bursts': { burst: { good: '200ms', bad: '100ms' }, rtt: '20ms' },
    'sent twice': { rate: '30%', rtt: '50ms', repair: 'duplicate' },
    'sent along': { rate: '30%', rtt: '50ms', repair: 'piggyback' },
  },
  random: fc.record({
    rtt: msUpTo(100),
    rate: fc.integer({ min: 0, max: 20 }).map((percent) => `${percent}%`),
    direction: anyWay,
  }),
});
