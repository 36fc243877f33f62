/**
 * What every simulated proxy must guarantee on real sockets (docs/proxy-buffering.md). A new kind is
 * one line in the table.
 */
import * as http from 'node:http';
import * as net from 'node:net';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { proxyKinds, type ProxySettings } from '../../src/proxy/registry.ts';
import { startBufferingProxy, type BufferingProxy } from '../../src/proxy/server.ts';

const table: ProxySettings[] = [
  { kind: 'nginx' },
  { kind: 'nginx', http_version: '1.1' },
  { kind: 'nginx', http_version: '1.1', rtt: '20ms' },
  { kind: 'nginx', buffering: 'off' },
  { kind: 'nginx', gzip: 'on' },
  { kind: 'nginx', gzip: 'on', buffering: 'off' },
  { kind: 'haproxy' },
  { kind: 'haproxy', rtt: '20ms' },
  { kind: 'haproxy', no_delay: 'on' },
  { kind: 'gzip-hold' },
  { kind: 'store-and-forward' },
  { kind: 'size', bytes: '1KiB' },
  { kind: 'interval', period: '30ms' },
  { kind: 'count', events: 3 },
  { kind: 'header-hold' },
  { kind: 'one-token-lag' },
];

it('covers every kind', () => {
  expect([...new Set(table.map(({ kind }) => kind))].sort()).toEqual(proxyKinds.toSorted());
});

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function origin(handler: http.RequestListener): Promise<number> {
  const server = http.createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as net.AddressInfo).port;
}

async function proxyTo(port: number, settings: ProxySettings): Promise<BufferingProxy> {
  const proxy = await startBufferingProxy({ ...settings, target: { host: '127.0.0.1', port } });
  cleanups.push(() => proxy.close());
  return proxy;
}

interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  trailers: NodeJS.Dict<string>;
  body: Buffer;
  complete: boolean;
}

function ask(
  port: number,
  options: http.RequestOptions = {},
  body?: string | Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: '127.0.0.1', port, agent: false, ...options },
      (answer) => {
        const parts: Buffer[] = [];
        const done = (): void =>
          resolve({
            status: answer.statusCode!,
            headers: answer.headers,
            trailers: answer.trailers,
            body: Buffer.concat(parts),
            complete: answer.complete,
          });
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', done);
        answer.on('error', done);
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

async function until(what: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !what(); i++) await pause(10);
  expect(what()).toBe(true);
}

describe.each(table)('%j', (settings) => {
  it('passes every byte, in order, and the end', async () => {
    const bodies = fc.sample(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 6000 }), { maxLength: 12 }),
      { numRuns: 12, seed: 5 },
    );
    const port = await origin((request, response) => {
      const parts = bodies[Number(request.url!.slice(1))]!;
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-own': 'kept' });
      void (async () => {
        for (const [i, part] of parts.entries()) {
          response.write(part);
          if (i % 3 === 0) await pause(2);
        }
        response.end();
      })();
    });
    const proxy = await proxyTo(port, settings);
    const answers = await Promise.all(
      bodies.map((_, i) =>
        ask(proxy.port, {
          path: `/${i}`,
          headers: { 'accept-encoding': i % 2 === 0 ? 'gzip' : 'identity' },
        }),
      ),
    );
    for (const [i, answer] of answers.entries()) {
      expect(answer.complete).toBe(true);
      expect(answer.status).toBe(200);
      expect(answer.headers['x-own']).toBe('kept');
      const encoded = answer.headers['content-encoding'] === 'gzip';
      const body = encoded ? gunzipSync(answer.body) : answer.body;
      expect(body.equals(Buffer.concat(bodies[i]!))).toBe(true);
    }
    expect(proxy.stats()).toMatchObject({ requests: 12, active: 0, cut: 0, gatewayErrors: 0 });
  });

  it('passes request bodies, methods, paths and headers', async () => {
    const port = await origin((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        response.setHeader('content-type', 'application/json');
        response.end(
          JSON.stringify({
            method: request.method,
            url: request.url,
            authorization: request.headers.authorization,
            length: Buffer.concat(parts).length,
            text: Buffer.concat(parts).toString('latin1', 0, 20),
          }),
        );
      });
    });
    const proxy = await proxyTo(port, settings);
    const headers = { authorization: 'Bearer x', 'content-type': 'application/json' };
    const big = Buffer.alloc(300_000, 'abcdefghij');
    for (const options of [
      { method: 'POST', path: '/v1/a?b=c', headers: { ...headers, 'content-length': big.length } },
      {
        method: 'POST',
        path: '/v1/a?b=c',
        headers: { ...headers, 'transfer-encoding': 'chunked' },
      },
    ]) {
      const answer = await ask(proxy.port, options, big);
      expect(JSON.parse(answer.body.toString())).toEqual({
        method: 'POST',
        url: '/v1/a?b=c',
        authorization: 'Bearer x',
        length: big.length,
        text: 'abcdefghijabcdefghij',
      });
    }
    const plain = await ask(proxy.port, { method: 'DELETE', path: '/v1/x' });
    expect(JSON.parse(plain.body.toString())).toMatchObject({ method: 'DELETE', length: 0 });
  });

  it('answers without a body keep their head', async () => {
    const port = await origin((request, response) => {
      if (request.url === '/204') response.writeHead(204, { 'x-own': '1' });
      else response.writeHead(200, { 'content-length': 5000, 'x-own': '1' });
      response.end();
    });
    const proxy = await proxyTo(port, settings);
    const headers = { 'accept-encoding': 'gzip' };
    const head = await ask(proxy.port, { method: 'HEAD', headers });
    expect(head).toMatchObject({ status: 200, complete: true });
    expect(head.headers).toMatchObject({ 'content-length': '5000', 'x-own': '1' });
    const empty = await ask(proxy.port, { path: '/204', headers });
    expect(empty).toMatchObject({ status: 204, complete: true });
    expect(empty.headers['x-own']).toBe('1');
  });

  it('serves several requests on one connection', async () => {
    const port = await origin((request, response) => {
      response.setHeader('content-type', 'text/event-stream');
      response.write('data: 1\n\n');
      response.end(`data: ${request.url}\n\n`);
    });
    const proxy = await proxyTo(port, settings);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    cleanups.push(() => agent.destroy());
    for (const path of ['/a', '/b', '/c']) {
      const answer = await ask(proxy.port, { agent, path });
      expect(answer.body.toString()).toBe(`data: 1\n\ndata: ${path}\n\n`);
    }
    expect(Object.values(agent.freeSockets).flat()).toHaveLength(1);
  });

  it('passes statuses and error bodies', async () => {
    const port = await origin((_, response) => {
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '2' });
      response.end('{"error":{}}');
    });
    const proxy = await proxyTo(port, settings);
    const answer = await ask(proxy.port);
    expect(answer).toMatchObject({ status: 429, complete: true });
    expect(answer.headers['retry-after']).toBe('2');
    expect(answer.body.toString()).toBe('{"error":{}}');
  });

  it('passes trailers', async () => {
    const port = await origin((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', trailer: 'x-sum' });
      response.write('data: 1\n\n');
      response.addTrailers({ 'x-sum': '7' });
      response.end();
    });
    const proxy = await proxyTo(port, settings);
    const answer = await ask(proxy.port);
    expect(answer.body.toString()).toBe('data: 1\n\n');
    // One that knows the whole length sends no chunks, and then there is no place for trailers.
    const expected = settings.kind === 'store-and-forward' ? {} : { 'x-sum': '7' };
    expect(answer.trailers).toEqual(expected);
  });

  it('ends its request to the target when the client leaves', async () => {
    let left = false;
    const port = await origin((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const timer = setInterval(() => response.write(`data: ${'x'.repeat(500)}\n\n`), 5);
      response.on('close', () => {
        clearInterval(timer);
        left = true;
      });
    });
    const proxy = await proxyTo(port, settings);
    const client = net.connect(proxy.port, '127.0.0.1');
    client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => proxy.stats().reads > 3);
    expect(left).toBe(false);
    client.destroy();
    await until(() => left);
    expect(proxy.stats()).toMatchObject({ clientsGone: 1, active: 0, cut: 0 });
  });

  it('answers 502 where the target cannot be reached, or talks nonsense', async () => {
    const port = await origin(() => {});
    await cleanups.pop()!();
    const proxy = await proxyTo(port, settings);
    expect((await ask(proxy.port)).status).toBe(502);

    const nonsense = net.createServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n'));
    await new Promise<void>((resolve) => nonsense.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => nonsense.close());
    const other = await proxyTo((nonsense.address() as net.AddressInfo).port, settings);
    expect((await ask(other.port)).status).toBe(502);
    expect(other.stats().gatewayErrors).toBe(1);
  });

  it('shows a client that the target broke off', async () => {
    const port = await origin((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${'x'.repeat(5000)}\n\n`, () =>
        setTimeout(() => response.socket!.resetAndDestroy(), 20),
      );
    });
    const proxy = await proxyTo(port, settings);
    const answer = await ask(proxy.port);
    if (settings.kind === 'store-and-forward') expect(answer.status).toBe(502);
    else expect(answer).toMatchObject({ status: 200, complete: false });
  });

  it('answers a client of HTTP/1.0 without chunks', async () => {
    const port = await origin((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
      response.end('data: 2\n\n');
    });
    const proxy = await proxyTo(port, settings);
    const client = net.connect(proxy.port, '127.0.0.1');
    client.write('GET / HTTP/1.0\r\n\r\n');
    let text = '';
    for await (const part of client) text += String(part);
    const [head, body] = text.split('\r\n\r\n');
    expect(head).not.toMatch(/chunked/i);
    expect(body).toBe('data: 1\n\ndata: 2\n\n');
  });

  it('passes WebSocket both ways', async () => {
    const port = await origin(() => {});
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    cleanups.push(() => sockets.close());
    await new Promise((resolve) => sockets.once('listening', resolve));
    sockets.on('connection', (socket, request) => {
      socket.send(`hello ${request.url}`);
      socket.on('message', (data) => socket.send(data, { binary: true }));
    });
    const proxy = await proxyTo((sockets.address() as net.AddressInfo).port, settings);
    const client = new WebSocket(`ws://127.0.0.1:${proxy.port}/v1/realtime?model=m`);
    const got: string[] = [];
    client.on('message', (data: Buffer) => {
      got.push(data.toString('latin1'));
      if (got.length === 1) client.send('back');
      else client.close(4001, 'bye');
    });
    const code = await new Promise((resolve) => client.once('close', resolve));
    expect(got).toEqual(['hello /v1/realtime?model=m', 'back']);
    expect(code).toBe(4001);
    expect(proxy.stats().upgrades).toBe(1);
    expect(port).toBeGreaterThan(0);
  });

  it('presses back on the target while the client does not read', async () => {
    if (settings.kind === 'store-and-forward') return;
    const total = 64_000_000;
    let written = 0;
    const port = await origin((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const block = Buffer.alloc(64_000, 'y');
      const more = (): void => {
        while (written < total) {
          written += block.length;
          if (!response.write(block)) {
            response.once('drain', more);
            return;
          }
        }
        response.end();
      };
      more();
    });
    const proxy = await proxyTo(port, settings);
    const client = net.connect(proxy.port, '127.0.0.1');
    client.pause();
    client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    let before = -1;
    await until(() => {
      const still = written === before && written > 0;
      before = written;
      return still;
    });
    await pause(100);
    expect(written).toBeLessThan(total);
    client.destroy();
  });
});
