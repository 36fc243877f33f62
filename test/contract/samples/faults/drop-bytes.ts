import { dropBytesDefinition } from '../../../../src/fault/kinds/drop-bytes.ts';
import { faultSample } from '../../suites/fault-suite.ts';

export const sample = faultSample({
  fault: dropBytesDefinition,
  acting: { share: '100%' },
});
