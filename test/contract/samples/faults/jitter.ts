import * as fc from 'fast-check';
import { jitterDefinition } from '../../../../src/fault/kinds/jitter.ts';
import { anyWay, spread } from '../../../helpers/arbitraries.ts';
import { faultSample } from '../../suites/fault-suite.ts';

export const sample = faultSample({
  fault: jitterDefinition,
  acting: { extra: 'uniform(1ms, 30ms)' },
  others: { 'with a long tail': { extra: 'pareto(2ms, 1.1)' } },
  random: fc.record({ extra: spread, direction: anyWay }),
});
