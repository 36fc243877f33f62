import { corruptDefinition } from '../../../../src/fault/kinds/corrupt.ts';
import { faultSample } from '../../suites/fault-suite.ts';

export const sample = faultSample({
  fault: corruptDefinition,
  acting: { share: '100%' },
});
