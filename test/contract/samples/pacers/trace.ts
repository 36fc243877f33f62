import { tracePacer } from '../../../../src/load/kinds/trace.ts';
import { pacerSample } from '../../suites/pacer-suite.ts';

export const sample = pacerSample({
  pacer: tracePacer,
  settings: { kind: 'trace', file: 'arrivals.csv' },
  files: {
    'arrivals.csv': 'timestamp_ms\n0\n5\n5\n1200\n4999\n',
    'broken.csv': 'timestamp_ms\nsoon\n',
  },
  starts: [0, 5, 5, 1200, 4999],
  mistakes: [[{ kind: 'trace', file: 'broken.csv' }, 'broken.csv: line 2']],
});
