/** What every dialect must do, whatever its API. A new dialect is added to `samples` below. */
import { describe, expect, it } from 'vitest';
import type {
  Conversation,
  Dialect,
  DialectName,
  MeaningSink,
  TurnInput,
} from '../../src/dialect/dialect.ts';
import { dialectNames } from '../../src/dialect/dialect.ts';
import { dialects } from '../../src/dialect/registry.ts';
import { landmarkProblems } from '../../src/metric/check-landmarks.ts';
import { unitedLandmarks } from '../../src/metric/landmark.ts';
import { emptyFrame, type Frame, type TransportName } from '../../src/transport/transport.ts';

/** Frames of a small answer in each dialect's own words. */
interface Samples {
  progress: object;
  token: object;
  reasoning?: object;
  terminal: readonly (object | string)[];
  error: object;
  /** For each landmark that the dialect declares: frames of which the last one reaches it. */
  landmarks?: Readonly<Record<string, readonly object[]>>;
}

const samples: Record<DialectName, Samples> = {
  'openai-chat': {
    progress: chat({ role: 'assistant', content: '' }),
    token: chat({ content: 'hi' }),
    reasoning: chat({ reasoning_content: 'hm' }),
    terminal: [
      chat({}, 'stop'),
      { choices: [], usage: { completion_tokens: 2 }, object: 'x' },
      '[DONE]',
    ],
    error: { error: { message: 'm', code: 'c' } },
    landmarks: {
      arguments_complete: [
        chat({ tool_calls: [{ index: 0, id: 'c', function: { name: 'a', arguments: '{}' } }] }),
        chat({}, 'tool_calls'),
      ],
      first_source: [
        chat({ content: 'hi' }),
        {
          object: 'chat.completion.chunk',
          choices: [{ index: 0, delta: { content: 'hi' }, finish_reason: null }],
          citations: ['https://example.com/'],
        },
      ],
    },
  },
  'openai-responses': {
    progress: { type: 'response.created', response: { id: 'r' } },
    token: { type: 'response.output_text.delta', delta: 'hi' },
    reasoning: { type: 'response.reasoning_summary_text.delta', delta: 'hm' },
    terminal: [
      {
        type: 'response.completed',
        response: { id: 'r', output: [], usage: { output_tokens: 2 } },
      },
    ],
    error: { type: 'error', error: { message: 'm', code: 'c' } },
    landmarks: {
      arguments_complete: [
        { type: 'response.function_call_arguments.delta', delta: '{}' },
        { type: 'response.function_call_arguments.done', arguments: '{}' },
      ],
      first_source: [
        { type: 'response.output_text.delta', delta: 'see https://example.com/' },
        {
          type: 'response.output_text.annotation.added',
          annotation: { type: 'url_citation', url: 'https://example.com/' },
        },
      ],
    },
  },
  'openai-realtime': {
    progress: { type: 'response.created', response: { id: 'r' } },
    token: { type: 'response.output_text.delta', delta: 'hi' },
    terminal: [
      {
        type: 'response.done',
        response: { status: 'completed', output: [], usage: { output_tokens: 2 } },
      },
    ],
    error: { type: 'error', error: { message: 'm', code: 'c' } },
    landmarks: {
      arguments_complete: [
        { type: 'response.function_call_arguments.delta', delta: '{}' },
        { type: 'response.function_call_arguments.done', arguments: '{}' },
      ],
      first_transcript: [
        { type: 'response.output_audio_transcript.delta', delta: '' },
        { type: 'response.output_audio_transcript.delta', delta: 'hi' },
      ],
    },
  },
  'stream-chat': {
    progress: { type: 'started', stream: 'st_1', seq: 0 },
    token: { type: 'delta', seq: 1, text: 'hi' },
    reasoning: { type: 'reasoning', seq: 2, text: 'hm' },
    terminal: [{ type: 'done', seq: 3, status: 'completed', usage: { output_tokens: 2 } }],
    error: { type: 'error', code: 'c', message: 'm' },
  },
  'text-streams': {
    progress: { type: 'start', streamId: 'st_1', offsetUnit: 'utf16' },
    token: { type: 'text-delta', delta: 'hi' },
    reasoning: { type: 'reasoning-delta', delta: 'hm' },
    terminal: [{ type: 'finish', finishReason: 'stop', usage: { outputTokens: 2 } }, '[DONE]'],
    error: { type: 'error', errorText: 'm' },
  },
};

function chat(delta: object, finish: string | null = null): object {
  return {
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: finish }],
  };
}

function recordingSink(): MeaningSink & { calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    position: (number) => void calls.push(`position ${number}`),
    progress: () => void calls.push('progress'),
    token: (kind, text) => void calls.push(`token ${kind} ${text}`),
    usage: (usage) => void calls.push(`usage ${usage.outputTokens}`),
    error: (code, message) => void calls.push(`error ${code} ${message}`),
    terminal: (status) => void calls.push(`terminal ${status}`),
    malformed: () => void calls.push('malformed'),
    landmark: (name) => void calls.push(`landmark ${name}`),
  };
}

function frameOf(payload: object | string): Frame {
  const data = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return { ...emptyFrame(), data, bytes: data.length };
}

function decode(conversation: Conversation, ...payloads: readonly (object | string)[]): string[] {
  const sink = recordingSink();
  for (const payload of payloads) conversation.decode(frameOf(payload), sink);
  return sink.calls;
}

const input: TurnInput = {
  streamId: 'a/0/1.2',
  content: { kind: 'prompt', text: 'Say hi' },
  maxTokens: 33,
  instructions: 'Be brief',
  tools: [{ name: 'look_up', description: 'd', parameters: { type: 'object' } }],
  toolChoice: 'required',
};

function start(dialect: Dialect, transport: TransportName): Conversation {
  return dialect.start({
    transport,
    model: 'model-x',
    stream: transport !== 'http',
    modality: 'text',
    turnDetection: 'none',
    extraBody: { extra_member: 1 },
    keepsHistory: true,
  });
}

const rides = dialectNames.flatMap((name) =>
  dialects[name].transports.map((transport) => [name, transport] as const),
);

describe.each(rides)('%s over %s', (name, transport) => {
  const dialect = dialects[name];
  const { progress, token, reasoning, terminal, error, landmarks = {} } = samples[name];

  it('is registered under its own name, with a summary', () => {
    expect(dialect.name).toBe(name);
    expect(dialect.summary.length).toBeGreaterThan(10);
    expect(dialect.authorize('secret')).toEqual({ authorization: 'Bearer secret' });
  });

  it('asks in its wire form, with everything that was asked for', () => {
    const request = start(dialect, transport).ask(input);
    expect(request.streamId).toBe(input.streamId);
    expect(request.path).toMatch(/^\//);
    if (transport === 'websocket') {
      expect(request.messages!.length).toBeGreaterThan(0);
      expect(dialect.webSocketPath?.('model-x')).toBe(request.path);
    } else {
      expect(request).toMatchObject({ method: 'POST', body: { model: 'model-x' } });
      expect(request.body!['stream']).toBe(transport !== 'http');
    }
    const everything = JSON.stringify(request);
    const parts = ['Say hi', 'Be brief', '33'];
    for (const part of dialect.supports.tools ? [...parts, 'look_up', 'required'] : parts) {
      expect(everything).toContain(part);
    }
  });

  it('hands extra members on, in the request or in the greeting', () => {
    const conversation = start(dialect, transport);
    const everything = JSON.stringify([conversation.greeting, conversation.ask(input)]);
    expect(everything).toContain('extra_member');
  });

  it('tells progress, tokens, usage and the end apart', () => {
    const conversation = start(dialect, transport);
    conversation.ask(input);
    expect(decode(conversation, progress)).toEqual(['progress']);
    expect(decode(conversation, token)).toEqual(['token content hi']);
    if (reasoning) expect(decode(conversation, reasoning)).toEqual(['token reasoning hm']);
    const calls = decode(conversation, ...terminal);
    expect(calls).toContain('usage 2');
    expect(calls.filter((call) => call.startsWith('terminal'))).toEqual(['terminal completed']);
  });

  it('declares its landmarks as the rules have it', () => {
    expect(landmarkProblems(dialect.landmarks)).toEqual([]);
    const declared = dialect.landmarks.map((landmark) => landmark.name);
    expect(Object.keys(landmarks).sort()).toEqual(declared.sort());
  });

  it.each(Object.entries(landmarks))('reaches %s where its frames say so', (landmark, frames) => {
    const conversation = start(dialect, transport);
    conversation.ask(input);
    const before = decode(conversation, ...frames.slice(0, -1));
    expect(before).not.toContain(`landmark ${landmark}`);
    const calls = decode(conversation, frames.at(-1)!);
    expect(calls).toContain(`landmark ${landmark}`);
    // A landmark alone is no event.
    expect(calls.length).toBeGreaterThan(1);
  });

  it('tells of no landmark that it does not declare', () => {
    const declared = dialect.landmarks.map((landmark) => `landmark ${landmark.name}`);
    const conversation = start(dialect, transport);
    conversation.ask(input);
    const calls = decode(
      conversation,
      progress,
      token,
      ...(reasoning ? [reasoning] : []),
      ...Object.values(landmarks).flat(),
      ...terminal,
      error,
    );
    const told = calls.filter((call) => call.startsWith('landmark '));
    expect(told.filter((call) => !declared.includes(call))).toEqual([]);
  });

  it('reports an error of the API as such', () => {
    const conversation = start(dialect, transport);
    conversation.ask(input);
    const [call, ...others] = decode(conversation, error);
    // An API without codes is reported under a word of ours.
    expect(call).toMatch(/^error (c|error) m$/);
    expect(others).toEqual([]);
  });

  it.each(['', 'hello', '[1]', '"text"', 'null', '{"choices"'])(
    'calls %j malformed and does not throw',
    (text) => {
      const conversation = start(dialect, transport);
      conversation.ask(input);
      expect(decode(conversation, text)).toEqual(['malformed']);
    },
  );

  it('does not throw on messages it has never heard of', () => {
    const conversation = start(dialect, transport);
    conversation.ask(input);
    expect(() =>
      decode(
        conversation,
        { type: 'response.something.new', delta: 5, choices: 'no', response: 7 },
        { type: 5, choices: [null, 3, { delta: 'x' }] },
        { choices: [{ delta: { tool_calls: [null, { index: 'x' }, { function: 3 }] } }] },
        { type: 'response.completed', response: { output: [null, 1, { type: 'function_call' }] } },
        { type: 'response.done', response: { output: 'x', usage: 'y' } },
      ),
    ).not.toThrow();
  });

  it('reads the payload that the transport has parsed already', () => {
    const conversation = start(dialect, transport);
    conversation.ask(input);
    const sink = recordingSink();
    conversation.decode({ ...emptyFrame(), json: token }, sink);
    expect(sink.calls).toEqual(['token content hi']);
  });
});

describe('tool calls', () => {
  it('are collected from chat deltas and answered with the whole history', () => {
    const conversation = start(dialects['openai-chat'], 'sse');
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
    const overSse = start(dialects['openai-responses'], 'sse');
    overSse.ask(input);
    decode(overSse, completed);
    const sse = overSse.ask(toolTurn);
    expect(sse.body!['input']).toHaveLength(3);
    expect(sse.body).not.toHaveProperty('previous_response_id');

    const overSocket = start(dialects['openai-responses'], 'websocket');
    overSocket.ask(input);
    decode(overSocket, completed);
    const [message] = overSocket.ask(toolTurn).messages!;
    expect(message!.body).toMatchObject({ previous_response_id: 'resp_1' });
    expect(message!.body['input']).toEqual([
      { type: 'function_call_output', call_id: 'call_1', output: 'ok' },
    ]);
  });
});

describe('spoken turns of openai-realtime', () => {
  const pcm = new Uint8Array(48 * 250);
  const spoken: TurnInput = { ...input, content: { kind: 'audio', pcm, chunkMs: 100 } };
  const types = (conversation: Conversation): string[] =>
    conversation.ask(spoken).messages!.map((message) => String(message.body['type']));

  it('are paced, committed and asked for with push-to-talk', () => {
    const conversation = start(dialects['openai-realtime'], 'websocket');
    expect(types(conversation)).toEqual([
      'session.update',
      'input_audio_buffer.append',
      'input_audio_buffer.append',
      'input_audio_buffer.append',
      'input_audio_buffer.commit',
      'response.create',
    ]);
    const messages = conversation.ask(spoken).messages!;
    expect(messages.filter((message) => message.afterMs === 100)).toHaveLength(3);
    expect(messages.at(-1)!.startsClock).toBe(true);
  });

  it('start the clock at the last chunk of speech under server VAD, and send silence after it', () => {
    const conversation = dialects['openai-realtime'].start({
      transport: 'websocket',
      model: 'm',
      stream: true,
      modality: 'audio',
      turnDetection: 'server_vad',
      extraBody: {},
      keepsHistory: true,
    });
    const { messages } = conversation.ask({ ...spoken, tools: [], instructions: undefined });
    const clock = messages!.findIndex((message) => message.startsClock);
    expect(clock).toBe(2);
    expect(messages!.length).toBeGreaterThan(10);
  });
});

describe('landmarks of one name', () => {
  it('are defined alike by every dialect that has them', () => {
    const sets = dialectNames.map((name) => dialects[name].landmarks);
    expect(unitedLandmarks(sets).conflicts).toEqual([]);
  });
});
