import * as fc from 'fast-check';
import { disconnectDefinition } from '../../../../src/fault/kinds/disconnect/disconnect.ts';
import { faultSample } from '../../suites/fault-suite.ts';

export const sample = faultSample({
  fault: disconnectDefinition,
  acting: { how: 'rst', after: { bytes: '9B' } },
  ends: true,
  others: {
    'that is too late': { how: 'rst', after: { bytes: '1MB' } },
    'at a token, of what has none': { how: 'rst', after: { tokens: 1 } },
    'before headers that do not come': { how: 'fin', before: 'headers' },
    'by a close frame where there are no frames': { how: 'ws_close', after: { time: '9ms' } },
    'of a stream where there are none': { how: 'h2_reset', after: { bytes: '9B' } },
    'in a chunk where there are none': { how: 'cut_chunk', after: { bytes: '9B' } },
    'before a final chunk that does not come': { how: 'no_final_chunk' },
    'of no connection': { how: 'fin', after: { time: '1ms' }, of: '0%' },
  },
  random: fc.record({
    how: fc.constantFrom('fin', 'rst', 'black_hole'),
    after: fc.constant({ bytes: '1GB' }),
  }),
});
