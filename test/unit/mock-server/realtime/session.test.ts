import { describe, expect, it } from 'vitest';
import { AudioKeeper } from '../../../../mock-server/apis/realtime/audio/audio-keeper.ts';
import { append, sessionUpdate, startSession, userText, type Harness } from './harness.ts';

describe('session.update', () => {
  it('starts from the defaults of the API', () => {
    const s = startSession();
    expect(s.last('session.created').event.session).toMatchObject({
      type: 'realtime',
      object: 'realtime.session',
      model: 'gpt-realtime',
      output_modalities: ['audio'],
      tools: [],
      tool_choice: 'auto',
      max_output_tokens: 'inf',
      tracing: null,
      truncation: 'auto',
      prompt: null,
      include: null,
      audio: {
        input: {
          format: { type: 'audio/pcm', rate: 24000 },
          transcription: null,
          noise_reduction: null,
          turn_detection: { type: 'server_vad', threshold: 0.5, idle_timeout_ms: null },
        },
        output: { format: { type: 'audio/pcm', rate: 24000 }, voice: 'marin', speed: 1 },
      },
    });
  });

  it('changes only what is there, and clears with null', () => {
    const s = startSession();
    s.tell(sessionUpdate({ instructions: 'be brief', max_output_tokens: 100 }));
    s.tell(
      sessionUpdate({
        audio: { input: { turn_detection: { type: 'server_vad', threshold: 0.8 } } },
      }),
    );
    expect(s.last('session.updated').event.session).toMatchObject({
      instructions: 'be brief',
      max_output_tokens: 100,
      audio: { input: { turn_detection: { threshold: 0.8, prefix_padding_ms: 300 } } },
    });
    s.tell(
      sessionUpdate({
        instructions: null,
        tools: null,
        tracing: null,
        audio: { input: { turn_detection: null, transcription: null } },
      }),
    );
    expect(s.last('session.updated').event.session).toMatchObject({
      instructions: '',
      tools: [],
      max_output_tokens: 100,
      audio: { input: { turn_detection: null }, output: { voice: 'marin' } },
    });
  });

  it.each([
    [{}, 'missing_required_parameter', 'session.type'],
    [{ type: 'chat' }, 'invalid_value', 'session.type'],
    [{ type: 'transcription' }, 'invalid_value', 'session.type'],
    [{ type: 'realtime', voice: 'marin' }, 'unknown_parameter', 'session.voice'],
    [{ type: 'realtime', model: 'gpt-other' }, 'invalid_value', 'session.model'],
    [{ type: 'realtime', instructions: 5 }, 'invalid_type', 'session.instructions'],
    [
      { type: 'realtime', output_modalities: ['text', 'audio'] },
      'invalid_value',
      'session.output_modalities',
    ],
    [
      { type: 'realtime', output_modalities: ['smell'] },
      'invalid_value',
      'session.output_modalities[0]',
    ],
    [{ type: 'realtime', max_output_tokens: 5000 }, 'invalid_value', 'session.max_output_tokens'],
    [
      { type: 'realtime', tools: [{ type: 'function' }] },
      'missing_required_parameter',
      'session.tools[0].name',
    ],
    [
      {
        type: 'realtime',
        audio: { input: { turn_detection: { type: 'server_vad', threshold: 2 } } },
      },
      'invalid_value',
      'session.audio.input.turn_detection.threshold',
    ],
    [
      {
        type: 'realtime',
        audio: { input: { turn_detection: { type: 'server_vad', idle_timeout_ms: 100 } } },
      },
      'invalid_value',
      'session.audio.input.turn_detection.idle_timeout_ms',
    ],
    [
      { type: 'realtime', audio: { input: { format: 'pcm16' } } },
      'invalid_type',
      'session.audio.input.format',
    ],
    [
      { type: 'realtime', audio: { input: { format: { type: 'audio/pcm', rate: 16000 } } } },
      'invalid_value',
      'session.audio.input.format.rate',
    ],
  ])('refuses %j', (session, code, param) => {
    const s = startSession();
    s.tell({ type: 'session.update', event_id: 'evt_u', session });
    expect(s.types()).toEqual(['session.created', 'error']);
    expect(s.last('error').event).toMatchObject({
      error: { type: 'invalid_request_error', code, param, event_id: 'evt_u' },
    });
  });
});

describe('wrong events', () => {
  const wrong: [string, string, string | null][] = [
    ['{', 'invalid_json', null],
    ['[]', 'invalid_event', null],
    ['null', 'invalid_event', null],
    ['"text"', 'invalid_event', null],
    ['{}', 'missing_required_parameter', 'type'],
    ['{"type":"input_audio_buffer.shout"}', 'invalid_value', 'type'],
    ['{"type":"constructor"}', 'invalid_value', 'type'],
    ['{"type":{"a":1}}', 'invalid_value', 'type'],
    ['{"type":"session.update"}', 'missing_required_parameter', 'session'],
    ['{"type":"response.create","event_id":7}', 'invalid_type', 'event_id'],
    ['{"type":"response.create","response":{"voice":"x"}}', 'unknown_parameter', 'response.voice'],
    [
      '{"type":"response.create","response":{"conversation":"c"}}',
      'invalid_value',
      'response.conversation',
    ],
    ['{"type":"conversation.item.create"}', 'missing_required_parameter', 'item'],
    [
      '{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"output_text","text":"x"}]}}',
      'invalid_value',
      'item.content[0].type',
    ],
    [
      '{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text"}]}}',
      'missing_required_parameter',
      'item.content[0].text',
    ],
    [
      '{"type":"conversation.item.create","previous_item_id":"nobody","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"x"}]}}',
      'item_create_invalid_previous_item_id',
      'previous_item_id',
    ],
    [
      '{"type":"conversation.item.create","item":{"id":"a b","type":"message","role":"user","content":[{"type":"input_text","text":"x"}]}}',
      'invalid_value',
      'item.id',
    ],
    ['{"type":"conversation.item.retrieve"}', 'missing_required_parameter', 'item_id'],
    [
      '{"type":"conversation.item.retrieve","item_id":"x"}',
      'item_retrieve_invalid_item_id',
      'item_id',
    ],
    ['{"type":"conversation.item.delete","item_id":"x"}', 'item_delete_invalid_item_id', 'item_id'],
    [
      '{"type":"conversation.item.truncate","item_id":"x","content_index":0,"audio_end_ms":0}',
      'item_truncate_invalid_item_id',
      'item_id',
    ],
    [
      '{"type":"conversation.item.truncate","item_id":"x","content_index":0,"audio_end_ms":-1}',
      'invalid_value',
      'audio_end_ms',
    ],
    ['{"type":"output_audio_buffer.clear"}', 'invalid_event', 'type'],
  ];

  it.each(wrong)('%s', (text, code, param) => {
    const s = startSession();
    s.session.receive(text);
    expect(s.types()).toEqual(['session.created', 'error']);
    expect(s.last('error').event.error).toMatchObject({
      type: 'invalid_request_error',
      code,
      param,
    });
    // The session continues.
    s.tell(userText('hi'));
    expect(s.types().at(-1)).toBe('conversation.item.done');
  });

  it('refuses binary messages', () => {
    const s = startSession();
    s.session.receiveBinary();
    expect(s.last('error').event.error.code).toBe('invalid_event');
  });
});

describe('conversation items', () => {
  const put = (id: string, after?: string | null): unknown => ({
    type: 'conversation.item.create',
    ...(after === undefined ? {} : { previous_item_id: after }),
    item: { id, type: 'message', role: 'user', content: [{ type: 'input_text', text: id }] },
  });

  it('go where they are told', () => {
    const s = startSession();
    for (const event of [put('b'), put('d'), put('a', 'root'), put('c', 'b'), put('e', null)]) {
      s.tell(event);
    }
    expect(s.of('conversation.item.added').map((one) => one.event.previous_item_id)).toEqual([
      null,
      'b',
      null,
      'b',
      'd',
    ]);
  });

  it('have their own ids', () => {
    const s = startSession();
    s.tell(put('a'));
    s.tell(put('a'));
    expect(s.last('error').event.error.code).toBe('item_create_duplicate_item_id');
    s.tell({ type: 'conversation.item.delete', item_id: 'a' });
    expect(s.last('conversation.item.deleted').event.item_id).toBe('a');
    s.tell(put('a'));
    expect(s.types().at(-1)).toBe('conversation.item.done');
  });

  it('cannot be truncated unless they are spoken answers', () => {
    const s = startSession();
    s.tell(put('a'));
    s.tell({ type: 'conversation.item.truncate', item_id: 'a', content_index: 0, audio_end_ms: 0 });
    expect(s.last('error').event.error.message).toContain('Only model output audio');
  });

  it('forget the oldest audio when all sessions together hold too much', () => {
    const audioKeeper = new AudioKeeper(8 * 1024 * 1024);
    const sessions = [startSession({ audioKeeper }), startSession({ audioKeeper })] as const;
    const say = (s: Harness): string => {
      // 2 MB of PCM are 2.7 MB of base64: three of them fit.
      s.tell(append(new Uint8Array(2_000_000)));
      s.tell({ type: 'input_audio_buffer.commit' });
      return s.last('input_audio_buffer.committed').event.item_id;
    };
    const keeps = (s: Harness, id: string): boolean => {
      s.tell({ type: 'conversation.item.retrieve', item_id: id });
      return s.last('conversation.item.retrieved').event.item.content[0].audio !== null;
    };
    const [first, second] = sessions;
    for (const s of sessions) {
      s.tell(sessionUpdate({ audio: { input: { turn_detection: null } } }));
    }
    const oldest = say(first);
    const younger = [say(first), say(first)];
    expect(keeps(first, oldest)).toBe(true);
    const other = say(second);
    expect(keeps(first, oldest)).toBe(false);
    expect(younger.map((id) => keeps(first, id))).toEqual([true, true]);
    // A session that is over makes room.
    first.session.left();
    const more = [say(second), say(second)];
    expect([other, ...more].map((id) => keeps(second, id))).toEqual([true, true, true]);
  });

  it('answer the same question in the same place with the same seed', () => {
    const seeds = ['hello', 'hello', 'good-bye'].map((text) => {
      const s = startSession();
      s.tell(userText(text));
      s.tell({ type: 'response.create' });
      return s.requests[0]!.output.seedKey;
    });
    expect(seeds[0]).toBe(seeds[1]);
    expect(seeds[2]).not.toBe(seeds[0]);
  });
});
