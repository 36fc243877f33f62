import { describe, expect, it } from 'vitest';
import { resolveMockOptions } from '../../../../mock-server/settings/resolve-options.ts';
import { planOutput } from '../../../../mock-server/timing/plan-output.ts';
import { sessionUpdate, startSession, steadyPlan, userText } from './harness.ts';

const textOnly = sessionUpdate({ output_modalities: ['text'] });

describe('a text response', () => {
  it('has the events of the API in their order', () => {
    const s = startSession();
    expect(s.types()).toEqual(['session.created']);
    s.tell(textOnly);
    s.tell(userText('hi'));
    s.tell({ type: 'response.create' });
    s.scheduler.advanceMs(1000);
    expect(s.types()).toEqual([
      'session.created',
      'session.updated',
      'conversation.item.added',
      'conversation.item.done',
      'response.created',
      'response.output_item.added',
      'conversation.item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'conversation.item.done',
      'response.done',
      'rate_limits.updated',
    ]);
    const { response } = s.last('response.done').event;
    expect(response).toMatchObject({
      object: 'realtime.response',
      status: 'completed',
      status_details: null,
      output_modalities: ['text'],
      output: [
        {
          type: 'message',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'one w1 w2' }],
        },
      ],
      usage: { output_tokens: 3, output_token_details: { text_tokens: 3, audio_tokens: 0 } },
    });
    expect(response.usage.total_tokens).toBe(response.usage.input_tokens + 3);
    // The item comes after the user's, and every event has its own id.
    const [user] = s.of('conversation.item.added');
    expect(s.last('conversation.item.added').event.previous_item_id).toBe(user!.event.item.id);
    expect(new Set(s.sent.map((one) => one.event.event_id)).size).toBe(s.sent.length);
  });

  it('sends each piece when the plan says', () => {
    const s = startSession({ plan: () => steadyPlan('content', [130, 7, 0, 250]) });
    s.tell(textOnly);
    s.tell({ type: 'response.create' });
    s.scheduler.advanceMs(1000);
    expect(s.of('response.output_text.delta').map((one) => one.atMs)).toEqual([130, 137, 137, 387]);
    expect(s.last('response.done').atMs).toBe(387);
  });

  it('ends incomplete when the plan was cut', () => {
    const s = startSession({ plan: () => steadyPlan('content', [10], { finish: 'length' }) });
    s.tell({
      type: 'response.create',
      response: { max_output_tokens: 1, output_modalities: ['text'] },
    });
    s.scheduler.advanceMs(100);
    expect(s.requests[0]!.output.maxTokens).toBe(1);
    expect(s.last('response.done').event.response).toMatchObject({
      status: 'incomplete',
      status_details: { type: 'incomplete', reason: 'max_output_tokens' },
      max_output_tokens: 1,
    });
  });

  it('stamps the events of a response, and no others, for who asks', () => {
    const s = startSession({ truth: true });
    s.tell(textOnly);
    s.tell({ type: 'response.create', x_streamgauge: { stream: 'a/1/s.3' } });
    s.scheduler.advanceMs(1000);
    expect(s.requests[0]).toMatchObject({ streamId: 'a/1/s.3', output: { seedKey: 's.3' } });
    const stamped = s.sent.filter((one) => one.event.x_streamgauge);
    expect(stamped.map((one) => one.event.x_streamgauge.n)).toEqual(stamped.map((_, i) => i));
    expect(stamped[0]!.type).toBe('response.created');
    expect(stamped.at(-1)!.type).toBe('response.done');
    for (const { event, atMs } of stamped) {
      expect(Object.keys(event).at(-1)).toBe('x_streamgauge');
      expect(event.x_streamgauge.t).toBe(1e9 + atMs * 1e6);
    }
    expect(s.last('rate_limits.updated').event.x_streamgauge).toBeUndefined();
    expect(s.notes[0]).toMatchObject({ sent: stamped.length, ended: 'completed' });
  });

  it('adds nothing for who does not ask', () => {
    const s = startSession();
    s.tell(textOnly);
    s.tell({ type: 'response.create', x_streamgauge: { stream: 'a/1/s.3' } });
    s.scheduler.advanceMs(1000);
    expect(JSON.stringify(s.sent)).not.toContain('x_streamgauge');
  });
});

describe('an audio response', () => {
  const plan = () => steadyPlan('audio', [100, 50, 50], {}, 4);

  it('speaks each piece for its tokens and says the words with it', () => {
    const s = startSession({ plan });
    s.tell({ type: 'response.create' });
    s.scheduler.advanceMs(1000);
    const audio = s.of('response.output_audio.delta');
    expect(audio.map((one) => one.atMs)).toEqual([100, 150, 200]);
    // 4 tokens of 50 ms at 48 bytes a millisecond.
    for (const { event } of audio) {
      const bytes = Buffer.from(event.delta, 'base64');
      expect(bytes).toHaveLength(9600);
      expect(bytes.some((byte) => byte !== 0)).toBe(true);
    }
    const words = s.of('response.output_audio_transcript.delta').map((one) => one.event.delta);
    expect(words.join('')).toBe('one w1 w2');
    expect(s.types().slice(-8)).toEqual([
      'response.output_audio.delta',
      'response.output_audio.done',
      'response.output_audio_transcript.done',
      'response.content_part.done',
      'response.output_item.done',
      'conversation.item.done',
      'response.done',
      'rate_limits.updated',
    ]);
    expect(s.last('response.content_part.done').event.part).toEqual({
      type: 'audio',
      transcript: 'one w1 w2',
    });
    expect(s.last('response.done').event.response.usage.output_token_details).toEqual({
      text_tokens: 0,
      audio_tokens: 12,
    });
  });

  it('keeps the pace of the options: chunk by chunk, some times faster than it plays', () => {
    const settings = resolveMockOptions({
      ttft: '300ms',
      tokens: 42,
      audio: { chunk: '200ms', speed: 4, jitter: 0, token: '50ms' },
    });
    const s = startSession({ plan: (request) => planOutput(settings, request.output) });
    s.tell({ type: 'response.create' });
    s.scheduler.advanceMs(5000);
    const audio = s.of('response.output_audio.delta');
    // 2.1 s of speech: ten chunks of 200 ms and one of 100, 50 ms apart.
    expect(audio.map((one) => Math.round(one.atMs))).toEqual(
      Array.from({ length: 11 }, (_, index) => 300 + 50 * index),
    );
    expect(audio.map((one) => Buffer.from(one.event.delta, 'base64').length)).toEqual([
      ...Array.from({ length: 10 }, () => 9600),
      4800,
    ]);
    const { usage } = s.last('response.done').event.response;
    expect(usage.output_token_details.audio_tokens).toBe(42);
  });

  it('speaks G.711 where the session or the response asks for it', () => {
    const s = startSession({ plan });
    s.tell({
      type: 'response.create',
      response: { audio: { output: { format: { type: 'audio/pcmu' } } } },
    });
    s.scheduler.advanceMs(1000);
    expect(Buffer.from(s.last('response.output_audio.delta').event.delta, 'base64')).toHaveLength(
      1600,
    );
  });

  it('fixes the voice, and leaves everything else open to change', () => {
    const s = startSession({ plan });
    s.tell(sessionUpdate({ audio: { output: { voice: 'cedar' } } }));
    s.tell({ type: 'response.create' });
    s.scheduler.advanceMs(99);
    // Nothing has been heard yet.
    s.tell(sessionUpdate({ audio: { output: { voice: 'ash' } } }));
    s.scheduler.advanceMs(1);
    s.tell(sessionUpdate({ audio: { output: { voice: 'coral' } } }));
    expect(s.last('error').event.error.code).toBe('cannot_update_voice');
    s.scheduler.advanceMs(1000);
    s.tell(sessionUpdate({ audio: { output: { voice: 'ash', speed: 1.1 } } }));
    expect(s.last('session.updated').event.session.audio.output.speed).toBe(1.1);
    s.tell(sessionUpdate({ audio: { output: { voice: 'marin' } } }));
    expect(s.last('error').event.error).toMatchObject({
      code: 'cannot_update_voice',
      param: 'session.audio.output.voice',
    });
  });

  it('truncates what was not heard', () => {
    const s = startSession({ plan });
    s.tell({ type: 'response.create' });
    s.scheduler.advanceMs(1000);
    const { id } = s.last('response.output_item.done').event.item;
    const truncate = { type: 'conversation.item.truncate', item_id: id, content_index: 0 };
    s.tell({ ...truncate, audio_end_ms: 601, event_id: 'too_long' });
    expect(s.last('error').event.error).toMatchObject({
      code: 'invalid_value',
      message: 'Audio content of 600ms is already shorter than 601ms',
      event_id: 'too_long',
    });
    s.tell({ ...truncate, audio_end_ms: 250 });
    expect(s.last('conversation.item.truncated').event).toMatchObject({
      item_id: id,
      content_index: 0,
      audio_end_ms: 250,
    });
    s.tell({ type: 'conversation.item.retrieve', item_id: id });
    expect(s.last('conversation.item.retrieved').event.item.content).toEqual([
      { type: 'output_audio', transcript: '' },
    ]);
    s.tell({ ...truncate, audio_end_ms: 300 });
    expect(s.last('error').event.error.message).toContain('250ms is already shorter');
  });
});

describe('function calls', () => {
  const tools = [{ type: 'function', name: 'look_up', parameters: { type: 'object' } }];
  const plan = () => ({
    ...steadyPlan('tool_arguments', [50, 10], { finish: 'tool_calls' }),
    pieces: [
      { atMs: 50, kind: 'tool_arguments' as const, text: '{"q":', tokens: 1, item: 0 },
      { atMs: 60, kind: 'tool_arguments' as const, text: '"x"}', tokens: 1, item: 0 },
      { atMs: 70, kind: 'tool_arguments' as const, text: '{}', tokens: 1, item: 1 },
    ],
    endMs: 80,
    toolCalls: [
      { item: 0, name: 'look_up', callId: 'call_a' },
      { item: 1, name: 'look_up', callId: 'call_b' },
    ],
  });

  it('are their own items, and can be answered', () => {
    const s = startSession({ plan });
    s.tell(sessionUpdate({ tools, tool_choice: 'required' }));
    s.clear();
    s.tell({ type: 'response.create' });
    s.scheduler.advanceMs(200);
    expect(s.requests[0]!.output).toMatchObject({ tools: ['look_up'], toolChoice: 'required' });
    const once = [
      'response.output_item.added',
      'conversation.item.added',
      'response.function_call_arguments.delta',
    ];
    const done = [
      'response.function_call_arguments.done',
      'response.output_item.done',
      'conversation.item.done',
    ];
    expect(s.types()).toEqual([
      'response.created',
      ...once,
      'response.function_call_arguments.delta',
      ...done,
      ...once,
      ...done,
      'response.done',
      'rate_limits.updated',
    ]);
    expect(s.of('response.function_call_arguments.done').map((one) => one.event)).toMatchObject([
      { call_id: 'call_a', name: 'look_up', arguments: '{"q":"x"}', output_index: 0 },
      { call_id: 'call_b', name: 'look_up', arguments: '{}', output_index: 1 },
    ]);
    expect(s.notes[0]!.toolCalls).toEqual(['look_up', 'look_up']);
    s.tell({
      type: 'conversation.item.create',
      item: { type: 'function_call_output', call_id: 'call_a', output: '42' },
    });
    expect(s.last('conversation.item.done').event.item).toMatchObject({
      type: 'function_call_output',
      output: '42',
    });
  });

  it('go to the tool that tool_choice names', () => {
    const s = startSession();
    s.tell(sessionUpdate({ tools, tool_choice: { type: 'function', name: 'look_up' } }));
    s.tell({ type: 'response.create' });
    expect(s.requests[0]!.output).toMatchObject({ forcedTool: 'look_up', toolChoice: 'required' });
  });

  it('are refused an output that no call asked for', () => {
    const s = startSession();
    s.tell({
      type: 'conversation.item.create',
      event_id: 'evt_9',
      item: { type: 'function_call_output', call_id: 'call_z', output: '42' },
    });
    expect(s.last('error').event.error).toMatchObject({
      code: 'invalid_tool_call_id',
      param: 'item.call_id',
      event_id: 'evt_9',
    });
  });
});

describe('cancelling', () => {
  it('closes what is open and says who cancelled', () => {
    const s = startSession({ plan: () => steadyPlan('content', [100, 100, 100]) });
    s.tell(textOnly);
    s.tell({ type: 'response.create' });
    s.scheduler.advanceMs(250);
    s.clear();
    s.tell({ type: 'response.cancel' });
    expect(s.types()).toEqual([
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'conversation.item.done',
      'response.done',
      'rate_limits.updated',
    ]);
    expect(s.last('response.done').event.response).toMatchObject({
      status: 'cancelled',
      status_details: { type: 'cancelled', reason: 'client_cancelled' },
      output: [{ status: 'incomplete', content: [{ type: 'output_text', text: 'one w1' }] }],
      usage: { output_tokens: 2 },
    });
    s.clear();
    s.scheduler.advanceMs(1000);
    expect(s.sent).toEqual([]);
    expect(s.notes[0]!.ended).toBe('cancelled');
  });

  it('works before the first token', () => {
    const s = startSession();
    s.tell({ type: 'response.create' });
    s.tell({ type: 'response.cancel' });
    expect(s.last('response.done').event.response).toMatchObject({
      status: 'cancelled',
      output: [],
    });
    s.tell({ type: 'response.create' });
    expect(s.of('error')).toEqual([]);
  });

  it('is an error when nothing runs, and the session continues', () => {
    const s = startSession();
    s.tell({ type: 'response.cancel', event_id: 'evt_c' });
    expect(s.last('error').event.error).toMatchObject({
      type: 'invalid_request_error',
      code: 'response_cancel_not_active',
      event_id: 'evt_c',
    });
    s.tell({ type: 'response.create' });
    expect(s.last('response.created').event.response.status).toBe('in_progress');
  });
});

describe('several responses', () => {
  it('allows one in the conversation', () => {
    const s = startSession();
    s.tell({ type: 'response.create' });
    const { id } = s.last('response.created').event.response;
    s.tell({ type: 'response.create', event_id: 'second' });
    const { error } = s.last('error').event;
    expect(error).toMatchObject({
      code: 'conversation_already_has_active_response',
      event_id: 'second',
    });
    expect(error.message).toContain(id);
  });

  it('runs others at the same time as it, outside the conversation', () => {
    const s = startSession();
    s.tell(textOnly);
    s.tell({ type: 'response.create' });
    s.clear();
    s.tell({
      type: 'response.create',
      response: {
        conversation: 'none',
        metadata: { topic: 'classify' },
        input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'q' }] }],
      },
    });
    const { response } = s.last('response.created').event;
    expect(response).toMatchObject({ conversation_id: null, metadata: { topic: 'classify' } });
    s.scheduler.advanceMs(1000);
    // Only the first one's item is in the conversation.
    expect(s.of('conversation.item.added')).toHaveLength(1);
    expect(s.of('response.done')).toHaveLength(2);
    expect(s.requests[1]!.output.inputTokens).toBeGreaterThan(0);
  });

  it('takes references to items of the conversation as input', () => {
    const s = startSession();
    s.tell(userText('a rather long question that costs a number of tokens'));
    const { id } = s.last('conversation.item.done').event.item;
    const create = (input: unknown[]) =>
      s.tell({ type: 'response.create', response: { conversation: 'none', input } });
    create([]);
    create([{ type: 'item_reference', id }]);
    const [without, withReference] = s.requests.map((request) => request.output.inputTokens);
    expect(withReference! - without!).toBe(13);
    create([{ type: 'item_reference', id: 'nope' }]);
    expect(s.last('error').event.error.param).toBe('response.input[0].id');
  });
});

describe('the end of a session', () => {
  it('is announced when its lifetime is over', () => {
    const s = startSession({ lifetimeMs: 120_000 });
    expect(s.last('session.created').event.session.expires_at).toBe(1_700_000_120);
    s.scheduler.advanceMs(119_999);
    expect(s.closed).toBeUndefined();
    s.scheduler.advanceMs(1);
    const message = 'Your session hit the maximum duration of 2 minutes.';
    expect(s.last('error').event.error).toMatchObject({ code: 'session_expired', message });
    expect(s.closed).toEqual({ code: 1001, reason: message });
  });

  it('stops whatever runs when the client leaves', () => {
    const s = startSession();
    s.tell({ type: 'response.create' });
    s.session.left();
    s.clear();
    s.scheduler.advanceMs(10_000_000);
    s.tell({ type: 'response.create' });
    expect(s.sent).toEqual([]);
    expect(s.notes).toMatchObject([{ ended: 'client_left' }]);
  });
});
