import { rampPacer } from '../../../../src/load/kinds/ramp.ts';
import { pacerSample } from '../../suites/pacer-suite.ts';

export const sample = pacerSample({
  pacer: rampPacer,
  // From 0 to 4/s in 2 s: the integral is t² sessions (t in s), so session i starts at √i s.
  settings: { kind: 'ramp', from: '0/s', to: '4/s', duration: '2s' },
  starts: [0, 1000, 1414.214, 1732.051],
  mistakes: [[{ kind: 'ramp', from: '0/s', to: '0/s', duration: '2s' }, 'starts no session']],
});
