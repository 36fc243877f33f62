import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { clientOf, mockForTest, weatherTool } from './harness.ts';

const tools = [{ type: 'function' as const, strict: true, ...weatherTool }];

describe('the official client against the Responses API', () => {
  it('builds the final response in the stream helper: reasoning summary, then text', async () => {
    const mock = await mockForTest({ tokens: 15, reasoning_tokens: 6 });
    const stream = clientOf(mock).responses.stream({
      model: 'gpt-5.4',
      input: 'Hello',
      reasoning: { summary: 'auto' },
    });
    const response = await stream.finalResponse();
    const [truth] = mock.log();
    expect(response.status).toBe('completed');
    expect(response.output_text).toBe(truth!.transcript);
    expect(response.output.map((item) => item.type)).toEqual(['reasoning', 'message']);
    expect(response.output[0]).toMatchObject({ summary: [{ text: truth!.reasoning }] });
    expect(response.usage).toMatchObject({
      output_tokens: 21,
      output_tokens_details: { reasoning_tokens: 6 },
    });
  });

  it('keeps reasoning to itself where no summary was asked for', async () => {
    const mock = await mockForTest({ tokens: 5, reasoning_tokens: 6 });
    const response = await clientOf(mock).responses.create({ model: 'm', input: 'Hello' });
    expect(response.output[0]).toMatchObject({ type: 'reasoning', summary: [] });
    expect(response.usage!.output_tokens_details.reasoning_tokens).toBe(6);
  });

  it('streams the same response that it answers whole', async () => {
    const options = { tokens: 30, tokens_per_event: 'uniform(1, 4)' };
    const body = { model: 'm', input: 'Same question' };
    // The first time that each of two equal servers is asked.
    const whole = await clientOf(await mockForTest(options)).responses.create(body);
    const other = clientOf(await mockForTest(options));
    const streamed = await other.responses.stream(body).finalResponse();
    expect(streamed.output_text).toBe(whole.output_text);
    expect(streamed.usage).toEqual(whole.usage);
  });

  it('calls tools and continues from the stored response', async () => {
    const mock = await mockForTest({ tool_calls: 2 });
    const client = clientOf(mock);
    const first = await client.responses.create({
      model: 'm',
      input: 'Weather?',
      tools,
      tool_choice: 'required',
    });
    const calls = first.output.filter((item) => item.type === 'function_call');
    expect(calls).toHaveLength(2);
    for (const call of calls) expect(JSON.parse(call.arguments)).toHaveProperty('city');
    const second = await client.responses.create({
      model: 'm',
      previous_response_id: first.id,
      input: calls.map((call) => ({
        type: 'function_call_output' as const,
        call_id: call.call_id,
        output: 'sunny',
      })),
    });
    expect(second.output_text.length).toBeGreaterThan(10);
    expect(second.previous_response_id).toBe(first.id);
    expect(second.usage!.input_tokens).toBeGreaterThan(first.usage!.input_tokens);
    await expect(
      client.responses.create({
        model: 'm',
        input: [{ type: 'function_call_output', call_id: 'call_unknown', output: '' }],
      }),
    ).rejects.toThrow(/No tool call found for function call output with call_id call_unknown/);
    await expect(
      client.responses.create({ model: 'm', input: 'x', previous_response_id: 'resp_none' }),
    ).rejects.toMatchObject({ status: 400, code: 'previous_response_not_found' });
  });

  it('ends as incomplete where the limit cuts it', async () => {
    const mock = await mockForTest({ tokens: 100 });
    const response = await clientOf(mock)
      .responses.stream({ model: 'm', input: 'Long', max_output_tokens: 16 })
      .finalResponse();
    expect(response.status).toBe('incomplete');
    expect(response.incomplete_details).toEqual({ reason: 'max_output_tokens' });
    expect(response.usage!.output_tokens).toBe(16);
  });

  it('resumes a background stream where it was left, without loss or repetition', async () => {
    const mock = await mockForTest({ tokens: 60, itl: '3ms', ttft: '5ms' });
    const client = clientOf(mock);
    const seen: OpenAI.Responses.ResponseStreamEvent[] = [];
    let id = '';
    const stream = await client.responses.create({
      model: 'm',
      input: 'Long job',
      background: true,
      stream: true,
    });
    for await (const event of stream) {
      seen.push(event);
      if (event.type === 'response.created') id = event.response.id;
      if (seen.length === 12) break;
    }
    stream.controller.abort();
    const last = seen.at(-1)!.sequence_number;
    const rest = await client.responses.retrieve(id, { stream: true, starting_after: last });
    for await (const event of rest) seen.push(event);
    expect(seen.map((event) => event.sequence_number)).toEqual(seen.map((_, index) => index));
    expect(seen.map((event) => event.type).slice(0, 3)).toEqual([
      'response.created',
      'response.queued',
      'response.in_progress',
    ]);
    const end = seen.at(-1)!;
    if (end.type !== 'response.completed') throw new Error(`ended with ${end.type}`);
    const text = seen
      .map((event) => (event.type === 'response.output_text.delta' ? event.delta : ''))
      .join('');
    expect(end.response.output[0]).toMatchObject({ content: [{ text }] });
    expect((await client.responses.retrieve(id)).output_text).toBe(text);
    const [made, resumed] = mock.log();
    // A client came back for what was produced meanwhile: nothing of it is wasted.
    expect(made!.clientLeftNs).toBeUndefined();
    expect(made!.tokensAfterLeft).toBe(0);
    expect(resumed!.resumedAfter).toBe(last);
    expect(resumed!.events[0]!.n).toBe(last + 1);
  });

  it('cancels, deletes and lists the input of a background response', async () => {
    const mock = await mockForTest({ tokens: 1000, itl: '20ms' });
    const client = clientOf(mock);
    const queued = await client.responses.create({ model: 'm', input: 'Job', background: true });
    expect(['queued', 'in_progress']).toContain(queued.status);
    const cancelled = await client.responses.cancel(queued.id);
    expect(cancelled.status).toBe('cancelled');
    expect((await client.responses.cancel(queued.id)).status).toBe('cancelled');
    expect(mock.stats().endings).toEqual({ cancelled: 1 });
    const items = await client.responses.inputItems.list(queued.id);
    expect(items.data[0]).toMatchObject({ type: 'message', role: 'user' });
    await client.responses.delete(queued.id);
    await expect(client.responses.retrieve(queued.id)).rejects.toMatchObject({ status: 404 });
  });

  it('refuses to stream or cancel what was not made in the background', async () => {
    const mock = await mockForTest();
    const client = clientOf(mock);
    const plain = await client.responses.create({ model: 'm', input: 'x' });
    await expect(client.responses.retrieve(plain.id, { stream: true })).rejects.toMatchObject({
      status: 400,
    });
    await expect(client.responses.cancel(plain.id)).rejects.toMatchObject({ status: 400 });
  });

  it('forgets responses after their time, and those not to be stored immediately', async () => {
    const mock = await mockForTest({ keep_responses: '30ms' });
    const client = clientOf(mock);
    const stored = await client.responses.create({ model: 'm', input: 'x' });
    const fleeting = await client.responses.create({ model: 'm', input: 'x', store: false });
    await expect(client.responses.retrieve(fleeting.id)).rejects.toMatchObject({ status: 404 });
    await new Promise((resolve) => setTimeout(resolve, 60));
    await expect(client.responses.retrieve(stored.id)).rejects.toMatchObject({ status: 404 });
  });

  it('fails in band with an error event and response.failed', async () => {
    const mock = await mockForTest({ in_band_errors: '100%' });
    const types: string[] = [];
    const stream = await clientOf(mock).responses.create({ model: 'm', input: 'x', stream: true });
    for await (const event of stream) types.push(event.type);
    expect(types.slice(-2)).toEqual(['error', 'response.failed']);
    expect(types).not.toContain('response.completed');
  });
});
