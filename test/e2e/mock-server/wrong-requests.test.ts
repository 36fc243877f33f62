import * as net from 'node:net';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { MockServer } from '../../../mock-server/index.ts';
import { mockForTest } from './harness.ts';

const errorBody = z.strictObject({
  error: z.strictObject({
    message: z.string().min(1),
    type: z.string().min(1),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
});

/** Sends bytes as they are and returns everything that comes back until the connection ends. */
function raw(mock: MockServer, bytes: string, endAfterMs = 2000): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(mock.port, '127.0.0.1', () => socket.write(bytes));
    let heard = '';
    const timer = setTimeout(() => socket.destroy(), endAfterMs);
    socket.on('data', (data) => (heard += data.toString('utf8')));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(heard);
    });
  });
}

function post(mock: MockServer, path: string, body: string): Promise<Response> {
  return fetch(`${mock.baseUrl}${path}`, { method: 'POST', body });
}

async function alive(mock: MockServer): Promise<void> {
  const response = await fetch(`${mock.baseUrl}/models`);
  expect(response.status).toBe(200);
}

describe('wrong requests', () => {
  it('get the error shape of the API and name what is wrong', async () => {
    const mock = await mockForTest();
    const chat = '/chat/completions';
    const user = [{ role: 'user', content: 'x' }];
    const cases: [path: string, body: unknown, param: string | null][] = [
      [chat, '{not json', null],
      [chat, '[]', null],
      [chat, '', null],
      [chat, {}, 'model'],
      [chat, { model: 5, messages: user }, 'model'],
      [chat, { model: 'm' }, 'messages'],
      [chat, { model: 'm', messages: [] }, 'messages'],
      [chat, { model: 'm', messages: 'hi' }, 'messages'],
      [chat, { model: 'm', messages: [null] }, 'messages[0]'],
      [chat, { model: 'm', messages: [{ content: 'x' }] }, 'messages[0].role'],
      [chat, { model: 'm', messages: [{ role: 'king', content: 'x' }] }, 'messages[0].role'],
      [chat, { model: 'm', messages: [{ role: 'user' }] }, 'messages[0].content'],
      [chat, { model: 'm', messages: user, n: 0 }, 'n'],
      [chat, { model: 'm', messages: user, n: 1.5 }, 'n'],
      [chat, { model: 'm', messages: user, temperature: 3 }, 'temperature'],
      [chat, { model: 'm', messages: user, stream: 'yes' }, 'stream'],
      [chat, { model: 'm', messages: user, stream_options: {} }, 'stream_options'],
      [chat, { model: 'm', messages: user, max_tokens: 0 }, 'max_tokens'],
      [chat, { model: 'm', messages: user, tools: [{}] }, 'type'],
      [chat, { model: 'm', messages: user, tool_choice: 'required' }, 'tool_choice'],
      ['/responses', {}, 'model'],
      ['/responses', { model: 'm' }, 'input'],
      ['/responses', { model: 'm', input: 7 }, 'input'],
      ['/responses', { model: 'm', input: [{ type: 'function_call_output' }] }, 'input[0].call_id'],
      ['/responses', { model: 'm', input: 'x', stream_id: 'a' }, 'stream_id'],
      ['/responses', { model: 'm', input: 'x', background: true, store: false }, 'background'],
      ['/responses', { model: 'm', input: 'x', max_output_tokens: -1 }, 'max_output_tokens'],
    ];
    for (const [path, body, param] of cases) {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const response = await post(mock, path, text);
      expect(response.status, text).toBe(400);
      expect(response.headers.get('x-request-id')).toMatch(/^req_/);
      const { error } = errorBody.parse(await response.json());
      expect(error.param, text).toBe(param);
      expect(error.type).toBe('invalid_request_error');
    }
    expect(mock.stats().refused).toEqual({ 400: cases.length });
    await alive(mock);
  });

  it('get 404 and 405 for paths and methods that do not exist', async () => {
    const mock = await mockForTest();
    const missing = await post(mock, '/nothing', '{}');
    expect(missing.status).toBe(404);
    expect(errorBody.parse(await missing.json()).error.code).toBe('unknown_url');
    const method = await fetch(`${mock.baseUrl}/chat/completions`);
    expect(method.status).toBe(405);
    expect(errorBody.parse(await method.json()).error.code).toBe('method_not_supported');
  });

  it('get 413 past the body limit, announced or not', async () => {
    const mock = await mockForTest({ limits: { body: '1kB' } });
    const announced = await post(mock, '/chat/completions', 'x'.repeat(2000));
    expect(announced.status).toBe(413);
    errorBody.parse(await announced.json());
    const chunk = `400\r\n${'x'.repeat(1024)}\r\n`;
    const heard = await raw(
      mock,
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${chunk}${chunk}`,
    );
    expect(heard).toMatch(/^HTTP\/1\.1 413 /);
    await alive(mock);
  });

  it('survive as bytes that are not HTTP', async () => {
    const mock = await mockForTest();
    const wrong = [
      'complete nonsense\r\n\r\n',
      '\u0016\u0003\u0001\u0002\u0000\u0001\u0000',
      'GET /v1/models HTTP/9.9\r\n\r\n',
      'POST /v1/responses HTTP/1.1\r\nhost: x\r\ncontent-length: abc\r\n\r\n',
    ];
    for (const bytes of wrong) {
      const heard = await raw(mock, bytes);
      expect(heard).toMatch(/^HTTP\/1\.1 400 /);
      errorBody.parse(JSON.parse(heard.slice(heard.indexOf('\r\n\r\n') + 4)));
    }
    // A client that leaves in the middle of its request.
    await raw(
      mock,
      'POST /v1/responses HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"mod',
      30,
    );
    await alive(mock);
  });

  it('survive as upgrades that lead nowhere', async () => {
    const mock = await mockForTest();
    const upgrade = (path: string, more = ''): Promise<string> =>
      raw(
        mock,
        `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n${more}\r\n`,
        300,
      );
    expect(await upgrade('/v1/nothing')).toMatch(/^HTTP\/1\.1 404 /);
    expect(await upgrade('/v1/responses')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await upgrade('//[', 'sec-websocket-version: 13\r\n')).toMatch(
      /^HTTP\/1\.1 (400|404|500) /,
    );
    await alive(mock);
  });

  it('drops connections past the limit and takes new ones when some have gone', async () => {
    const mock = await mockForTest({ limits: { connections: 2 } });
    const open = [net.connect(mock.port), net.connect(mock.port)];
    await Promise.all(open.map((socket) => new Promise((done) => socket.once('connect', done))));
    expect(await raw(mock, 'GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n')).toBe('');
    for (const socket of open) socket.destroy();
    await expect
      .poll(() => raw(mock, 'GET /v1/models HTTP/1.0\r\n\r\n'))
      .toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('unusual but right requests', () => {
  const body = JSON.stringify({
    model: 'm',
    stream: true,
    messages: [{ role: 'user', content: 'x' }],
  });
  const request = (version: string, more = ''): string =>
    `POST /v1/chat/completions HTTP/${version}\r\nhost: x\r\ncontent-length: ${body.length}\r\n${more}\r\n${body}`;

  it('are answered in order when pipelined, and on a connection that is kept', async () => {
    const mock = await mockForTest({ tokens: 3 });
    const heard = await raw(
      mock,
      request('1.1') + request('1.1') + request('1.1', 'connection: close\r\n'),
    );
    expect(heard.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
    expect(heard.match(/data: \[DONE\]/g)).toHaveLength(3);
    expect(heard.match(/\r\n0\r\n\r\n/g)).toHaveLength(3);
    expect(mock.stats().endings).toEqual({ completed: 3 });
  });

  it('are answered without chunks over HTTP/1.0', async () => {
    const mock = await mockForTest({ tokens: 3 });
    const heard = await raw(mock, request('1.0'));
    const [head, ...blocks] = heard.split(/\r\n\r\n|\n\n/);
    expect(head).not.toMatch(/transfer-encoding/i);
    expect(blocks.filter((block) => block.startsWith('data: '))).toHaveLength(6);
  });
});
