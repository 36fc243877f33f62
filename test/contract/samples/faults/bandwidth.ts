import * as fc from 'fast-check';
import { bandwidthDefinition } from '../../../../src/fault/kinds/bandwidth.ts';
import { anyWay } from '../../../helpers/arbitraries.ts';
import { faultSample } from '../../suites/fault-suite.ts';

export const sample = faultSample({
  fault: bandwidthDefinition,
  acting: { rate: '64kbps', queue: '100B' },
  oneWay: { rate: '9kbps' },
  others: {
    uneven: { up: '10kbps', down: '1Gbps' },
    'shared by all connections': { rate: '64kbps', per: 'relay' },
  },
  random: fc.record({
    rate: fc.integer({ min: 20, max: 5000 }).map((kbps) => `${kbps}kbps`),
    queue: fc.integer({ min: 1, max: 5000 }).map((bytes) => `${bytes}B`),
    per: fc.constantFrom('connection', 'relay'),
    direction: anyWay,
  }),
});
