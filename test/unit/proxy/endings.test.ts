/** Time limits, breakage and refusals: what a client sees of them, on virtual time. */
import { describe, expect, it } from 'vitest';
import type { UpstreamHead } from '../../../src/proxy/buffer-model.ts';
import { makeBufferModel, type ProxySettings } from '../../../src/proxy/registry.ts';
import { ResponsePath } from '../../../src/proxy/response-path.ts';
import { VirtualScheduler } from '../../../src/timer/virtual-scheduler.ts';
import { streamThrough } from '../../helpers/virtual-stream.ts';

const stalled = { tokens: 60, stall: { afterTokens: 30, ms: 3000 } };

describe('a stall of 3 s behind a limit of 2 s', () => {
  it('costs the tail that nginx holds, and ends without the final chunk', async () => {
    const seen = await streamThrough({ kind: 'nginx', read_timeout: '2s' }, stalled);
    expect({ end: seen.end, received: seen.received }).toEqual({ end: 'cut', received: 19 });
    expect(seen.endMs).toBe(29 * 20 + 2000);
  });

  it.each<[string, ProxySettings]>([
    ['nginx, HTTP/1.1', { kind: 'nginx', http_version: '1.1', read_timeout: '2s' }],
    ['nginx, buffering off', { kind: 'nginx', buffering: 'off', read_timeout: '2s' }],
    ['HAProxy', { kind: 'haproxy', server_timeout: '2s' }],
  ])('costs nothing that %s has read', async (_, settings) => {
    const seen = await streamThrough(settings, stalled);
    expect({ end: seen.end, received: seen.received }).toEqual({ end: 'cut', received: 30 });
  });

  it('is no matter where the limit is longer', async () => {
    const seen = await streamThrough({ kind: 'nginx' }, stalled);
    expect({ end: seen.end, received: seen.received }).toEqual({ end: 'end', received: 60 });
  });
});

interface Client {
  head: number | undefined;
  text: string;
  end: string | number | undefined;
}

function pathThrough(settings: ProxySettings): {
  path: ResponsePath;
  client: Client;
  scheduler: VirtualScheduler;
} {
  const scheduler = new VirtualScheduler();
  const client: Client = { head: undefined, text: '', end: undefined };
  const path = new ResponsePath(
    makeBufferModel(settings),
    { method: 'GET', number: 0, acceptsGzip: false },
    {
      head: (head) => void (client.head = head.status),
      write: (bytes) => void (client.text += Buffer.from(bytes).toString()),
      end: () => void (client.end = 'end'),
      cut: () => void (client.end = 'cut'),
      gatewayError: (status) => void (client.end = status),
    },
    scheduler,
  );
  return { path, client, scheduler };
}

const head = (framing: UpstreamHead['framing']): UpstreamHead => ({
  status: 200,
  statusText: 'OK',
  headers: [['Content-Type', 'text/event-stream']],
  bytes: 100,
  framing,
});

it('answers 504 when the target says nothing at all', () => {
  const { path, client, scheduler } = pathThrough({ kind: 'nginx', read_timeout: '2s' });
  path.requestSent();
  scheduler.advanceMs(1999);
  expect(client.end).toBeUndefined();
  scheduler.advanceMs(2);
  expect(client).toEqual({ head: undefined, text: '', end: 504 });
});

it('sends the head that nginx held back, before it cuts', () => {
  const { path, client, scheduler } = pathThrough({ kind: 'nginx', read_timeout: '2s' });
  path.requestSent();
  path.upstreamHead(head('close'));
  scheduler.advanceMs(1000);
  expect(client.head).toBeUndefined();
  scheduler.advanceMs(1001);
  expect(client).toEqual({ head: 200, text: '', end: 'cut' });
});

it('counts silence from the last read, not from the first', () => {
  const { path, client, scheduler } = pathThrough({ kind: 'nginx', read_timeout: '2s' });
  path.requestSent();
  path.upstreamHead(head('close'));
  for (let i = 0; i < 5; i++) {
    scheduler.advanceMs(1500);
    path.upstreamRead(Buffer.from(': ping\n\n'));
  }
  expect(client.end).toBeUndefined();
  scheduler.advanceMs(2001);
  expect(client.end).toBe('cut');
});

it.each<[ProxySettings, UpstreamHead['framing'], 'fin' | 'reset', Client]>([
  [{ kind: 'nginx' }, 'close', 'fin', { head: 200, text: 'abc', end: 'end' }],
  // Asked in HTTP/1.0 the target would have sent no chunks, and nginx could not have told.
  [{ kind: 'nginx' }, 'chunked', 'fin', { head: 200, text: 'abc', end: 'end' }],
  [
    { kind: 'nginx', http_version: '1.1' },
    'chunked',
    'fin',
    { head: 200, text: 'abc', end: 'cut' },
  ],
  [{ kind: 'nginx' }, 'close', 'reset', { head: 200, text: 'abc', end: 'cut' }],
  [{ kind: 'haproxy' }, 'chunked', 'fin', { head: 200, text: 'abc', end: 'cut' }],
  [{ kind: 'size', bytes: '1KiB' }, 'chunked', 'reset', { head: 200, text: 'abc', end: 'cut' }],
  [{ kind: 'store-and-forward' }, 'chunked', 'fin', { head: undefined, text: '', end: 502 }],
  [{ kind: 'store-and-forward' }, 'close', 'fin', { head: 200, text: 'abc', end: 'end' }],
])('%j, %s body, upstream ends by %s in the middle', (settings, framing, how, expected) => {
  const { path, client } = pathThrough(settings);
  path.requestSent();
  path.upstreamHead(head(framing));
  path.upstreamRead(Buffer.from(framing === 'chunked' ? '5\r\nabc' : 'abc'));
  path.upstreamBroken(how, 'test');
  expect(client).toEqual(expected);
});

it('turns an answer longer than store-and-forward may hold into a 502', () => {
  const { path, client } = pathThrough({ kind: 'store-and-forward', limit: '10B' });
  path.upstreamHead(head('close'));
  path.upstreamRead(Buffer.alloc(11));
  path.upstreamEnd();
  expect(client).toEqual({ head: undefined, text: '', end: 502 });
});

it('turns a body that is not in chunks, though it says so, into a 502', () => {
  const { path, client } = pathThrough({ kind: 'nginx', http_version: '1.1' });
  path.upstreamHead(head('chunked'));
  path.upstreamRead(Buffer.from('hello'));
  expect(client.end).toBe(502);
});

it('says nothing more once the client has left', () => {
  const { path, client, scheduler } = pathThrough({ kind: 'interval', period: '100ms' });
  path.upstreamHead(head('close'));
  path.upstreamRead(Buffer.from('abc'));
  path.close();
  scheduler.advanceMs(1000);
  path.upstreamEnd();
  expect(client).toEqual({ head: undefined, text: '', end: undefined });
});
