import type { DialectSample, SampleEvent } from '../../../../src/contract/index.ts';

function event(type: string, more: object): SampleEvent {
  return { event: type, data: { type, ...more } };
}

export const sample: DialectSample = {
  progress: event('response.created', { response: { id: 'r' } }),
  token: event('response.output_text.delta', { delta: 'hi' }),
  reasoning: event('response.reasoning_summary_text.delta', { delta: 'hm' }),
  terminal: [
    event('response.completed', { response: { id: 'r', output: [], usage: { output_tokens: 2 } } }),
  ],
  error: event('error', { error: { message: 'm', code: 'c' } }),
  more: [
    event('response.refusal.delta', { delta: 'no' }),
    event('response.output_text.delta', { delta: '' }),
    event('response.function_call_arguments.delta', { delta: '{}' }),
    event('response.output_text.done', { text: 'hi' }),
    event('response.incomplete', { response: { id: 'r', output: [] } }),
    event('response.failed', { response: { error: { message: 'm', code: 'c' } } }),
    event('keepalive', {}),
  ],
  optionsToResume: { background: true },
};
