import type { DialectSample } from '../../../../src/contract/index.ts';

function chunk(delta: object, finish: string | null = null): object {
  return {
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: finish }],
  };
}

const call = (part: object): object => chunk({ tool_calls: [{ index: 0, ...part }] });

export const sample: DialectSample = {
  // Ids are what the mock and browsers resume by; most servers send none.
  progress: { id: 'c:0', data: chunk({ role: 'assistant', content: '' }) },
  token: { id: 'c:1', data: chunk({ content: 'hi' }) },
  reasoning: { data: chunk({ reasoning_content: 'hm' }) },
  terminal: [
    { data: chunk({}, 'stop') },
    { data: { choices: [], usage: { completion_tokens: 2 }, object: 'x' } },
    { data: '[DONE]' },
  ],
  error: { data: { error: { message: 'm', code: 'c' } } },
  more: [
    { data: chunk({ reasoning: 'hm' }) },
    { data: chunk({ refusal: 'no' }) },
    { data: call({ id: 'call_1', type: 'function', function: { name: 'a', arguments: '' } }) },
    { data: call({ function: { arguments: '{"x"' } }) },
    { data: chunk({ content: 'the end' }, 'length') },
    { event: 'error', data: { message: 'm' } },
  ],
  announcesEnd: (data) => /"finish_reason":"/.test(data),
};
