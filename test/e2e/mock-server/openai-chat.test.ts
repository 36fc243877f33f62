import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { clientOf, mockForTest, weatherTool } from './harness.ts';

const ask = { model: 'gpt-5.4', messages: [{ role: 'user' as const, content: 'Hello there' }] };
const tools = [{ type: 'function' as const, function: weatherTool }];

describe('the official client against Chat Completions', () => {
  it('streams text that equals the log, with usage last', async () => {
    const mock = await mockForTest({ tokens: 20, reasoning_tokens: 5 });
    const stream = await clientOf(mock).chat.completions.create({
      ...ask,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let reasoning = '';
    let usage: OpenAI.CompletionUsage | null | undefined;
    const finishes: string[] = [];
    for await (const chunk of stream) {
      const choice = chunk.choices[0];
      text += choice?.delta.content ?? '';
      reasoning += (choice?.delta as { reasoning_content?: string })?.reasoning_content ?? '';
      if (choice?.finish_reason) finishes.push(choice.finish_reason);
      usage = chunk.usage ?? usage;
    }
    const [truth] = mock.log();
    expect(text).toBe(truth!.transcript);
    expect(reasoning).toBe(truth!.reasoning);
    expect(text.split(' ').length).toBeGreaterThan(5);
    expect(finishes).toEqual(['stop']);
    expect(usage).toMatchObject({
      completion_tokens: 25,
      completion_tokens_details: { reasoning_tokens: 5 },
    });
    expect(truth).toMatchObject({
      api: 'chat',
      transport: 'sse',
      end: 'completed',
      tokensSent: 25,
    });
  });

  it('assembles parallel tool calls in the stream helper, with arguments that fit the schema', async () => {
    const mock = await mockForTest({ tool_calls: 3, tool_call_tokens: 20 });
    const message = await clientOf(mock)
      .chat.completions.stream({ ...ask, tools, tool_choice: 'required' })
      .finalMessage();
    expect(message.content).toBeNull();
    expect(message.tool_calls).toHaveLength(3);
    for (const call of message.tool_calls!) {
      if (call.type !== 'function') throw new Error('not a function call');
      expect(call.function.name).toBe('get_weather');
      const args = JSON.parse(call.function.arguments) as Record<string, unknown>;
      expect(Object.keys(args)).toEqual(['city', 'unit', 'days']);
      expect(['celsius', 'fahrenheit']).toContain(args['unit']);
      expect(args['days']).toBeGreaterThanOrEqual(1);
    }
    expect(new Set(message.tool_calls!.map((call) => call.id)).size).toBe(3);
  });

  it('completes a tool loop: calls, answers, final text', async () => {
    const mock = await mockForTest({ tool_call_tokens: 12, auto_tool_share: '60%', seed: 7 });
    let called = 0;
    const runner = clientOf(mock).chat.completions.runTools(
      {
        ...ask,
        tools: [
          {
            type: 'function',
            function: {
              ...weatherTool,
              parse: (text: string) => JSON.parse(text) as Record<string, unknown>,
              function: () => `sunny ${called++}`,
            },
          },
        ],
      },
      { maxChatCompletions: 30 },
    );
    const final = await runner.finalContent();
    expect(final!.length).toBeGreaterThan(10);
    expect(called).toBe(mock.log().filter((stream) => stream.toolCalls.length > 0).length);
  });

  it('answers without streaming, n choices, cut by the limit', async () => {
    const mock = await mockForTest({ tokens: 50 });
    const answer = await clientOf(mock).chat.completions.create({
      ...ask,
      n: 2,
      max_completion_tokens: 10,
    });
    expect(answer.choices.map((choice) => choice.finish_reason)).toEqual(['length', 'length']);
    expect(answer.choices[0]!.message.content).not.toBe(answer.choices[1]!.message.content);
    expect(answer.usage).toMatchObject({ completion_tokens: 20 });
  });

  it('interleaves n streamed choices', async () => {
    const mock = await mockForTest({ tokens: 12 });
    const completion = await clientOf(mock)
      .chat.completions.stream({ ...ask, n: 3 })
      .finalChatCompletion();
    expect(completion.choices.map((choice) => choice.finish_reason)).toEqual([
      'stop',
      'stop',
      'stop',
    ]);
    expect(new Set(completion.choices.map((choice) => choice.message.content)).size).toBe(3);
  });

  it('maps each refusal to the class of the client', async () => {
    const classes = [
      [400, OpenAI.BadRequestError],
      [401, OpenAI.AuthenticationError],
      [403, OpenAI.PermissionDeniedError],
      [404, OpenAI.NotFoundError],
      [409, OpenAI.ConflictError],
      [422, OpenAI.UnprocessableEntityError],
      [429, OpenAI.RateLimitError],
      [500, OpenAI.InternalServerError],
      [503, OpenAI.InternalServerError],
    ] as const;
    for (const [status, expected] of classes) {
      const mock = await mockForTest({ errors: [{ status, share: '100%', retry_after: '250ms' }] });
      const error: unknown = await clientOf(mock)
        .chat.completions.create(ask)
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(expected);
      if (!(error instanceof OpenAI.APIError)) throw new Error('not an APIError');
      expect(error.requestID).toMatch(/^req_/);
      expect(error.headers?.get('retry-after-ms')).toBe('250');
      expect(error.type).toBeTruthy();
    }
  });

  it('retries as the headers say, and the retry draws again', async () => {
    const mock = await mockForTest({
      errors: [{ status: 429, share: '60%', retry_after: '1ms' }],
      seed: 3,
    });
    const client = new OpenAI({ apiKey: 'x', baseURL: mock.baseUrl, maxRetries: 20 });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        client.chat.completions.create({
          model: 'm',
          messages: [{ role: 'user', content: `question ${index}` }],
        }),
      ),
    );
    expect(answers).toHaveLength(10);
    expect(mock.stats().refused['429']).toBeGreaterThan(0);
  });

  it('breaks a stream in band, and by truncation, where told to', async () => {
    const broken = await mockForTest({ in_band_errors: '100%' });
    const drain = async (client: OpenAI): Promise<void> => {
      const stream = await client.chat.completions.create({ ...ask, stream: true });
      for await (const chunk of stream) expect(chunk.object).toBe('chat.completion.chunk');
    };
    await expect(drain(clientOf(broken))).rejects.toBeInstanceOf(OpenAI.APIError);
    expect(broken.stats().endings).toEqual({ in_band_error: 1 });

    const cut = await mockForTest({ truncate: '100%' });
    await expect(drain(clientOf(cut))).rejects.toThrow(/terminated|reset|closed/i);
    expect(cut.stats().endings).toEqual({ truncated: 1 });
  });

  it('lists models and knows which do not exist', async () => {
    const mock = await mockForTest({ models: ['a', 'b'], api_key: 'sk-test' });
    const client = clientOf(mock);
    const models = await client.models.list();
    expect(models.data.map((model) => model.id)).toEqual(['a', 'b']);
    await expect(client.chat.completions.create(ask)).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
    const stranger = new OpenAI({ apiKey: 'sk-other', baseURL: mock.baseUrl, maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toMatchObject({
      status: 401,
      code: 'invalid_api_key',
    });
  });
});
