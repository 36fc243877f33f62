import { constantPacer } from '../../../../src/load/kinds/constant.ts';
import { pacerSample } from '../../suites/pacer-suite.ts';

export const sample = pacerSample({
  pacer: constantPacer,
  settings: { kind: 'constant', rate: '4/s', duration: '5s' },
  starts: [0, 250, 500, 750, 1000],
});
