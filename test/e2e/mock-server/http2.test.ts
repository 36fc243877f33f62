/** The mock's TLS port speaks HTTP/2 to clients that ask for it, with the same answers and limits. */
import * as http2 from 'node:http2';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MockOptions, MockServer } from '../../../mock-server/index.ts';
import { dataOf, mockForTest } from './harness.ts';

async function connect(
  options: MockOptions = {},
): Promise<{ mock: MockServer; client: http2.ClientHttp2Session }> {
  const mock = await mockForTest({ tls: true, ...options });
  const client = http2.connect(new URL(mock.secureBaseUrl!).origin, { ca: mock.certificate! });
  onTestFinished(() => client.destroy());
  await new Promise<void>((resolve) => client.once('remoteSettings', () => resolve()));
  return { mock, client };
}

interface Answer {
  status: number | undefined;
  headers: http2.IncomingHttpHeaders;
  body: string;
}

function ask(client: http2.ClientHttp2Session, path: string, body?: string): Promise<Answer> {
  return new Promise((resolve) => {
    const stream = client.request({
      ':method': body === undefined ? 'GET' : 'POST',
      ':path': path,
      'content-type': 'application/json',
    });
    const answer: Answer = { status: undefined, headers: {}, body: '' };
    stream.setEncoding('utf8');
    stream.on('response', (headers) =>
      Object.assign(answer, { headers, status: headers[':status'] }),
    );
    stream.on('data', (text: string) => (answer.body += text));
    stream.on('error', () => undefined);
    stream.on('close', () => resolve(answer));
    stream.end(body);
  });
}

const chat = (extra: object = {}): string =>
  JSON.stringify({
    model: 'm',
    stream: true,
    messages: [{ role: 'user', content: 'x' }],
    ...extra,
  });

describe('the mock over HTTP/2', () => {
  it('streams a completion, many at once on one connection', async () => {
    const { mock, client } = await connect();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ask(client, '/v1/chat/completions', chat())),
    );
    for (const { status, headers, body } of answers) {
      expect(status).toBe(200);
      expect(headers['content-type']).toMatch(/^text\/event-stream/);
      // Fields of HTTP/1.1 connections have no place here (RFC 9113, section 8.2.2).
      expect(headers['connection']).toBeUndefined();
      expect(headers['transfer-encoding']).toBeUndefined();
      expect(dataOf(body).at(-1)).toBe('[DONE]');
    }
    expect(mock.stats().endings).toMatchObject({ completed: 20 });
  });

  it('answers wrong requests in the shape of the API', async () => {
    const { client } = await connect();
    const wrong = await ask(client, '/v1/chat/completions', '{bad');
    expect(wrong.status).toBe(400);
    expect(wrong.headers['x-request-id']).toMatch(/^req_/);
    expect(JSON.parse(wrong.body)).toMatchObject({ error: { type: 'invalid_request_error' } });
    const unknown = await ask(client, '/v1/nowhere');
    expect(unknown.status).toBe(404);
    expect(JSON.parse(unknown.body)).toMatchObject({ error: { code: 'unknown_url' } });
  });

  it('holds its limits on body size and on streams of one connection', async () => {
    const { mock, client } = await connect({ limits: { body: '1KiB', connections: 7 } });
    expect(client.remoteSettings.maxConcurrentStreams).toBe(7);
    await ask(client, '/v1/chat/completions', chat({ user: 'x'.repeat(4096) }));
    expect(mock.stats().refused).toEqual({ '413': 1 });
    const after = await ask(client, '/v1/chat/completions', chat());
    expect(after.status).toBe(200);
  });

  it('notices that one stream was left, and continues with the others', async () => {
    const { mock, client } = await connect({ profile: 'fast', itl: '20ms', tokens: 50 });
    const other = ask(client, '/v1/chat/completions', chat({ max_tokens: 20 }));
    const left = client.request({ ':method': 'POST', ':path': '/v1/chat/completions' });
    left.on('error', () => undefined);
    left.end(chat());
    await new Promise((resolve) => left.once('data', resolve));
    left.close(http2.constants.NGHTTP2_CANCEL);
    expect(dataOf((await other).body).at(-1)).toBe('[DONE]');
    expect(mock.stats().endings).toEqual({ completed: 1, client_left: 1 });
    const truth = mock.log().find((stream) => stream.end === 'client_left');
    expect(truth!.clientLeftNs).toBeGreaterThan(truth!.receivedNs);
  });
});
