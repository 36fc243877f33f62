import { stagesPacer } from '../../../../src/load/kinds/stages.ts';
import { pacerSample } from '../../suites/pacer-suite.ts';

export const sample = pacerSample({
  pacer: stagesPacer,
  settings: {
    kind: 'stages',
    stages: [
      { duration: '1s', rate: '2/s' },
      { duration: '3s', rate: '20/s', shape: 'ramp' },
    ],
  },
  starts: [0, 500, 1000],
  mistakes: [[{ kind: 'stages', stages: [{ duration: '1s', rate: '0/s' }] }, 'start no session']],
});
