/** Addresses and answers that real targets have and a plain `http://127.0.0.1:port/v1` does not show. */
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as zlib from 'node:zlib';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { startMock } from '../../../mock-server/index.ts';
import type { ArmPlan } from '../../../src/scenario/plan.ts';
import { armPlan, endpointFor, runSession } from '../../helpers/arm.ts';
import {
  chatDelta,
  chatFinish,
  chunk,
  jsonResponse,
  scriptedServer,
  sseHead,
  type ScriptedServer,
} from '../../helpers/scripted-server.ts';

let server: ScriptedServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

const whole = `${sseHead}${chunk(chatDelta('a'))}${chunk(chatFinish())}${chunk('data: [DONE]\n\n')}0\r\n\r\n`;
const timeouts = { connectMs: 3000, idleMs: 3000, totalMs: 10_000 };

const ways: Record<string, Partial<ArmPlan>> = {
  SSE: {},
  'plain HTTP': { transport: 'http' },
  'Responses over WebSocket': { dialect: 'openai-responses', transport: 'websocket' },
  Realtime: { dialect: 'openai-realtime', transport: 'websocket' },
  'SSE via SDK': { via: 'sdk' },
  'Responses over WebSocket via SDK': {
    dialect: 'openai-responses',
    transport: 'websocket',
    via: 'sdk',
  },
  'Realtime via SDK': { dialect: 'openai-realtime', transport: 'websocket', via: 'sdk' },
};

describe.each(Object.entries(ways))('the base URL, %s', (name, way) => {
  it.each([
    ['with a slash at its end', '/v1/', /^\/v1\/[a-z]/],
    ['with a query', '/v1?api-version=2026-01-01', /^\/v1\/[a-z/]+\?(.*&)?api-version=2026-01-01/],
  ])('%s', async (_how, path, expected) => {
    // Refuses everything: only the address that was asked for matters.
    const asked: string[] = [];
    const target = http.createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(401, { connection: 'close' }).end();
    });
    target.on('upgrade', (request, socket) => {
      asked.push(request.url ?? '');
      socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    });
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void target.close());
    const arm = armPlan({ ...way, timeouts });
    const { port } = target.address() as AddressInfo;
    const { turns } = await runSession(arm, endpointFor(arm, `http://127.0.0.1:${port}${path}`));
    expect(turns[0]!.outcome).toBe('http_error');
    expect(asked).toHaveLength(1);
    // The package's Realtime client builds its own query and knows of no other.
    const drops = name === 'Realtime via SDK' && path.includes('?');
    expect(asked[0]).toMatch(drops ? /^\/v1\/realtime\?model=gpt-test$/ : expected);
  });

  it('with an IPv6 address', async (context) => {
    const mock = await startMock({ profile: 'instant', host: '::1' }).catch(() => undefined);
    if (!mock) return context.skip('this machine has no IPv6');
    onTestFinished(() => mock.close());
    const arm = armPlan({ ...way, timeouts });
    const { turns } = await runSession(arm, endpointFor(arm, `http://[::1]:${mock.port}/v1`));
    expect(turns[0]).toMatchObject({ outcome: 'completed', detail: '' });
  });

  it('with https: where no server speaks TLS', async () => {
    const mock = await startMock({ profile: 'instant' });
    onTestFinished(() => mock.close());
    const arm = armPlan({ ...way, timeouts });
    const url = mock.baseUrl.replace('http:', 'https:');
    const { turns } = await runSession(arm, endpointFor(arm, url));
    expect(turns[0]!.outcome).toBe('connect_failed');
    expect(turns[0]!.detail).toMatch(/TLS: wrong version number: .*http: instead of https:/);
    // OpenSSL puts a thread's address into its text, so that no two processes would agree.
    expect(turns[0]!.detail).not.toMatch(/:error:/);
  });

  it('with a certificate that no authority signed', async () => {
    const mock = await startMock({ profile: 'instant', tls: true });
    onTestFinished(() => mock.close());
    const arm = armPlan({ ...way, timeouts });
    const { turns } = await runSession(arm, endpointFor(arm, mock.secureBaseUrl!));
    expect(turns[0]!.outcome).toBe('connect_failed');
    expect(turns[0]!.detail).toMatch(/self-signed certificate/);
  });
});

/** A response whose body is compressed although identity was asked for. */
function encoded(type: string, encoding: string, body: Buffer, framed = true): Buffer {
  const length = framed ? `Content-Length: ${body.length}\r\n` : '';
  const head = `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Encoding: ${encoding}\r\n${length}\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

const answer = JSON.stringify({
  id: 'c',
  object: 'chat.completion',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'hi' },
      finish_reason: 'stop',
      logprobs: null,
    },
  ],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});

describe('a compressed body', () => {
  it.each([
    ['gzip', zlib.gzipSync(answer)],
    ['deflate', zlib.deflateSync(answer)],
    ['br', zlib.brotliCompressSync(answer)],
  ])('that is an answer of plain HTTP is decoded: %s', async (encoding, body) => {
    server = await scriptedServer(() => [{ send: encoded('application/json', encoding, body) }]);
    const arm = armPlan({ transport: 'http', timeouts });
    const { turns } = await runSession(arm, endpointFor(arm, server.baseUrl));
    expect(turns[0]).toMatchObject({ outcome: 'completed', detail: '' });
    expect(turns[0]!.usage?.outputTokens).toBe(1);
  });

  it.each([
    ['of a stream', 'text/event-stream', 'gzip', zlib.gzipSync(chatDelta('a')), true],
    ['that is not what it says', 'application/json', 'gzip', Buffer.from(answer), true],
    [
      'that is not what it says, ended by the close',
      'application/json',
      'br',
      Buffer.from(answer),
      false,
    ],
    ['in an unknown encoding', 'application/json', 'snappy', Buffer.from(answer), true],
    [
      'that unpacks to more than 16 MiB',
      'application/json',
      'gzip',
      zlib.gzipSync(Buffer.alloc(17 << 20)),
      true,
    ],
  ])('%s is malformed and named', async (_name, type, encoding, body, framed) => {
    for (const transport of ['sse', 'http'] as const) {
      if (transport === 'http' && type === 'text/event-stream') continue;
      server = await scriptedServer(() => [
        { send: encoded(type, encoding, body, framed) },
        ...(framed ? [] : [{ fin: true } as const]),
      ]);
      const arm = armPlan({ transport, timeouts });
      const { turns } = await runSession(arm, endpointFor(arm, server.baseUrl));
      expect(turns[0]!.outcome).toBe('malformed');
      expect(turns[0]!.detail).toMatch(new RegExp(`content-encoding ${encoding}`));
      await server.close();
    }
  });
});

describe('more than was asked for', () => {
  it('a second response is not taken for the next answer', async () => {
    const second = jsonResponse('500 Oops', { error: { message: 'not yours' } });
    server = await scriptedServer((request) => [{ send: request === 0 ? whole + second : whole }]);
    const step = armPlan().session.steps[0]!;
    const arm = armPlan({ session: { ...armPlan().session, steps: [step, step] }, timeouts });
    const { turns } = await runSession(arm, endpointFor(arm, server.baseUrl));
    expect(turns.map((turn) => turn.outcome)).toEqual(['completed', 'completed']);
    expect(server.connections).toBe(2);
  });

  it('interim responses before the answer are passed over', async () => {
    const interim =
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n';
    server = await scriptedServer(() => [{ send: interim }, { waitMs: 30 }, { send: whole }]);
    const arm = armPlan({ timeouts });
    const { turns } = await runSession(arm, endpointFor(arm, server.baseUrl));
    expect(turns[0]).toMatchObject({ outcome: 'completed', status: 200 });
  });

  it('events after [DONE] count for nothing', async () => {
    const late = chunk('data: [DONE]\n\n' + chatDelta('late') + 'data: nonsense\n\n');
    server = await scriptedServer(() => [
      { send: `${sseHead}${chunk(chatDelta('a'))}${chunk(chatFinish())}${late}0\r\n\r\n` },
    ]);
    const arm = armPlan({ timeouts });
    const { turns } = await runSession(arm, endpointFor(arm, server.baseUrl));
    expect(turns[0]).toMatchObject({ outcome: 'completed', tokenEvents: 1 });
  });

  it('an event of 8 MiB is read whole', async () => {
    const large = chunk(chatDelta('x'.repeat(8 << 20)));
    server = await scriptedServer(() => [
      { send: `${sseHead}${large}${chunk(chatFinish())}${chunk('data: [DONE]\n\n')}0\r\n\r\n` },
    ]);
    const arm = armPlan({ timeouts });
    const { turns } = await runSession(arm, endpointFor(arm, server.baseUrl));
    expect(turns[0]).toMatchObject({ outcome: 'completed', tokenEvents: 1 });
    expect(turns[0]!.bytes).toBeGreaterThan(8 << 20);
  });
});
