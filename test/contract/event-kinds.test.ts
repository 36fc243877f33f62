/**
 * The relay's quick look at events says the same as the dialects: which bear tokens, which end the
 * answer. Over what the mock really sends, and over documents made to mislead.
 */
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startMock, type MockServer } from '../../mock-server/index.ts';
import { dialects } from '../../src/dialect/registry.ts';
import type { DialectName, MeaningSink } from '../../src/dialect/dialect.ts';
import {
  kindOfBlock,
  kindOfMessage,
  type EventKind,
} from '../../src/fault/kinds/disconnect/inside/event-kind.ts';

let mock: MockServer;
beforeAll(async () => {
  mock = await startMock({
    ttft: '1ms',
    itl: '0ms',
    tokens: 12,
    reasoning_tokens: 4,
    auto_tool_share: '100%',
    seed: '5',
  });
});
afterAll(() => mock.close());

/** What the dialect makes of a frame. */
function meaning(dialect: DialectName, event: string, data: string): Omit<EventKind, 'name'> {
  const conversation = dialects[dialect].start({
    transport: dialects[dialect].transports[0]!,
    model: 'm',
    stream: true,
    modality: 'text',
    turnDetection: 'none',
    keepsHistory: false,
    extraBody: {},
  });
  const seen = { token: false, terminal: false };
  const sink: MeaningSink = {
    position: () => {},
    progress: () => {},
    token: () => (seen.token = true),
    usage: () => {},
    error: () => (seen.terminal = true),
    terminal: () => (seen.terminal = true),
    malformed: () => {},
    landmark: () => {},
  };
  conversation.decode(
    {
      at: 0,
      read: 0,
      event,
      data,
      id: '',
      ownId: false,
      bytes: 0,
      json: undefined,
      truthIndex: -1,
      truthSentAt: 0,
    },
    sink,
  );
  return seen;
}

async function blocks(path: string, body: object): Promise<string[]> {
  const answer = await fetch(`${mock.baseUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer k' },
    body: JSON.stringify({ model: 'm', stream: true, ...body }),
  });
  return (await answer.text()).split('\n\n').filter((block) => block !== '');
}

function fieldsOf(block: string): { event: string; data: string } {
  const field = (name: string): string =>
    block
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2) ?? '';
  return { event: field('event'), data: field('data') };
}

const tools = (more: object) => [
  {
    type: 'function',
    name: 'look',
    parameters: { type: 'object', properties: { q: { type: 'string' } } },
    ...more,
  },
];
const messages = [{ role: 'user', content: 'hello' }];

describe.each<[string, DialectName, string, object]>([
  [
    'chat',
    'openai-chat',
    '/chat/completions',
    { messages, stream_options: { include_usage: true } },
  ],
  [
    'chat that calls tools',
    'openai-chat',
    '/chat/completions',
    {
      messages,
      tools: [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }],
      tool_choice: 'required',
    },
  ],
  ['responses', 'openai-responses', '/responses', { input: 'hello' }],
  [
    'responses that call tools',
    'openai-responses',
    '/responses',
    { input: 'hello', tools: tools({}), tool_choice: 'required' },
  ],
])('%s over SSE', (_, dialect, path, body) => {
  it('is told as the dialect tells it', async () => {
    const all = await blocks(path, body);
    const kinds = all.map((block) => kindOfBlock(block));
    expect(kinds.filter((kind) => kind?.token).length).toBeGreaterThan(3);
    expect(kinds.filter((kind) => kind?.terminal).length).toBeGreaterThan(0);
    for (const [index, block] of all.entries()) {
      const { event, data } = fieldsOf(block);
      const kind = kinds[index]!;
      const seen = meaning(dialect, event, data);
      expect(kind.token, block).toBe(seen.token);
      // Chat announces its end with the finish_reason; a dialect waits for what comes behind it.
      const announced = dialect === 'openai-chat' && /"finish_reason":"/.test(data);
      expect(kind.terminal, block).toBe(seen.terminal || announced);
      if (dialect === 'openai-responses')
        expect(kind.name).toBe((JSON.parse(data) as { type: string }).type);
    }
  });
});

it('Realtime over WebSocket is told as the dialect tells it, text and audio', async () => {
  for (const modality of ['text', 'audio']) {
    const socket = new WebSocket(`${mock.baseUrl.replace('http', 'ws')}/realtime?model=m`, {
      headers: { authorization: 'Bearer k' },
    });
    const seen: string[] = [];
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('message', (bytes: Buffer) => {
        const text = bytes.toString();
        seen.push(text);
        const { type } = JSON.parse(text) as { type: string };
        if (type === 'session.created') {
          socket.send(
            JSON.stringify({
              type: 'session.update',
              session: { type: 'realtime', output_modalities: [modality] },
            }),
          );
          socket.send(
            JSON.stringify({
              type: 'conversation.item.create',
              item: {
                type: 'message',
                role: 'user',
                content: [{ type: 'input_text', text: 'hi' }],
              },
            }),
          );
          socket.send(JSON.stringify({ type: 'response.create' }));
        }
        if (type === 'response.done') resolve();
      });
    });
    socket.close();
    const tokens = seen.filter((text) => kindOfMessage(text).token);
    expect(tokens.length).toBeGreaterThan(0);
    for (const text of seen) {
      const { token, terminal } = kindOfMessage(text);
      expect({ token, terminal }, text).toEqual(meaning('openai-realtime', '', text));
    }
  }
});

describe('documents made to mislead', () => {
  const text = fc.constantFrom(
    '',
    'a',
    '"delta":{"content":"x"}',
    '\\"type\\":\\"error\\"',
    '}{',
    '日本',
  );
  const chatChoice = fc.record({
    index: fc.constant(0),
    delta: fc.record(
      {
        role: fc.constant('assistant'),
        content: fc.option(text),
        reasoning_content: text,
        refusal: fc.option(text),
        tool_calls: fc.array(
          fc.record({
            index: fc.constant(0),
            type: fc.constant('function'),
            function: fc.record({ arguments: text }),
          }),
          { maxLength: 2 },
        ),
      },
      { requiredKeys: [] },
    ),
    finish_reason: fc.constantFrom(null, 'stop', 'length'),
  });
  const chatChunk = fc.record(
    {
      id: text,
      object: fc.constant('chat.completion.chunk'),
      choices: fc.array(chatChoice, { maxLength: 2 }),
      usage: fc.constantFrom(null, { total_tokens: 1 }),
    },
    { requiredKeys: ['choices', 'object'] },
  );

  it('chat', () => {
    fc.assert(
      fc.property(chatChunk, (chunk) => {
        const data = JSON.stringify(chunk);
        const kind = kindOfMessage(data);
        expect(kind.token).toBe(meaning('openai-chat', '', data).token);
        expect(kind.terminal).toBe(chunk.choices.some((choice) => choice.finish_reason !== null));
        expect(kind.name).toBe('chat.completion.chunk');
      }),
      { numRuns: 500 },
    );
  });

  it('responses and realtime', () => {
    const type = fc.constantFrom(
      'response.created',
      'response.output_text.delta',
      'response.reasoning_summary_text.delta',
      'response.function_call_arguments.delta',
      'response.output_text.done',
      'response.completed',
      'response.failed',
      'error',
      'keepalive',
    );
    fc.assert(
      fc.property(type, text, text, fc.boolean(), (name, delta, other, typeFirst) => {
        const rest = { item_id: other, delta, part: { type: 'x', delta: 'y' } };
        const data = JSON.stringify(typeFirst ? { type: name, ...rest } : { ...rest, type: name });
        const kind = kindOfMessage(data);
        const seen = meaning('openai-responses', '', data);
        expect(kind).toEqual({ name, token: seen.token, terminal: seen.terminal });
      }),
      { numRuns: 500 },
    );
  });

  it('finds the type of an event of which only the beginning is there', () => {
    const whole = JSON.stringify({
      type: 'response.output_audio.delta',
      event_id: 'e',
      delta: 'A'.repeat(99),
    });
    expect(kindOfMessage(whole.slice(0, 80))).toEqual({
      name: 'response.output_audio.delta',
      token: true,
      terminal: false,
    });
    const late = JSON.stringify({
      sequence_number: 4,
      type: 'response.completed',
      response: { output: 'x'.repeat(99) },
    });
    expect(kindOfMessage(late.slice(0, 90)).terminal).toBe(true);
  });
});
