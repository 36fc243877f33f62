import type { DialectSample } from '../../../../src/contract/index.ts';

export const sample: DialectSample = {
  progress: { data: { type: 'response.created', response: { id: 'r' } } },
  token: { data: { type: 'response.output_text.delta', delta: 'hi' } },
  terminal: [
    {
      data: {
        type: 'response.done',
        response: { status: 'completed', output: [], usage: { output_tokens: 2 } },
      },
    },
  ],
  error: { data: { type: 'error', error: { message: 'm', code: 'c' } } },
  more: [
    { data: { type: 'session.updated', session: {} } },
    { data: { type: 'response.output_audio.delta', delta: 'AAAA' } },
    { data: { type: 'response.output_audio_transcript.delta', delta: 'hi' } },
    { data: { type: 'response.function_call_arguments.delta', delta: '{}' } },
    { data: { type: 'response.done', response: { status: 'failed', status_details: {} } } },
  ],
};
