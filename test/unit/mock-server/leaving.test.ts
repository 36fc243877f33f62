import * as http from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startMock, type MockOptions, type MockServer } from '../../../mock-server/index.ts';
import { resolveMockOptions } from '../../../mock-server/settings/resolve-options.ts';
import { BackPressure } from '../../../mock-server/truth/back-pressure.ts';
import { mostInKernel } from '../../helpers/kernel-buffers.ts';
import { until } from '../../helpers/until.ts';

/** Two seconds: not over when its client leaves, on a busy machine too, and all of it can be waited for. */
const tokens = 400;
/** Ten more, where it is not waited for. */
const manyTokens = 2400;
const timing = { ttft: '10ms', itl: '5ms', tokens } as const;
const path: Record<string, string> = {
  chat: '/v1/chat/completions',
  responses: '/v1/responses',
};
let mock: MockServer | undefined;
afterEach(() => mock?.close());

async function start(options: MockOptions): Promise<MockServer> {
  return (mock = await startMock({ ...timing, ...options }));
}

/** Asks, and destroys the socket once so many bytes have come (0: once the answer is being produced). */
function askAndLeave(
  server: MockServer,
  api: string,
  stream: boolean,
  bytes: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = http.request({
      port: server.port,
      method: 'POST',
      path: path[api],
      agent: false,
      headers: { 'content-type': 'application/json', 'x-streamgauge-stream': 's' },
    });
    const leave = (): void => {
      request.destroy();
      resolve();
    };
    let seen = 0;
    request.on('error', () => {});
    request.on('response', (response) => {
      response.on('error', () => {});
      response.on('data', (data: Buffer) => {
        seen += data.length;
        if (bytes > 0 && seen >= bytes) leave();
      });
    });
    if (bytes === 0) {
      const what = 'a stream at the server';
      until(() => server.stats().streamsOpen > 0, { what }).then(leave, reject);
    }
    const content = { messages: [{ role: 'user', content: 'Hi' }], input: 'Hi' };
    request.end(JSON.stringify({ model: 'm', stream, ...content }));
  });
}

async function stopOf(server: MockServer): Promise<ReturnType<MockServer['stops']>[number]> {
  await expect.poll(() => server.stops()[0]?.stoppedNs ?? null).not.toBeNull();
  return server.stops()[0]!;
}

describe.each([
  { api: 'chat', stream: true, bytes: 3000 },
  { api: 'responses', stream: true, bytes: 3000 },
  { api: 'chat', stream: false, bytes: 0 },
  { api: 'responses', stream: false, bytes: 0 },
])('a client that leaves $api (stream: $stream)', ({ api, stream, bytes }) => {
  it('stops the answer of a careful server', async () => {
    const server = await start({ tokens: manyTokens });
    await askAndLeave(server, api, stream, bytes);
    const stop = await stopOf(server);
    expect(stop).toMatchObject({ streamId: 's', end: 'client_left' });
    expect(stop.tokensProduced).toBeLessThan(manyTokens);
    expect(stop.stoppedNs).toBeGreaterThanOrEqual(stop.clientLeftNs!);
  });

  it('does not stop a careless one, which produces every token', async () => {
    const server = await start({ on_leave: 'keep_generating' });
    await askAndLeave(server, api, stream, bytes);
    const stop = await stopOf(server);
    expect(stop).toMatchObject({ end: 'client_left', tokensProduced: tokens });
    expect(stop.tokensSent).toBeLessThan(tokens);
    expect(stop.stoppedNs!).toBeGreaterThan(stop.clientLeftNs!);
  });
});

it.each(['responses', 'realtime'])('%s over WebSocket obeys on_leave too', async (api) => {
  for (const [onLeave, produced] of [
    ['stop', expect.any(Number)],
    ['keep_generating', tokens],
  ] as const) {
    const server = await start({ on_leave: onLeave });
    const ws = new WebSocket(
      `ws://127.0.0.1:${server.port}/v1/${api}${api === 'realtime' ? '?model=m' : ''}`,
    );
    await new Promise((resolve) => ws.once('open', resolve));
    const named = { x_streamgauge: { stream: 's' } };
    if (api === 'realtime') {
      const session = { type: 'realtime', output_modalities: ['text'] };
      ws.send(JSON.stringify({ type: 'session.update', session }));
      ws.send(JSON.stringify({ type: 'response.create', ...named }));
    } else {
      ws.send(JSON.stringify({ type: 'response.create', model: 'm', input: 'Hi', ...named }));
    }
    let deltas = 0;
    await new Promise<void>((resolve) => {
      ws.on('message', (data: Buffer) => {
        if (data.includes('.delta"') && ++deltas === 10) resolve();
      });
    });
    ws.terminate();
    const stop = await stopOf(server);
    expect(stop).toMatchObject({ end: 'client_left', tokensProduced: produced });
    if (onLeave === 'stop') expect(stop.tokensProduced).toBeLessThan(tokens);
    await server.close();
  }
});

it('answers GET /stops with the same', async () => {
  const server = await start({});
  await askAndLeave(server, 'chat', true, 3000);
  const stop = await stopOf(server);
  const get = async (query: string): Promise<unknown> =>
    (await fetch(`http://127.0.0.1:${server.port}/stops${query}`)).json();
  expect(await get('')).toEqual([stop]);
  expect(await get('?since=1')).toEqual([]);
});

it('refuses stop_delay for a server that never stops', () => {
  expect(() => resolveMockOptions({ on_leave: 'keep_generating', stop_delay: '1s' })).toThrow(
    /mock\.stop_delay: has no meaning/,
  );
});

describe('back-pressure', () => {
  it('counts the time in which bytes waited, and the most that did', () => {
    const pressure = new BackPressure();
    const write = (before: number, after: number, atNs: number): void => {
      pressure.beforeWrite(before, atNs);
      pressure.afterWrite(after, atNs);
    };
    write(0, 0, 1);
    write(0, 500, 10);
    write(500, 900, 20);
    write(100, 300, 30);
    write(0, 0, 40);
    write(0, 50, 100);
    pressure.end(110);
    expect(pressure.mostUnreadBytes).toBe(900);
    expect(pressure.blockedNs).toBe(40);
  });

  it('is recorded of a client that does not read', async () => {
    // More than the kernel can hold, by a half.
    const bytes = Math.ceil((1.5 * mostInKernel()) / 400 / 1000);
    const server = await start({ itl: '1ms', tokens: 400, token_bytes: `${bytes}KB` });
    const request = http.request({
      port: server.port,
      method: 'POST',
      path: path['chat'],
      agent: false,
    });
    request.on('error', () => {});
    request.on('response', (response) => {
      response.on('error', () => {});
      response.pause();
    });
    const messages = [{ role: 'user', content: 'Hi' }];
    request.end(JSON.stringify({ model: 'm', stream: true, messages }));
    await expect.poll(() => server.stops()[0]?.mostUnreadBytes ?? 0).toBeGreaterThan(1e6);
    request.destroy();
    const stop = await stopOf(server);
    expect(stop.blockedMs).toBeGreaterThan(1);
  });
});
