import * as fc from 'fast-check';
import { linkTraceDefinition } from '../../../../src/fault/kinds/link-trace.ts';
import { anyWay } from '../../../helpers/arbitraries.ts';
import { faultSample } from '../../suites/fault-suite.ts';

export const sample = faultSample({
  fault: linkTraceDefinition,
  acting: { file: 'trace', start: '1ms' },
  others: { 'from anywhere': { file: 'trace' } },
  random: fc.record({ file: fc.constant('trace'), direction: anyWay }),
  file: '0\n7\n7\n31\n50\n',
});
