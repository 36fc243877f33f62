/** How tool calls are collected from an answer and go back with the next turn. */
import { describe, expect, it } from 'vitest';
import { frameOf, recordingSink } from '../../../src/contract/dialect-sample.ts';
import type { Conversation, TurnInput } from '../../../src/dialect/dialect.ts';
import { input, start } from '../../helpers/conversation.ts';

function chat(delta: object, finish: string | null = null): object {
  return {
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: finish }],
  };
}

function decode(conversation: Conversation, ...payloads: readonly (object | string)[]): void {
  const sink = recordingSink();
  for (const data of payloads) conversation.decode(frameOf({ data }), sink);
}

describe('tool calls', () => {
  it('are collected from chat deltas and answered with the whole history', () => {
    const conversation = start('openai-chat', 'sse');
    conversation.ask(input);
    const call = (index: number, part: object): object =>
      chat({ tool_calls: [{ index, ...part }] });
    decode(
      conversation,
      call(0, { id: 'call_1', type: 'function', function: { name: 'a', arguments: '' } }),
      call(0, { function: { arguments: '{"x"' } }),
      call(1, { id: 'call_2', type: 'function', function: { name: 'b', arguments: '{}' } }),
      call(0, { function: { arguments: ':1}' } }),
      chat({}, 'tool_calls'),
      '[DONE]',
    );
    expect(conversation.pendingToolCalls()).toEqual([
      { callId: 'call_1', name: 'a', arguments: '{"x":1}' },
      { callId: 'call_2', name: 'b', arguments: '{}' },
    ]);
    const results = [{ callId: 'call_1', output: 'ok' }];
    const next = conversation.ask({ ...input, content: { kind: 'tool_results', results } });
    const roles = (next.body!['messages'] as { role: string }[]).map((message) => message.role);
    expect(roles).toEqual(['system', 'user', 'assistant', 'tool']);
    expect(conversation.pendingToolCalls()).toEqual([]);
  });

  const call = { type: 'function_call', id: 'fc', call_id: 'call_1', name: 'a', arguments: '{}' };
  const completed = { type: 'response.completed', response: { id: 'resp_1', output: [call] } };
  const toolTurn: TurnInput = {
    ...input,
    content: { kind: 'tool_results', results: [{ callId: 'call_1', output: 'ok' }] },
  };

  it('go back over SSE with the history, over WebSocket with the parent’s id only', () => {
    const overSse = start('openai-responses', 'sse');
    overSse.ask(input);
    decode(overSse, completed);
    const sse = overSse.ask(toolTurn);
    expect(sse.body!['input']).toHaveLength(3);
    expect(sse.body).not.toHaveProperty('previous_response_id');

    const overSocket = start('openai-responses', 'websocket');
    overSocket.ask(input);
    decode(overSocket, completed);
    const [message] = overSocket.ask(toolTurn).messages!;
    expect(message!.body).toMatchObject({ previous_response_id: 'resp_1' });
    expect(message!.body['input']).toEqual([
      { type: 'function_call_output', call_id: 'call_1', output: 'ok' },
    ]);
  });
});
