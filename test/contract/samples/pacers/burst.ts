import { burstPacer } from '../../../../src/load/kinds/burst.ts';
import { pacerSample } from '../../suites/pacer-suite.ts';

export const sample = pacerSample({
  pacer: burstPacer,
  settings: { kind: 'burst', size: 3, every: '700ms', duration: '5s' },
  starts: [0, 0, 0, 700, 700],
});
