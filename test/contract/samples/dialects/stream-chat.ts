import type { DialectSample } from '../../../../src/contract/index.ts';

export const sample: DialectSample = {
  progress: { data: { type: 'started', stream: 'st_1', seq: 0 } },
  token: { data: { type: 'delta', seq: 1, text: 'hi' } },
  reasoning: { data: { type: 'reasoning', seq: 2, text: 'hm' } },
  terminal: [{ data: { type: 'done', seq: 3, status: 'completed', usage: { output_tokens: 2 } } }],
  error: { data: { type: 'error', code: 'c', message: 'm' } },
  more: [
    { data: { type: 'resumed', stream: 'st_1', after: 2 } },
    { data: { type: 'overflow', stream: 'st_1', after: 2, oldest: 9 } },
    { data: { type: 'ended', stream: 'st_1', after: 2 } },
    { data: { type: 'done', seq: 3, status: 'cancelled' } },
    { data: { type: 'ping' } },
  ],
};
