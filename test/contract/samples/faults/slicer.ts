import * as fc from 'fast-check';
import { slicerDefinition } from '../../../../src/fault/kinds/slicer.ts';
import { anyWay, msUpTo } from '../../../helpers/arbitraries.ts';
import { faultSample } from '../../suites/fault-suite.ts';

export const sample = faultSample({
  fault: slicerDefinition,
  acting: { size: 'uniform(1B, 9B)', gap: '3ms' },
  others: { 'without gaps': { size: '1B', gap: '0ms' } },
  random: fc.record({
    size: fc.constantFrom('1B', '7B', 'uniform(1B, 300B)'),
    gap: msUpTo(3),
    direction: anyWay,
  }),
});
