import type { DialectSample } from '../../../../src/contract/index.ts';

export const sample: DialectSample = {
  progress: { data: { type: 'start', streamId: 'st_1', offsetUnit: 'utf16' } },
  token: { data: { type: 'text-delta', delta: 'hi' } },
  reasoning: { data: { type: 'reasoning-delta', delta: 'hm' } },
  terminal: [
    { data: { type: 'finish', finishReason: 'stop', usage: { outputTokens: 2 } } },
    { data: '[DONE]' },
  ],
  error: { data: { type: 'error', errorText: 'm' } },
  more: [{ data: { type: 'abort' } }, { data: { type: 'text-delta', delta: '' } }],
  announcesEnd: (data) => data.includes('"type":"finish"'),
};
