/**
 * The unmodified `OpenAIRealtimeWS` of the `openai` package against the mock: over the TLS port,
 * which it insists on, and over the plain one with a socket that the test opens.
 */
import * as net from 'node:net';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import type { RealtimeServerEvent } from 'openai/resources/realtime/realtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMock, type MockServer } from '../../../mock-server/index.ts';

type Of<T extends RealtimeServerEvent['type']> = Extract<RealtimeServerEvent, { type: T }>;

class Client {
  readonly rt: OpenAIRealtimeWS;
  readonly events: RealtimeServerEvent[] = [];
  private seen = 0;
  private wake: (() => void) | undefined;
  private failure: Error | undefined;

  constructor(rt: OpenAIRealtimeWS) {
    this.rt = rt;
    rt.on('event', (event) => {
      this.events.push(event);
      this.wake?.();
    });
    rt.on('error', (error) => {
      this.failure = error;
      this.wake?.();
    });
    rt.socket.on('close', () => this.wake?.());
  }

  async opened(): Promise<this> {
    await this.next('session.created');
    return this;
  }

  async next<T extends RealtimeServerEvent['type']>(type: T): Promise<Of<T>> {
    for (;;) {
      for (; this.seen < this.events.length; this.seen++) {
        const event = this.events[this.seen]!;
        if (event.type !== type) continue;
        this.seen++;
        return event as Of<T>;
      }
      if (this.failure) throw this.failure;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  /** Sends a text question and asks for an answer. */
  ask(text: string): void {
    this.rt.send({
      type: 'conversation.item.create',
      item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
    });
    this.rt.send({ type: 'response.create' });
  }

  textOnly(): void {
    this.rt.send({
      type: 'session.update',
      session: { type: 'realtime', output_modalities: ['text'] },
    });
  }
}

let mock: MockServer;
beforeAll(async () => {
  mock = await startMock({
    tls: true,
    api_key: 'sk-test',
    ttft: '15ms',
    itl: '3ms',
    tokens: 40,
    audio: { speed: 20 },
  });
});
afterAll(() => mock.close());

const model = 'gpt-realtime';
const ways = {
  'the TLS port': () =>
    new OpenAIRealtimeWS(
      { model, options: { ca: mock.certificate } },
      new OpenAI({ apiKey: 'sk-test', baseURL: mock.secureBaseUrl }),
    ),
  'the plain port': () =>
    new OpenAIRealtimeWS(
      {
        model,
        options: {
          createConnection: () => net.connect({ host: '127.0.0.1', port: mock.port }),
        },
      },
      new OpenAI({ apiKey: 'sk-test', baseURL: mock.baseUrl }),
    ),
};

describe.each(Object.entries(ways))('OpenAIRealtimeWS over %s', (_name, open) => {
  it('has a text turn', async () => {
    const client = await new Client(open()).opened();
    client.textOnly();
    client.ask('hello');
    const text = (await client.next('response.output_text.done')).text;
    const { response } = await client.next('response.done');
    expect(response.status).toBe('completed');
    expect(response.usage!.output_tokens).toBe(40);
    const deltas = client.events.filter((event) => event.type === 'response.output_text.delta');
    expect(deltas).toHaveLength(40);
    expect(deltas.map((event) => event.delta).join('')).toBe(text);
    client.rt.close();
  });

  it('has an audio turn, faster than it plays', async () => {
    const client = await new Client(open()).opened();
    client.ask('hello');
    const { transcript } = await client.next('response.output_audio_transcript.done');
    await client.next('response.done');
    expect(transcript.split(' ').length).toBeGreaterThan(5);
    const audio = client.events.filter((event) => event.type === 'response.output_audio.delta');
    // 40 tokens of 50 ms are two seconds, in chunks of 200 ms.
    expect(audio).toHaveLength(10);
    const bytes = audio.map((event) => Buffer.from(event.delta, 'base64').length);
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBe(2000 * 48);
    client.rt.close();
  });

  it('has a tool call and its answer', async () => {
    const client = await new Client(open()).opened();
    client.rt.send({
      type: 'session.update',
      session: {
        type: 'realtime',
        output_modalities: ['text'],
        tool_choice: 'required',
        tools: [
          {
            type: 'function',
            name: 'get_weather',
            parameters: {
              type: 'object',
              properties: { city: { type: 'string' } },
              required: ['city'],
            },
          },
        ],
      },
    });
    client.ask('weather?');
    const call = await client.next('response.function_call_arguments.done');
    expect(call.name).toBe('get_weather');
    expect(typeof JSON.parse(call.arguments).city).toBe('string');
    const { response } = await client.next('response.done');
    expect(response.output![0]).toMatchObject({
      type: 'function_call',
      status: 'completed',
      call_id: call.call_id,
      arguments: call.arguments,
    });
    client.rt.send({
      type: 'conversation.item.create',
      item: { type: 'function_call_output', call_id: call.call_id, output: '{"sunny":true}' },
    });
    client.rt.send({ type: 'response.create', response: { tool_choice: 'none' } });
    const answer = (await client.next('response.done')).response;
    expect(answer).toMatchObject({ status: 'completed', output: [{ type: 'message' }] });
    client.rt.close();
  });

  it('cancels', async () => {
    const client = await new Client(open()).opened();
    client.textOnly();
    client.ask('hello');
    await client.next('response.output_text.delta');
    client.rt.send({ type: 'response.cancel' });
    const { response } = await client.next('response.done');
    expect(response).toMatchObject({
      status: 'cancelled',
      status_details: { type: 'cancelled', reason: 'client_cancelled' },
    });
    expect(response.usage!.output_tokens).toBeLessThan(40);
    client.rt.close();
  });

  it('learns what was wrong with an event', async () => {
    const client = new Client(open());
    await client.opened();
    client.rt.send({ type: 'response.cancel', event_id: 'evt_mine' });
    await expect(client.next('response.done')).rejects.toMatchObject({
      error: { code: 'response_cancel_not_active', event_id: 'evt_mine' },
    });
    client.rt.close();
  });
});

describe('the REST client', () => {
  it('creates client secrets that open sessions', async () => {
    const api = new OpenAI({ apiKey: 'sk-test', baseURL: mock.baseUrl, maxRetries: 0 });
    const secret = await api.realtime.clientSecrets.create({
      expires_after: { anchor: 'created_at', seconds: 30 },
      session: { type: 'realtime', model, output_modalities: ['text'] },
    });
    expect(secret.value).toMatch(/^ek_/);
    const client = await new Client(
      new OpenAIRealtimeWS(
        { model, options: { ca: mock.certificate } },
        new OpenAI({ apiKey: secret.value, baseURL: mock.secureBaseUrl }),
      ),
    ).opened();
    client.ask('hello');
    expect((await client.next('response.done')).response.output_modalities).toEqual(['text']);
    client.rt.close();
  });
});
