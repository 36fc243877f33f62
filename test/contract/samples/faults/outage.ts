import * as fc from 'fast-check';
import { outageDefinition } from '../../../../src/fault/kinds/outage.ts';
import { anyWay, spread } from '../../../helpers/arbitraries.ts';
import { faultSample } from '../../suites/fault-suite.ts';

export const sample = faultSample({
  fault: outageDefinition,
  acting: { on: '0ms', off: 'uniform(50ms, 400ms)' },
  others: { 'shared by all connections': { on: 'exponential(50ms)', off: '90ms', per: 'relay' } },
  random: fc.record({ on: spread, off: spread, direction: anyWay }),
});
