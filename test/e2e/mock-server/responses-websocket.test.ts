import { ResponsesWS } from 'openai/resources/responses/ws';
import type { ResponsesServerEvent } from 'openai/resources/responses/responses';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { MockServer } from '../../../mock-server/index.ts';
import { until } from '../../helpers/until.ts';
import { clientOf, mockForTest, weatherTool } from './harness.ts';

type Message = Record<string, unknown> & {
  type: string;
  stream_id?: string;
  sequence_number: number;
  status?: number;
  response: { id: string; status: string; output: unknown[] };
  error: { code: string; param: string | null };
};

/** A bare socket that keeps what it receives and waits for what it is told to. */
class Listener {
  readonly ws: WebSocket;
  readonly heard: Message[] = [];

  constructor(mock: MockServer, headers: Record<string, string> = {}) {
    this.ws = new WebSocket(`${mock.baseUrl.replace('http', 'ws')}/responses`, { headers });
    this.ws.on('message', (data: Buffer) => {
      this.heard.push(JSON.parse(data.toString('utf8')) as Message);
    });
    onTestFinished(() => this.ws.terminate());
  }

  async say(message: Record<string, unknown>): Promise<void> {
    if (this.ws.readyState === WebSocket.CONNECTING) {
      await new Promise((resolve) => this.ws.once('open', resolve));
    }
    this.ws.send(JSON.stringify(message));
  }

  create(more: Record<string, unknown> = {}): Promise<void> {
    return this.say({ type: 'response.create', model: 'm', input: 'Hi', store: false, ...more });
  }

  /** The first message at or after `from` that fits. */
  until(fits: (message: Message) => boolean, from = 0): Promise<Message> {
    return until(() => this.heard.slice(from).find(fits), {
      what: `a message with ${String(fits)}`,
      seen: () => this.heard.map(({ type }) => type),
    });
  }
}

const completed = (message: Message): boolean => message.type === 'response.completed';
const failed = (message: Message): boolean => message.type === 'error';

describe('the Responses API over WebSocket', () => {
  it('serves the official ResponsesWS: a tool loop on one connection', async () => {
    const mock = await mockForTest({ tool_calls: 1 });
    const socket = new ResponsesWS(clientOf(mock));
    onTestFinished(() => socket.close());
    const turn = (body: Record<string, unknown>): Promise<ResponsesServerEvent[]> =>
      new Promise((resolve, reject) => {
        const events: ResponsesServerEvent[] = [];
        const onEvent = (event: ResponsesServerEvent): void => {
          events.push(event);
          if (event.type !== 'response.completed') return;
          socket.off('event', onEvent);
          resolve(events);
        };
        socket.on('event', onEvent);
        socket.once('error', reject);
        socket.send({ type: 'response.create', model: 'm', store: false, ...body });
      });
    const tools = [{ type: 'function', strict: true, ...weatherTool }];
    let events = await turn({ input: 'Weather?', tools, tool_choice: 'required' });
    for (let i = 0; i < 5; i++) {
      const end = events.at(-1)!;
      if (end.type !== 'response.completed') throw new Error('no end');
      const call = end.response.output.find((item) => item.type === 'function_call');
      if (call?.type !== 'function_call') throw new Error('no call');
      expect(events.map((event) => (event as Message).sequence_number)).toEqual(
        events.map((_, index) => index),
      );
      events = await turn({
        previous_response_id: end.response.id,
        input: [{ type: 'function_call_output', call_id: call.call_id, output: 'ok' }],
        tools,
        tool_choice: i === 4 ? 'none' : 'required',
      });
    }
    const end = events.at(-1)!;
    expect(end).toMatchObject({ response: { output: [{ type: 'message' }] } });
    expect(mock.log().every((stream) => stream.transport === 'websocket')).toBe(true);
  });

  it('sends the same events as SSE does', async () => {
    const options = { tokens: 10, reasoning_tokens: 3 };
    const mock = await mockForTest(options);
    const body = { model: 'm', input: 'Hi', reasoning: { summary: 'auto' as const } };
    const overSse: string[] = [];
    const stream = await clientOf(mock).responses.create({ ...body, stream: true });
    for await (const event of stream) {
      overSse.push(`${event.type} ${'delta' in event ? JSON.stringify(event.delta) : ''}`);
    }
    // The first question of an equal server gets the same draw.
    const listener = new Listener(await mockForTest(options));
    await listener.create(body);
    await listener.until(completed);
    const overSocket = listener.heard.map(
      (event) => `${event.type} ${'delta' in event ? JSON.stringify(event['delta']) : ''}`,
    );
    expect(overSocket).toEqual(overSse);
  });

  it('warms up without output and chains from the warm-up, on the same connection only', async () => {
    const mock = await mockForTest({ tokens: 8 });
    const listener = new Listener(mock);
    await listener.create({ generate: false, input: undefined, instructions: 'Be brief' });
    const warm = await listener.until(completed);
    expect(warm.response.output).toEqual([]);
    await listener.create({ previous_response_id: warm.response.id });
    const next = await listener.until(completed, listener.heard.length);
    expect(next.response).toMatchObject({ previous_response_id: warm.response.id });

    const stranger = new Listener(mock);
    await stranger.create({ previous_response_id: next.response.id });
    expect(await stranger.until(failed)).toMatchObject({
      status: 400,
      error: { code: 'previous_response_not_found', param: 'previous_response_id' },
    });
  });

  it('keeps the order within a lane and lets lanes overlap', async () => {
    const mock = await mockForTest({ tokens: 10, itl: '3ms', ttft: '5ms' });
    const listener = new Listener(mock);
    for (const stream_id of ['a', 'b']) {
      await listener.create({ stream_id });
      await listener.create({ stream_id, input: 'second' });
    }
    await listener.until(() => listener.heard.filter((message) => completed(message)).length === 4);
    for (const lane of ['a', 'b']) {
      const types = listener.heard
        .filter((message) => message.stream_id === lane)
        .map((message) => message.type)
        .filter((type) => type === 'response.created' || type === 'response.completed');
      expect(types).toEqual([
        'response.created',
        'response.completed',
        'response.created',
        'response.completed',
      ]);
    }
    const lanes = listener.heard.map((message) => message.stream_id);
    expect(lanes.indexOf('b')).toBeLessThan(lanes.lastIndexOf('a'));
    expect(lanes.indexOf('a')).toBeLessThan(lanes.lastIndexOf('b'));
  });

  it('runs at most 16 responses at once and knows at most 32 lanes', async () => {
    const mock = await mockForTest({ tokens: 5, ttft: '60ms' });
    const listener = new Listener(mock);
    for (let i = 0; i < 20; i++) await listener.create({ stream_id: `lane-${i}` });
    const created = (): number =>
      listener.heard.filter((message) => message.type === 'response.created').length;
    await listener.until(() => created() === 16);
    await listener.until(completed);
    expect(listener.heard.findIndex(completed)).toBeGreaterThanOrEqual(16);
    await listener.until(() => created() === 20);
    for (let i = 20; i < 33; i++) await listener.create({ stream_id: `lane-${i}` });
    expect(await listener.until(failed)).toMatchObject({
      error: { code: 'websocket_stream_limit_reached', param: 'stream_id' },
    });
    await listener.create({ stream_id: 'not a name' });
    await listener.until((message) => message.error?.code === 'invalid_stream_id');
  });

  it('takes the parent of a failed continuation out of its cache', async () => {
    const mock = await mockForTest();
    const listener = new Listener(mock);
    await listener.create();
    const { id } = (await listener.until(completed)).response;
    await listener.create({ previous_response_id: id, model: undefined });
    expect(await listener.until(failed)).toMatchObject({ error: { param: 'model' } });
    const before = listener.heard.length;
    await listener.create({ previous_response_id: id });
    expect(await listener.until(failed, before)).toMatchObject({
      error: { code: 'previous_response_not_found' },
    });
  });

  it('survives nonsense and says what is wrong', async () => {
    const mock = await mockForTest();
    const listener = new Listener(mock);
    await listener.say({ type: 'response.create' });
    expect(await listener.until(failed)).toMatchObject({ error: { param: 'model' } });
    await listener.say({ type: 'nothing' });
    await listener.until((message) => message.error?.param === 'type');
    listener.ws.send('{not json');
    listener.ws.send(Buffer.from([1, 2, 3]), { binary: true });
    await listener.create({ background: true });
    await listener.until((message) => message.error?.param === 'background');
    await listener.create();
    await listener.until(completed);
    expect(listener.heard.filter(failed)).toHaveLength(5);
  });

  it('ends the connection after its lifetime, with the documented error', async () => {
    const mock = await mockForTest({ session_lifetime: '50ms' });
    const listener = new Listener(mock);
    const code = await new Promise<number>((resolve) => listener.ws.once('close', resolve));
    expect(code).toBe(1001);
    expect(listener.heard).toMatchObject([
      { type: 'error', status: 400, error: { code: 'websocket_connection_limit_reached' } },
    ]);
  });

  it('refuses the upgrade with the wrong key, and messages past the limit', async () => {
    const mock = await mockForTest({ api_key: 'right', limits: { message: '1kB' } });
    const wrong = new Listener(mock, { authorization: 'Bearer wrong' });
    const refused = await new Promise<Error>((resolve) => wrong.ws.once('error', resolve));
    expect(refused.message).toBe('Unexpected server response: 401');
    const right = new Listener(mock, { authorization: 'Bearer right' });
    await right.create({ input: 'x'.repeat(5000) });
    const code = await new Promise<number>((resolve) => right.ws.once('close', resolve));
    expect(code).toBe(1009);
  });

  it('stamps every event on request, and stops producing when the client leaves', async () => {
    const mock = await mockForTest({ tokens: 5000, itl: '2ms', stop_delay: '40ms' });
    const listener = new Listener(mock, { 'x-streamgauge-truth': '1' });
    await listener.create({ x_streamgauge: { stream: 'arm/0/7.1' } });
    await listener.until(() => listener.heard.length >= 10);
    for (const [index, message] of listener.heard.entries()) {
      expect(message['x_streamgauge']).toEqual({ n: index, t: expect.any(Number) as number });
    }
    listener.ws.terminate();
    await expect
      .poll(() => mock.log()[0])
      .toMatchObject({ end: 'client_left', streamId: 'arm/0/7.1', seedKey: '7.1' });
    expect(mock.log()[0]!.tokensAfterLeft).toBeGreaterThan(0);
    // 40 ms are 20 tokens; wide, as the clock of a busy machine runs on.
    expect(mock.log()[0]!.tokensAfterLeft).toBeLessThan(4500);
  });

  it('knows no lanes where they are switched off', async () => {
    const mock = await mockForTest({ lanes: false });
    const listener = new Listener(mock);
    await listener.create({ stream_id: 'a' });
    expect(await listener.until(failed)).toMatchObject({
      error: { code: 'unknown_parameter', param: 'stream_id' },
    });
  });
});
