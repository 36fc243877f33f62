import { closedPacer } from '../../../../src/load/kinds/closed.ts';
import { pacerSample } from '../../suites/pacer-suite.ts';

export const sample = pacerSample({
  pacer: closedPacer,
  settings: { kind: 'closed', sessions: 4, iterations: 40, duration: '5s' },
  starts: [0, 0, 0, 0],
  mistakes: [[{ kind: 'closed', sessions: 4 }, '"duration" is missing']],
});
