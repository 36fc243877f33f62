import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { MockServer } from '../../../mock-server/index.ts';
import { dataOf, mockForTest, weatherTool } from './harness.ts';

// Required fields as the API's specification lists them; unknown members are allowed to none.
const toolCallDelta = z.strictObject({
  index: z.int(),
  id: z.string().optional(),
  type: z.literal('function').optional(),
  function: z.strictObject({ name: z.string().optional(), arguments: z.string() }),
});
const delta = z.strictObject({
  role: z.literal('assistant').optional(),
  content: z.string().nullable().optional(),
  refusal: z.null().optional(),
  reasoning_content: z.string().min(1).optional(),
  tool_calls: z.array(toolCallDelta).min(1).optional(),
});
const finish = z.enum(['stop', 'length', 'tool_calls']);
const chunk = z.strictObject({
  id: z.string().startsWith('chatcmpl-'),
  object: z.literal('chat.completion.chunk'),
  created: z.int(),
  model: z.string(),
  service_tier: z.string(),
  system_fingerprint: z.string(),
  choices: z.array(
    z.strictObject({
      index: z.int(),
      delta,
      logprobs: z.null(),
      finish_reason: finish.nullable(),
    }),
  ),
  usage: z.looseObject({ total_tokens: z.int() }).nullable().optional(),
  obfuscation: z.string().min(1).optional(),
});

const content = z.strictObject({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: z.array(z.unknown()),
  logprobs: z.array(z.unknown()),
});
const summary = z.strictObject({ type: z.literal('summary_text'), text: z.string() });
const status = z.enum(['in_progress', 'completed', 'incomplete']);
const item = z.discriminatedUnion('type', [
  z.strictObject({ id: z.string(), type: z.literal('reasoning'), summary: z.array(summary) }),
  z.strictObject({
    id: z.string(),
    type: z.literal('function_call'),
    status,
    arguments: z.string(),
    call_id: z.string(),
    name: z.string(),
  }),
  z.strictObject({
    id: z.string(),
    type: z.literal('message'),
    status,
    role: z.literal('assistant'),
    content: z.array(content),
  }),
]);
const usage = z.strictObject({
  input_tokens: z.int(),
  input_tokens_details: z.looseObject({ cached_tokens: z.int() }),
  output_tokens: z.int(),
  output_tokens_details: z.looseObject({ reasoning_tokens: z.int() }),
  total_tokens: z.int(),
});
const response = z.looseObject({
  id: z.string().startsWith('resp_'),
  object: z.literal('response'),
  created_at: z.int(),
  model: z.string(),
  status: z.enum(['queued', 'in_progress', 'completed', 'failed', 'incomplete', 'cancelled']),
  output: z.array(item),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  incomplete_details: z.strictObject({ reason: z.string() }).nullable(),
  instructions: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()),
  parallel_tool_calls: z.boolean(),
  temperature: z.number(),
  top_p: z.number(),
  tool_choice: z.unknown(),
  tools: z.array(z.unknown()),
  usage: usage.nullable(),
});
const numbered = { sequence_number: z.int() };
const atItem = { ...numbered, item_id: z.string(), output_index: z.int() };
const inText = { ...atItem, content_index: z.literal(0) };
const inSummary = { ...atItem, summary_index: z.literal(0) };
const padded = { obfuscation: z.string().min(1).optional() };
const whole = (type: string) => z.strictObject({ type: z.literal(type), ...numbered, response });
const event = z.discriminatedUnion('type', [
  whole('response.created'),
  whole('response.queued'),
  whole('response.in_progress'),
  whole('response.completed'),
  whole('response.incomplete'),
  whole('response.failed'),
  z.strictObject({
    type: z.literal('response.output_item.added'),
    ...numbered,
    output_index: z.int(),
    item,
  }),
  z.strictObject({
    type: z.literal('response.output_item.done'),
    ...numbered,
    output_index: z.int(),
    item,
  }),
  z.strictObject({ type: z.literal('response.content_part.added'), ...inText, part: content }),
  z.strictObject({ type: z.literal('response.content_part.done'), ...inText, part: content }),
  z.strictObject({
    type: z.literal('response.output_text.delta'),
    ...inText,
    ...padded,
    delta: z.string().min(1),
    logprobs: z.array(z.unknown()),
  }),
  z.strictObject({
    type: z.literal('response.output_text.done'),
    ...inText,
    text: z.string(),
    logprobs: z.array(z.unknown()),
  }),
  z.strictObject({
    type: z.literal('response.reasoning_summary_part.added'),
    ...inSummary,
    part: summary,
  }),
  z.strictObject({
    type: z.literal('response.reasoning_summary_part.done'),
    ...inSummary,
    part: summary,
  }),
  z.strictObject({
    type: z.literal('response.reasoning_summary_text.delta'),
    ...inSummary,
    ...padded,
    delta: z.string().min(1),
  }),
  z.strictObject({
    type: z.literal('response.reasoning_summary_text.done'),
    ...inSummary,
    text: z.string(),
  }),
  z.strictObject({
    type: z.literal('response.function_call_arguments.delta'),
    ...atItem,
    ...padded,
    delta: z.string().min(1),
  }),
  z.strictObject({
    type: z.literal('response.function_call_arguments.done'),
    ...atItem,
    name: z.string(),
    arguments: z.string(),
  }),
  z.strictObject({
    type: z.literal('error'),
    ...numbered,
    code: z.string(),
    message: z.string(),
    param: z.null(),
  }),
]);

async function post(
  mock: MockServer,
  path: string,
  body: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<string> {
  const init = { method: 'POST', headers, body: JSON.stringify({ model: 'm', ...body }) };
  const answer = await fetch(`${mock.baseUrl}${path}`, init);
  expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(answer.headers.get('content-encoding')).toBeNull();
  return answer.text();
}

const messages = [{ role: 'user', content: 'x' }];
const chatTools = [{ type: 'function', function: weatherTool }];
const responsesTools = [{ type: 'function', ...weatherTool }];

describe('every chat chunk', () => {
  it('has the required fields, in the order the API sends them', async () => {
    const mock = await mockForTest({ tokens: 6, reasoning_tokens: 2, tool_calls: 2 });
    for (const more of [
      {},
      { stream_options: { include_usage: true } },
      { n: 2 },
      { tools: chatTools, tool_choice: 'required' },
      { max_completion_tokens: 3 },
    ]) {
      const data = dataOf(
        await post(mock, '/chat/completions', { messages, stream: true, ...more }),
      );
      expect(data.at(-1)).toBe('[DONE]');
      const chunks = data.slice(0, -1).map((one) => chunk.parse(one));
      expect(new Set(chunks.map((one) => one.id)).size).toBe(1);
      const withUsage = 'stream_options' in more;
      for (const one of chunks.slice(0, -1)) expect('usage' in one).toBe(withUsage);
      const last = chunks.at(-1)!;
      if (withUsage) {
        expect(last.choices).toEqual([]);
        expect(last.usage).toMatchObject({ completion_tokens: 8, prompt_tokens: 5 });
      } else {
        expect(last.choices[0]!.finish_reason).not.toBeNull();
      }
    }
  });

  it('is padded to multiples of 16, unless the request or the mock switches that off', async () => {
    const mock = await mockForTest({ tokens: 8, token_bytes: 'uniform(2B, 9B)' });
    const chunks = dataOf(await post(mock, '/chat/completions', { messages, stream: true }));
    for (const one of chunks.slice(0, -1).map((data) => chunk.parse(data))) {
      const text = one.choices[0]?.delta.content ?? '';
      expect((text.length + one.obfuscation!.length) % 16).toBe(0);
    }
    const plain = { messages, stream: true, stream_options: { include_obfuscation: false } };
    expect(await post(mock, '/chat/completions', plain)).not.toContain('obfuscation');
    const off = await mockForTest({ obfuscation: false });
    expect(await post(off, '/chat/completions', { messages, stream: true })).not.toContain(
      'obfuscation',
    );
    const body = { input: 'x', stream: true };
    expect(await post(mock, '/responses', body)).toContain('obfuscation');
    expect(
      await post(mock, '/responses', { ...body, stream_options: { include_obfuscation: false } }),
    ).not.toContain('obfuscation');
  });
});

describe('every Responses event', () => {
  it('has the required fields and a sequence number without gaps', async () => {
    const options = { tokens: 6, reasoning_tokens: 3, tool_calls: 2 };
    const mock = await mockForTest(options);
    const broken = await mockForTest({ ...options, in_band_errors: '100%' });
    const base = { input: 'x', stream: true };
    const asked: [MockServer, Record<string, unknown>, string][] = [
      [mock, base, 'response.completed'],
      [mock, { ...base, reasoning: { summary: 'auto' } }, 'response.completed'],
      [mock, { ...base, tools: responsesTools, tool_choice: 'required' }, 'response.completed'],
      [mock, { ...base, background: true }, 'response.completed'],
      [mock, { ...base, max_output_tokens: 5 }, 'response.incomplete'],
      [broken, base, 'response.failed'],
    ];
    const seen = new Set<string>();
    for (const [server, body, terminal] of asked) {
      const text = await post(server, '/responses', body);
      const events = dataOf(text).map((one) => event.parse(one));
      expect(events.map((one) => one.sequence_number)).toEqual(events.map((_, index) => index));
      expect(events.at(-1)!.type).toBe(terminal);
      const names = [...text.matchAll(/^event: (.*)$/gm)].map((match) => match[1]);
      expect(names).toEqual(events.map((one) => one.type));
      expect(text).not.toContain('[DONE]');
      for (const name of names) seen.add(name!);
    }
    expect(seen.size).toBe(19);
  });
});

describe('ground truth', () => {
  it('stamps each event block in its first line, and nothing without being asked', async () => {
    const mock = await mockForTest({ tokens: 5 });
    const headers = { 'x-streamgauge-truth': '1', 'x-streamgauge-stream': 'sse/0/3.1' };
    const asked: [string, Record<string, unknown>][] = [
      ['/chat/completions', { messages, stream: true }],
      ['/responses', { input: 'x', stream: true }],
    ];
    for (const [path, body] of asked) {
      const blocks = (await post(mock, path, body, headers)).trimEnd().split('\n\n');
      const truth = mock.log().at(-1)!;
      expect(truth).toMatchObject({ streamId: 'sse/0/3.1', seedKey: '3.1' });
      expect(truth.events).toHaveLength(blocks.length);
      for (const [n, block] of blocks.entries()) {
        const sent = Math.round(truth.events[n]!.sentNs);
        expect(block.split('\n')[0]).toBe(`: sg ${n} ${sent}`);
      }
      expect(await post(mock, path, body)).not.toContain(': sg');
    }
  });
});
