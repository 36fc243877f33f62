/** Resuming as raw clients see it: each protocol's cursor, its refusals, and the moments that are easy to get wrong. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { MockServer } from '../../../mock-server/index.ts';
import { until } from '../../helpers/until.ts';
import { dataOf, mockForTest } from './harness.ts';

const post = (
  mock: MockServer,
  path: string,
  body: object,
  signal?: AbortSignal,
): Promise<Response> =>
  fetch(`${mock.baseUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });

const get = (mock: MockServer, path: string, lastEventId?: string): Promise<Response> =>
  fetch(`${mock.baseUrl}${path}`, {
    headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
  });

const messages = [{ role: 'user', content: 'Tell me' }];

/** Reads a body until it holds a text, and leaves. */
async function readUntil(
  response: Response,
  wanted: RegExp,
  leave?: AbortController,
): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  const reader = response.body!.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (value) text += decoder.decode(value, { stream: true });
    if (done || wanted.test(text)) break;
  }
  leave?.abort();
  return text;
}

/** Numbers of the ids in a body, in order. */
const idsIn = (body: string): number[] =>
  [...body.matchAll(/^id: .*:(\d+)$/gm)].map((match) => Number(match[1]));
const sequencesIn = (body: string): number[] =>
  dataOf(body).map((event) => (event as { sequence_number: number }).sequence_number);
const upTo = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('chat streams with ids', () => {
  const ask = { model: 'm', messages, stream: true };
  const options = { tokens: 20, itl: '4ms', ttft: '5ms', resume: { sse: true } } as const;

  it('begin with an id and no data, number every event, and end where they were left', async () => {
    const mock = await mockForTest(options);
    const leave = new AbortController();
    const first = await readUntil(
      await post(mock, '/chat/completions', ask, leave.signal),
      /:5\n.*\n\n/,
      leave,
    );
    const id = /^id: (chatcmpl-[^:]+):0\ndata: \n\n/.exec(first)?.[1];
    expect(id).toBeDefined();
    const second = await (await get(mock, '/chat/completions', `${id}:5`)).text();
    expect(idsIn(second)[0]).toBe(6);
    expect(second.endsWith('data: [DONE]\n\n')).toBe(true);
    // 20 tokens between the role and the finish, usage was not asked for, [DONE].
    expect(idsIn(second)).toEqual(upTo(6, 23));
    const end = await get(mock, '/chat/completions', `${id}:23`);
    expect([end.status, await end.text()]).toEqual([204, '']);
  });

  it('say their reconnection time where they have one', async () => {
    const mock = await mockForTest({ ...options, resume: { sse: true, retry: '1500ms' } });
    const body = await (await post(mock, '/chat/completions', ask)).text();
    expect(body).toMatch(/^id: chatcmpl-\w+:0\nretry: 1500\ndata: \n\n/);
    const id = /^id: (\S+):0/.exec(body)![1]!;
    expect(await (await get(mock, '/chat/completions', `${id}:3`)).text()).toMatch(
      /^retry: 1500\n\nid: /,
    );
  });

  it('refuse what they cannot find, in words', async () => {
    const mock = await mockForTest({ ...options, itl: '1ms' });
    const id = /^id: (\S+):0/.exec(await (await post(mock, '/chat/completions', ask)).text())![1]!;
    const codeOf = async (response: Response): Promise<unknown[]> => [
      response.status,
      ((await response.json()) as { error: { code: unknown } }).error.code,
    ];
    expect((await get(mock, '/chat/completions')).status).toBe(400);
    expect((await get(mock, '/chat/completions', 'seven')).status).toBe(400);
    expect(await codeOf(await get(mock, '/chat/completions', `${id}:99`))).toEqual([
      400,
      'event_unknown',
    ]);
    expect(await codeOf(await get(mock, '/chat/completions', 'chatcmpl-none:3'))).toEqual([
      404,
      'stream_not_found',
    ]);
    const brief = await mockForTest({
      ...options,
      itl: '1ms',
      resume: { sse: true, keep: '40ms' },
    });
    const old = /^id: (\S+):0/.exec(
      await (await post(brief, '/chat/completions', ask)).text(),
    )![1]!;
    // From when the stream ended at the server, which may be after its last byte has arrived.
    await expect
      .poll(async () => codeOf(await get(brief, '/chat/completions', `${old}:99`)))
      .toEqual([410, 'stream_expired']);
  });

  it('say so where the events are gone that should follow', async () => {
    const mock = await mockForTest({
      ...options,
      itl: '0ms',
      tokens: 100,
      resume: { sse: true, buffer: 10 },
    });
    const id = /^id: (\S+):0/.exec(await (await post(mock, '/chat/completions', ask)).text())![1]!;
    const gone = await get(mock, '/chat/completions', `${id}:3`);
    expect([gone.status, (await gone.text()).includes('events_gone')]).toEqual([410, true]);
    expect(idsIn(await (await get(mock, '/chat/completions', `${id}:95`)).text())).toEqual(
      upTo(96, 103),
    );
  });

  it('have no ids and no GET where no request asked for them', async () => {
    const mock = await mockForTest({ tokens: 3 });
    expect(await (await post(mock, '/chat/completions', ask)).text()).not.toContain('id: ');
    expect((await get(mock, '/chat/completions', 'chatcmpl-x:1')).status).toBe(405);
  });
});

describe('subscribing while a stream starts', () => {
  it.each([0, 2, 5, 10, 20, 35, 50])(
    'loses nothing %d ms after the first event',
    async (delayMs) => {
      const mock = await mockForTest({ tokens: 30, itl: '2ms', ttft: '10ms' });
      const body = { model: 'm', input: 'Job', background: true, stream: true };
      const leave = new AbortController();
      const first = await readUntil(
        await post(mock, '/responses', body, leave.signal),
        /\n\n/,
        leave,
      );
      const id = /"id":"(resp_\w+)"/.exec(first)![1]!;
      await sleep(delayMs);
      const rest = await (await get(mock, `/responses/${id}?stream=true&starting_after=0`)).text();
      const seen = sequencesIn(rest);
      expect(seen).toEqual(upTo(1, seen.length));
      expect(rest).toContain('response.completed');
    },
  );
});

describe('two resumes at once', () => {
  it('both get everything, each from its own place', async () => {
    const mock = await mockForTest({ tokens: 40, itl: '3ms' });
    const body = { model: 'm', input: 'Job', background: true, stream: true };
    const leave = new AbortController();
    const first = await readUntil(
      await post(mock, '/responses', body, leave.signal),
      /\n\n/,
      leave,
    );
    const id = /"id":"(resp_\w+)"/.exec(first)![1]!;
    await sleep(30);
    const bodies = await Promise.all(
      [-1, 0, 4].map(async (after) =>
        (await get(mock, `/responses/${id}?stream=true&starting_after=${after}`)).text(),
      ),
    );
    const last = sequencesIn(bodies[0]!).at(-1)!;
    expect(bodies.map(sequencesIn)).toEqual([upTo(0, last), upTo(1, last), upTo(5, last)]);
  });
});

describe('streams by offset', () => {
  const ask = { model: 'm', messages, stream: true };

  it('send exactly the rest from every place, after the end too', async () => {
    const mock = await mockForTest({ tokens: 6 });
    const whole = await (await post(mock, '/streams', ask)).text();
    const id = /"streamId":"(st_\w+)"/.exec(whole)![1]!;
    for (let offset = 0; offset < whole.length; offset += 7) {
      const rest = await get(mock, `/streams/${id}?offset=${offset}`);
      expect(rest.headers.get('x-stream-id')).toBe(id);
      expect(await rest.text()).toBe(whole.slice(offset));
    }
    expect((await get(mock, `/streams/${id}?offset=${whole.length}`)).status).toBe(204);
    expect((await get(mock, `/streams/${id}?offset=${whole.length + 50}`)).status).toBe(416);
    expect((await get(mock, `/streams/${id}?offset=x`)).status).toBe(400);
    expect((await get(mock, '/streams/st_none?offset=0')).status).toBe(404);
  });

  it('mean another place in the other unit, as soon as the text is not ASCII', async () => {
    const mock = await mockForTest({
      tokens: 12,
      text: 'unicode',
      resume: { offset_unit: 'bytes' },
    });
    const whole = await (await post(mock, '/streams', ask)).text();
    expect(whole).toContain('"offsetUnit":"bytes"');
    const id = /"streamId":"(st_\w+)"/.exec(whole)![1]!;
    const read = whole.slice(0, whole.lastIndexOf('data: {"type":"text-delta"'));
    const rest = async (offset: number): Promise<string> =>
      (await get(mock, `/streams/${id}?offset=${offset}`)).text();
    expect(await rest(Buffer.byteLength(read))).toBe(whole.slice(read.length));
    // A client that counts UTF-16 units falls short, and gets the end of what it has again.
    const wrong = await rest(read.length);
    expect(wrong).not.toBe(whole.slice(read.length));
    expect(wrong.length).toBeGreaterThan(whole.length - read.length);
  });

  it('send what was missed in one piece, then what comes', async () => {
    // Far from over when the rest is asked for, on a machine that stands still for seconds too.
    const mock = await mockForTest({ tokens: 4000, itl: '5ms' });
    const leave = new AbortController();
    const first = await readUntil(await post(mock, '/streams', ask, leave.signal), /\n\n/, leave);
    const id = /"streamId":"(st_\w+)"/.exec(first)![1]!;
    await until(() => mock.log()[0]!.events.length > 12, {
      what: 'a dozen events since',
      seen: () => mock.log()[0]!.events.length,
    });
    const response = await get(mock, `/streams/${id}?offset=0`);
    const reader = response.body!.getReader();
    const { value } = await reader.read();
    const backlog = new TextDecoder().decode(value);
    expect(dataOf(backlog).length).toBeGreaterThan(5);
    expect(backlog.startsWith(first)).toBe(true);
    expect(backlog).not.toContain('[DONE]');
    await reader.cancel();
  });
});

describe('the chat over WebSocket', () => {
  interface Message {
    type: string;
    seq?: number;
    [key: string]: unknown;
  }

  async function connect(
    mock: MockServer,
  ): Promise<{ ws: WebSocket; seen: Message[]; first: (type: string) => Promise<Message> }> {
    const ws = new WebSocket(`${mock.baseUrl.replace('http', 'ws')}/stream-chat`);
    const seen: Message[] = [];
    ws.on('message', (data: Buffer) => seen.push(JSON.parse(data.toString()) as Message));
    await new Promise((resolve) => ws.once('open', resolve));
    const first = (type: string): Promise<Message> =>
      until(() => seen.find((message) => message.type === type), {
        what: `a message of type ${type}`,
        seen: () => seen.map((message) => message.type),
      });
    return { ws, seen, first };
  }
  const send = (ws: WebSocket, message: object): void => ws.send(JSON.stringify(message));
  const numbers = (seen: readonly Message[]): number[] =>
    seen.filter(({ seq }) => seq !== undefined).map(({ seq }) => seq!);

  it('continues by number on another connection', async () => {
    const mock = await mockForTest({ tokens: 200, itl: '5ms' });
    const one = await connect(mock);
    send(one.ws, { type: 'ask', model: 'm', messages });
    const { stream } = await one.first('started');
    await one.first('delta');
    one.ws.terminate();
    const after = numbers(one.seen).at(-1)!;
    const two = await connect(mock);
    send(two.ws, { type: 'resume', stream, after });
    const done = await two.first('done');
    expect(two.seen[0]).toEqual({ type: 'resumed', stream, after });
    expect(numbers(two.seen)).toEqual(upTo(after + 1, done.seq!));
    expect(done).toMatchObject({ status: 'completed', usage: { output_tokens: 200 } });
    // Nothing is left after the last event, and it says so.
    send(two.ws, { type: 'resume', stream, after: done.seq });
    expect(await two.first('ended')).toEqual({ type: 'ended', stream, after: done.seq });
    two.ws.terminate();
  });

  it('says when its buffer no longer reaches back, answers pings, and cancels', async () => {
    const mock = await mockForTest({
      tokens: 100,
      itl: '0ms',
      resume: { buffer: 10, ping: '20ms' },
    });
    const { ws, seen, first } = await connect(mock);
    send(ws, { type: 'ask', model: 'm', messages });
    const done = await first('done');
    send(ws, { type: 'resume', stream: (await first('started'))['stream'], after: 3 });
    const overflow = await first('overflow');
    expect(Number(overflow['oldest'])).toBeGreaterThan(4);
    expect(numbers(seen)).toEqual(upTo(0, done.seq!));
    await first('ping');
    send(ws, { type: 'ping' });
    await first('pong');
    send(ws, { type: 'resume', stream: 'st_none', after: 0 });
    expect(await first('error')).toMatchObject({ code: 'stream_not_found' });
    ws.terminate();
    const slow = await mockForTest({ tokens: 100, itl: '50ms' });
    const other = await connect(slow);
    send(other.ws, { type: 'ask', model: 'm', messages });
    send(other.ws, { type: 'cancel', stream: (await other.first('started'))['stream'] });
    expect(await other.first('done')).toMatchObject({ status: 'cancelled' });
    other.ws.terminate();
  });
});
