import { poissonPacer } from '../../../../src/load/kinds/poisson.ts';
import { pacerSample } from '../../suites/pacer-suite.ts';

export const sample = pacerSample({
  pacer: poissonPacer,
  settings: { kind: 'poisson', rate: '9/s', duration: '5s' },
});
