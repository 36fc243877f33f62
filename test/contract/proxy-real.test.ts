/**
 * Every real proxy that is installed: starts, passes a stream and a WebSocket, and leaves nothing
 * behind. A line names each that is missing and how to get it.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import * as http from 'node:http';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { StreamgaugeError } from '../../src/errors.ts';
import { findProgram } from '../../src/proxy/real/find-program.ts';
import { installed, whyMissing, type RealKindName } from '../../src/proxy/real/registry.ts';
import { startRealProxy } from '../../src/proxy/real/start.ts';

let target: { host: string; port: number };
let server: http.Server;

beforeAll(async () => {
  server = http.createServer((request, response) => {
    let length = 0;
    request.on('data', (part: Buffer) => (length += part.length));
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let i = 0; i < 50; i++) response.write(`data: ${i} ${request.url}\n\n`);
      response.end(`data: ${length}\n\n`);
    });
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.on('message', (data) => socket.send(data));
    // A proxy that ends may leave half a frame.
    socket.on('error', () => socket.terminate());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  target = { host: '127.0.0.1', port: (server.address() as net.AddressInfo).port };
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const kinds: RealKindName[] = ['nginx', 'haproxy', 'apache', 'caddy', 'varnish'];
/** Temporary files of these tests only: others may run at the same time as them. */
const temporary = mkdtempSync(join(tmpdir(), 'streamgauge-test-'));
const before = process.env['TMPDIR'];
process.env['TMPDIR'] = temporary;
afterAll(() => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  rmSync(temporary, { recursive: true, force: true });
});

async function refused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket.destroy() && false));
    socket.once('error', () => resolve(true));
  });
}

describe.each(kinds)('%s', (kind) => {
  const missing = whyMissing(kind);
  if (missing) {
    it.skip(`skipped: ${missing}`, () => {});
    return;
  }

  it(
    'passes a stream and a WebSocket, then leaves nothing behind',
    { timeout: 60_000 },
    async () => {
      const proxy = await startRealProxy({ kind, target });
      try {
        const answer = await fetch(`http://127.0.0.1:${proxy.port}/v1/x?y=1`, {
          method: 'POST',
          body: 'z'.repeat(100_000),
        });
        const expected = Array.from({ length: 50 }, (_, i) => `data: ${i} /v1/x?y=1\n\n`).join('');
        expect(await answer.text()).toBe(`${expected}data: 100000\n\n`);

        const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}/v1/realtime`);
        const echoed = await new Promise<string>((resolve, reject) => {
          socket.on('open', () => socket.send('hello'));
          socket.on('message', (data: Buffer) => resolve(data.toString()));
          socket.on('error', reject);
        });
        expect(echoed).toBe('hello');
        socket.terminate();
      } finally {
        await proxy.close();
      }
      expect(await refused(proxy.port)).toBe(true);
      expect(readdirSync(temporary)).toEqual([]);
    },
  );

  it('says what the program said where it does not start', { timeout: 60_000 }, async () => {
    const started = startRealProxy({ kind, target, config: '{{port}} no configuration {' });
    await expect(started).rejects.toMatchObject({ code: 'proxy-start-failed' });
    const error = (await started.catch((thrown: unknown) => thrown)) as StreamgaugeError;
    expect(error.hints.join('\n')).toMatch(/\w{4}/);
    expect(readdirSync(temporary)).toEqual([]);
  });
});

it('takes a given configuration with its placeholders', async (context) => {
  if (whyMissing('haproxy')) return context.skip(whyMissing('haproxy'));
  const config = `defaults
  mode http
  timeout connect 1s
  timeout client 9s
  timeout server 9s
listen all
  bind 127.0.0.1:{{port}}
  http-response set-header x-mine {{target_port}}
  server one {{target}}
`;
  const proxy = await startRealProxy({ kind: 'haproxy', target, config });
  const answer = await fetch(`http://127.0.0.1:${proxy.port}/`);
  await answer.text();
  await proxy.close();
  expect(answer.headers.get('x-mine')).toBe(String(target.port));
});

it('refuses a configuration that does not say where to listen', async (context) => {
  if (whyMissing('nginx')) return context.skip(whyMissing('nginx'));
  await expect(
    startRealProxy({ kind: 'nginx', target, config: 'events {}' }),
  ).rejects.toMatchObject({ code: 'proxy-config' });
});

it('refuses settings together with a whole configuration', async () => {
  await expect(
    startRealProxy({ kind: 'nginx', target, config: '{{port}}', settings: ['gzip on;'] }),
  ).rejects.toThrow('write them into config');
});

it.each(kinds)('says how to install %s where it is missing', (kind) => {
  let thrown: unknown;
  try {
    installed(kind, () => undefined);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({
    code: 'proxy-not-installed',
    message: expect.stringContaining('is not installed') as string,
    hints: [expect.stringContaining('apt-get install')],
  });
});

it('finds programs in PATH, and says that there is none', () => {
  expect(findProgram(['no-such-program-anywhere'])).toBeUndefined();
  expect(findProgram(['no-such-program-anywhere', 'sh'], '/bin')).toBe('/bin/sh');
});
