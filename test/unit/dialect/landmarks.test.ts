/** Which frames reach a landmark, and which look as if they did. */
import { describe, expect, it } from 'vitest';
import { frameOf, recordingSink } from '../../../src/contract/dialect-sample.ts';
import { dialectNamed } from '../../../src/dialect/registry.ts';
import type { TransportName } from '../../../src/transport/transport.ts';
import { input, start } from '../../helpers/conversation.ts';

/** For each payload the landmarks that it reaches; one may be told several times. */
function told(
  api: 'chat' | 'responses' | 'realtime',
  payloads: readonly object[],
  transport: TransportName = dialectNamed(`openai-${api}`).transports[0]!,
): string[] {
  const conversation = start(`openai-${api}`, transport);
  conversation.ask(input);
  return payloads.map((data) => {
    const { calls, ...sink } = recordingSink();
    conversation.decode(frameOf({ data }), sink);
    expect(calls).not.toContain('malformed');
    const names = calls.filter((call) => call.startsWith('landmark '));
    return [...new Set(names)].join(' ').replaceAll('landmark ', '');
  });
}

const chunk = (delta: object, finish: string | null = null, more: object = {}): object => ({
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, finish_reason: finish }],
  ...more,
});
const call = (index: number, piece: object): object =>
  chunk({ tool_calls: [{ index, function: piece }] });

describe('openai-chat: arguments_complete', () => {
  const begun = [call(0, { name: 'a', arguments: '' }), call(0, { arguments: '{"x":1}' })];

  it('is reached when the next call begins', () => {
    const next = [call(1, { name: 'b', arguments: '' }), call(1, { arguments: '{}' })];
    expect(told('chat', [...begun, ...next])).toEqual(['', '', 'arguments_complete', '']);
  });

  it.each(['tool_calls', 'stop', 'function_call'])(
    'is reached at the finish reason %s',
    (reason) => {
      expect(told('chat', [...begun, chunk({}, reason)]).at(-1)).toBe('arguments_complete');
    },
  );

  it.each(['length', 'content_filter', ''])('is not reached at the finish reason %j', (reason) => {
    expect(told('chat', [...begun, chunk({}, reason)]).at(-1)).toBe('');
  });

  it('is not reached by an answer without a call', () => {
    expect(told('chat', [chunk({ content: 'hi' }), chunk({}, 'stop')])).toEqual(['', '']);
  });

  it('is reached by an answer that is not a stream', () => {
    const message = {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c', type: 'function', function: { name: 'a', arguments: '{}' } }],
    };
    const whole = {
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason: 'tool_calls' }],
    };
    expect(told('chat', [whole], 'http')).toEqual(['arguments_complete']);
  });
});

describe('openai-chat: first_source', () => {
  const citation = { type: 'url_citation', url_citation: { url: 'https://example.com/' } };
  const url = 'https://example.com/';

  it.each([
    ['citations next to the choices', chunk({ content: 'a' }, null, { citations: [url] })],
    [
      'search results next to the choices',
      chunk({ content: 'a' }, null, { search_results: [{ title: 't', url }] }),
    ],
    ['annotations in the delta', chunk({ annotations: [citation] })],
  ])('is reached by %s', (_, payload) => {
    expect(told('chat', [chunk({ content: 'a' }), payload])).toEqual(['', 'first_source']);
  });

  it.each([
    ['text that looks like one', chunk({ content: '"citations":["http://x"]' })],
    ['a text that is a URL', chunk({ content: url })],
    ['empty lists', chunk({ content: 'a' }, null, { citations: [], search_results: [] })],
    ['another kind of annotation', chunk({ annotations: [{ type: 'file_path' }] })],
  ])('is not reached by %s', (_, payload) => {
    expect(told('chat', [payload])).toEqual(['']);
  });

  it('is in a message that is not a stream', () => {
    const message = { role: 'assistant', content: 'a', annotations: [citation] };
    const whole = {
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason: 'stop' }],
    };
    expect(told('chat', [whole], 'http')).toEqual(['first_source']);
  });
});

describe('openai-responses', () => {
  it.each([
    [{ type: 'response.function_call_arguments.done', arguments: '{"a":1}' }],
    [{ type: 'response.function_call_arguments.done', arguments: '' }],
    [{ type: 'response.custom_tool_call_input.done', input: 'no JSON' }],
    [{ type: 'response.output_item.done', item: { type: 'function_call', arguments: '{}' } }],
  ])('has complete arguments with %j', (payload) => {
    expect(told('responses', [payload])).toEqual(['arguments_complete']);
  });

  it.each([
    [{ type: 'response.function_call_arguments.done', arguments: '{"a":' }],
    [{ type: 'response.output_item.done', item: { type: 'function_call', arguments: '{"a' } }],
    [{ type: 'response.output_item.done', item: { type: 'function_call', status: 'incomplete' } }],
    [{ type: 'response.output_item.done', item: { type: 'message', content: [] } }],
    [{ type: 'response.function_call_arguments.delta', delta: '{}' }],
    [{ type: 'response.output_text.annotation.added', annotation: { type: 'file_citation' } }],
    [{ type: 'response.output_text.annotation.added' }],
  ])('has reached nothing with %j', (payload) => {
    expect(told('responses', [payload])).toEqual(['']);
  });

  it('has reached both in an answer that is not a stream', () => {
    const annotations = [{ type: 'url_citation', url: 'https://example.com/' }];
    const output = [
      { type: 'message', content: [{ type: 'output_text', text: 'a', annotations }] },
      { type: 'function_call', call_id: 'c', name: 'a', arguments: '{}', status: 'completed' },
    ];
    const whole = { object: 'response', id: 'r', status: 'completed', output };
    expect(told('responses', [whole], 'http')).toEqual(['first_source arguments_complete']);
  });
});

describe('openai-realtime', () => {
  it.each(['response.output_audio_transcript.delta', 'response.audio_transcript.delta'])(
    'begins its transcript with %s that is not empty',
    (type) => {
      expect(
        told('realtime', [
          { type, delta: '' },
          { type, delta: 'hi' },
        ]),
      ).toEqual(['', 'first_transcript']);
    },
  );

  it('has complete arguments at their end, and where only the item ends', () => {
    const item = { type: 'function_call', arguments: '{}' };
    expect(
      told('realtime', [
        { type: 'response.function_call_arguments.done', arguments: '{"a' },
        { type: 'response.output_item.done', item: { type: 'message' } },
        { type: 'response.function_call_arguments.done', arguments: '{}' },
        { type: 'response.output_item.done', item },
      ]),
    ).toEqual(['', '', 'arguments_complete', 'arguments_complete']);
  });
});
