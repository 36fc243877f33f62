/** The mock's Realtime API on the wire: who may connect, wrong requests, limits, ground truth. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMock, type MockServer } from '../../../mock-server/index.ts';
import { monotonicNow } from '../../../src/world.ts';
import { connect, realtimeUrl, type Event, type Refused } from './raw-client.ts';

const truth = { headers: { 'x-streamgauge-truth': '1' } };
const textOnly = {
  type: 'session.update',
  session: { type: 'realtime', output_modalities: ['text'] },
};

async function refusal(promise: Promise<unknown>): Promise<Refused> {
  try {
    await promise;
  } catch (error) {
    return error as Refused;
  }
  throw new Error('the upgrade was not refused');
}

describe('connecting', () => {
  let mock: MockServer;
  beforeAll(async () => {
    mock = await startMock({ profile: 'instant', api_key: 'sk-right', models: ['gpt-realtime'] });
  });
  afterAll(() => mock.close());

  it('says session.created first', async () => {
    const client = await connect(realtimeUrl(mock), {
      headers: { authorization: 'Bearer sk-right' },
    });
    const created = await client.next('session.created');
    expect(client.events[0]).toBe(created);
    expect(created.session.model).toBe('gpt-realtime');
    expect(created.session.expires_at).toBeGreaterThan(Date.now() / 1000 + 3500);
    client.close();
  });

  it('takes the key from a subprotocol and never echoes it', async () => {
    const client = await connect(realtimeUrl(mock), {
      protocols: ['realtime', 'openai-insecure-api-key.sk-right', 'openai-organization.org-1'],
    });
    expect(client.ws.protocol).toBe('realtime');
    await client.next('session.created');
    client.close();
  });

  it.each([
    ['a wrong key', { headers: { authorization: 'Bearer sk-wrong-and-secret' } }],
    [
      'a wrong key in a subprotocol',
      {
        protocols: ['realtime', 'openai-insecure-api-key.sk-wrong-and-secret'],
      },
    ],
    ['no key', {}],
  ])('refuses %s with 401', async (_name, options) => {
    const refused = await refusal(connect(realtimeUrl(mock), options));
    expect(refused.status).toBe(401);
    expect(refused.body.error).toMatchObject({
      type: 'invalid_request_error',
      code: 'invalid_api_key',
    });
    expect(JSON.stringify(refused.body)).not.toContain('wrong-and-secret');
  });

  const authorized = { authorization: 'Bearer sk-right' };
  it.each([
    [
      'the beta header',
      'model=gpt-realtime',
      { ...authorized, 'OpenAI-Beta': 'realtime=v1' },
      'beta_api_shape_disabled',
    ],
    ['no model', '', authorized, 'missing_model'],
    ['an unknown model', 'model=gpt-4', authorized, 'model_not_found'],
    ['an unknown intent', 'intent=chat', authorized, 'invalid_intent'],
  ])('tells %s why and closes', async (_name, query, headers, code) => {
    const client = await connect(realtimeUrl(mock, query), { headers });
    const { code: closeCode, reason } = await client.closed;
    expect(client.events).toHaveLength(1);
    expect(client.events[0]).toMatchObject({ type: 'error', error: { code } });
    expect(closeCode).toBe(4000);
    expect(reason).toBe(`invalid_request_error.${code}`);
  });

  it('knows no calls', async () => {
    const refused = await refusal(
      connect(realtimeUrl(mock, 'call_id=rtc_1'), { headers: authorized }),
    );
    expect(refused.status).toBe(404);
  });

  it('opens transcription sessions', async () => {
    const client = await connect(realtimeUrl(mock, 'intent=transcription'), {
      headers: authorized,
    });
    expect((await client.next('session.created')).session.type).toBe('transcription');
    client.close();
  });
});

describe('client secrets', () => {
  let mock: MockServer;
  beforeAll(async () => {
    mock = await startMock({ profile: 'instant', api_key: 'sk-right' });
  });
  afterAll(() => mock.close());

  const create = async (
    body: unknown,
    key = 'sk-right',
  ): Promise<{ status: number; json: Event }> => {
    const response = await fetch(`${mock.baseUrl}/realtime/client_secrets`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, json: await response.json() };
  };

  it('open sessions with their configuration', async () => {
    const { status, json } = await create({
      expires_after: { anchor: 'created_at', seconds: 60 },
      session: { type: 'realtime', model: 'gpt-realtime-mini', instructions: 'be kind' },
    });
    expect(status).toBe(200);
    expect(json.value).toMatch(/^ek_[0-9a-f]+$/);
    const seconds = json.expires_at - Date.now() / 1000;
    expect(seconds).toBeGreaterThan(50);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(json.session).toMatchObject({
      type: 'realtime',
      object: 'realtime.session',
      instructions: 'be kind',
    });
    // Reusable until it expires; the model need not be named again.
    for (const query of ['', 'model=gpt-realtime-mini']) {
      const client = await connect(realtimeUrl(mock, query), {
        protocols: ['realtime', `openai-insecure-api-key.${json.value}`],
      });
      expect((await client.next('session.created')).session).toMatchObject({
        model: 'gpt-realtime-mini',
        instructions: 'be kind',
      });
      client.close();
    }
  });

  it('default to ten minutes', async () => {
    const { json } = await create({});
    expect(Math.abs(json.expires_at - Date.now() / 1000 - 600)).toBeLessThan(60);
  });

  it.each([
    [{ expires_after: { seconds: 5 } }, 'invalid_value', 'expires_after.seconds'],
    [{ session: { type: 'realtime', voice: 'x' } }, 'unknown_parameter', 'session.voice'],
    [{ model: 'gpt-realtime' }, 'unknown_parameter', 'model'],
  ])('refuse %j', async (body, code, param) => {
    const { status, json } = await create(body);
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ code, param });
  });

  it('are given only to who has the key', async () => {
    expect((await create({}, 'sk-wrong')).status).toBe(401);
    const { json } = await create({});
    expect((await create({}, json.value)).status).toBe(401);
  });
});

describe('limits', () => {
  it('ends a session at the end of its life', async () => {
    const mock = await startMock({ profile: 'instant', session_lifetime: '150ms' });
    const client = await connect(realtimeUrl(mock));
    const { code, reason } = await client.closed;
    expect(code).toBe(1001);
    expect(reason).toContain('maximum duration');
    expect(client.events.at(-1)).toMatchObject({
      type: 'error',
      error: { code: 'session_expired' },
    });
    await mock.close();
  });

  it('closes on a message beyond the limit, and lives on', async () => {
    const mock = await startMock({ profile: 'instant', limits: { message: '64KiB' } });
    const client = await connect(realtimeUrl(mock));
    client.tell({ type: 'input_audio_buffer.append', audio: 'A'.repeat(70_000) });
    expect((await client.closed).code).toBe(1009);
    const second = await connect(realtimeUrl(mock));
    await second.next('session.created');
    second.close();
    await mock.close();
  });

  it('answers an append above 15 MiB with an error', async () => {
    const mock = await startMock({ profile: 'instant' });
    const client = await connect(realtimeUrl(mock));
    client.tell({ type: 'input_audio_buffer.append', audio: 'A'.repeat(16 * 1024 * 1024) });
    expect((await client.next('error')).error.code).toBe('string_above_max_length');
    client.ws.send(Buffer.from([1, 2, 3]));
    expect((await client.next('error')).error.code).toBe('invalid_event');
    client.ws.send('{"type":');
    expect((await client.next('error')).error.code).toBe('invalid_json');
    client.tell(textOnly);
    await client.next('session.updated');
    client.close();
    await mock.close();
  });
});

describe('a client that does not read', () => {
  it('is given up when too much waits for it', async () => {
    // 2,000 s of speech in one go: 96 MB, 128 MB on the wire.
    const mock = await startMock({ profile: 'instant', tokens: 40_000 });
    const client = await connect(realtimeUrl(mock));
    await client.next('session.created');
    client.ws.pause();
    client.tell({ type: 'response.create' });
    await expect.poll(() => mock.log()[0]?.end).toBe('overflow');
    client.ws.terminate();
    await mock.close();
  });
});

describe('refusals and faults', () => {
  it('fail the response when the rate limit is reached', async () => {
    const mock = await startMock({ profile: 'instant', rate_limits: { requests: '1/m' } });
    const client = await connect(realtimeUrl(mock));
    client.tell(textOnly);
    client.tell({ type: 'response.create' });
    expect((await client.next('response.done')).response.status).toBe('completed');
    expect((await client.next('rate_limits.updated')).rate_limits).toMatchObject([
      { name: 'requests', limit: 1, remaining: 0 },
    ]);
    client.tell({ type: 'response.create' });
    expect((await client.next('response.done')).response).toMatchObject({
      status: 'failed',
      status_details: { type: 'failed', error: { code: 'rate_limit_exceeded' } },
    });
    client.close();
    await mock.close();
  });

  it('fail the response in the middle where the options say so', async () => {
    const mock = await startMock({ profile: 'instant', in_band_errors: '100%' });
    const client = await connect(realtimeUrl(mock));
    client.tell(textOnly);
    client.tell({ type: 'response.create' });
    expect((await client.next('response.done')).response).toMatchObject({
      status: 'failed',
      status_details: { error: { type: 'server_error' } },
    });
    client.close();
    await mock.close();
    expect(mock.log()).toMatchObject([{ end: 'in_band_error' }]);
  });

  it('cut the connection where the options say so', async () => {
    const mock = await startMock({ profile: 'instant', truncate: '100%' });
    const client = await connect(realtimeUrl(mock));
    client.tell(textOnly);
    client.tell({ type: 'response.create' });
    expect((await client.closed).code).toBe(1006);
    expect(client.events.some((event) => event.type === 'response.output_text.delta')).toBe(true);
    expect(client.events.some((event) => event.type === 'response.done')).toBe(false);
    await mock.close();
    expect(mock.log()).toMatchObject([{ end: 'truncated' }]);
  });

  it('queue responses where slots are few, and refuse them where the queue is full', async () => {
    const mock = await startMock({ ttft: '500ms', itl: '1ms', tokens: 4, slots: 1, queue: 1 });
    const client = await connect(realtimeUrl(mock));
    client.tell(textOnly);
    for (let i = 0; i < 3; i++) {
      client.tell({
        type: 'response.create',
        response: { conversation: 'none', metadata: { index: String(i) } },
      });
    }
    const done = [];
    for (let i = 0; i < 3; i++) done.push((await client.next('response.done')).response);
    expect(done.map((response) => [response.metadata.index, response.status])).toEqual([
      ['2', 'failed'],
      ['0', 'completed'],
      ['1', 'completed'],
    ]);
    expect(mock.stats().refused).toEqual({ 503: 1 });
    const log = mock.log();
    expect(log).toHaveLength(2);
    const [first, second] = log;
    expect(second!.admittedNs!).toBeGreaterThanOrEqual(first!.endedNs!);
    expect(first!.admittedNs!).toBeLessThan(first!.endedNs!);
    client.close();
    await mock.close();
  });
});

describe('ground truth', () => {
  let mock: MockServer;
  beforeAll(async () => {
    mock = await startMock({ ttft: '20ms', itl: '2ms', tokens: 12, audio: { speed: 20 } });
  });
  afterAll(() => mock.close());

  it('is stamped on the events of a response and equals the log', async () => {
    const client = await connect(realtimeUrl(mock), truth);
    client.tell(textOnly);
    client.tell({ type: 'response.create', x_streamgauge: { stream: 'ws/1/s7.0' } });
    await client.next('response.done');
    const received = monotonicNow();
    const stamped = client.events.filter((event) => event.x_streamgauge);
    const stream = mock.log().find((one) => one.streamId === 'ws/1/s7.0')!;
    expect(stream).toMatchObject({
      seedKey: 's7.0',
      api: 'realtime',
      transport: 'websocket',
      end: 'completed',
      tokensSent: 12,
    });
    expect(stamped.map((event) => event.x_streamgauge)).toEqual(
      stream.events.map((event) => ({ n: event.n, t: event.sentNs })),
    );
    const deltas = client.events.filter((event) => event.type === 'response.output_text.delta');
    expect(deltas.map((event) => event.delta).join('')).toBe(stream.transcript);
    const sent = stamped.map((event) => event.x_streamgauge.t as number);
    expect(sent).toEqual([...sent].sort((a, b) => a - b));
    expect(sent.at(-1)).toBeLessThanOrEqual(received);
    // The first token is due 20 ms after admission; wide bounds, because the machine may be busy.
    const first = stream.events.find((event) => event.tokens > 0)!;
    expect((first.dueNs - stream.admittedNs!) / 1e6).toBeCloseTo(20, 3);
    expect((first.sentNs - stream.admittedNs!) / 1e6).toBeGreaterThan(19);
    client.close();
  });

  it('gives a stream name the same answer in every session', async () => {
    const texts: string[] = [];
    for (const stream of ['sse/1/s3.0', 'ws/9/s3.0', 'ws/9/s4.0']) {
      const client = await connect(realtimeUrl(mock));
      client.tell(textOnly);
      client.tell({ type: 'response.create', x_streamgauge: { stream } });
      texts.push((await client.next('response.output_text.done')).text);
      expect(client.events.some((event) => event.x_streamgauge)).toBe(false);
      client.close();
    }
    expect(texts[0]).toBe(texts[1]);
    expect(texts[2]).not.toBe(texts[0]);
  });

  it('says what was produced after the client had left', async () => {
    const slow = await startMock({ ttft: '10ms', itl: '10ms', tokens: 500, stop_delay: '150ms' });
    const client = await connect(realtimeUrl(slow));
    client.tell(textOnly);
    client.tell({ type: 'response.create' });
    await client.next('response.output_text.delta');
    client.ws.terminate();
    await expect.poll(() => slow.log()[0]?.end).toBe('client_left');
    const [stream] = slow.log();
    expect(stream!.tokensAfterLeft).toBeGreaterThan(3);
    expect(stream!.tokensAfterLeft).toBeLessThan(450);
    await slow.close();
  });
});
