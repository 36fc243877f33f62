/** What a server sees of each way to leave, on real sockets; and that a slow reader holds it up. */
import * as net from 'node:net';
import * as tls from 'node:tls';
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { RealScheduler } from '../../../src/timer/real-scheduler.ts';
import { generateCertificate } from '../../../src/wire/certificate.ts';
import { startMock, type MockServer } from '../../../mock-server/index.ts';
import { ParkedConnections } from '../../../src/transport/leaving.ts';
import { until } from '../../helpers/until.ts';
import type { ChannelOptions } from '../../../src/transport/channel-options.ts';
import { openChannel } from '../../../src/transport/registry.ts';
import type {
  Endpoint,
  ExchangeEnd,
  LeaveHow,
  TransportName,
  WireRequest,
} from '../../../src/transport/transport.ts';

const time = new RealScheduler({ pollShare: 0 });
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** What the server saw, in order: `fin`, `rst`, `close CODE`, `broken` (a write that failed). */
interface ServerSide {
  events: string[];
  /** Bytes written so far, and those that wait. */
  written: number;
  waiting: number;
}

/** Streams an event each 5 ms until told to stop, and says how the client leaves. */
async function streamingServer(
  secure: boolean,
  bytes = 200,
): Promise<{ port: number; ca: string | undefined; seen: ServerSide }> {
  const seen: ServerSide = { events: [], written: 0, waiting: 0 };
  const serve = (socket: net.Socket): void => {
    let tick: NodeJS.Timeout | undefined;
    let upgraded = false;
    socket.on('error', (error: NodeJS.ErrnoException) => {
      seen.events.push(error.code === 'ECONNRESET' ? 'rst' : 'broken');
    });
    socket.on('end', () => seen.events.push('fin'));
    socket.on('close', () => clearInterval(tick));
    socket.on('data', (data) => {
      if (upgraded) {
        const isClose = (data[0]! & 15) === 8;
        const mask = data.subarray(2, 6);
        const code = ((data[6]! ^ mask[0]!) << 8) | (data[7]! ^ mask[1]!);
        if (isClose) seen.events.push(`close ${code}`);
        return;
      }
      const key = /sec-websocket-key: (\S+)/i.exec(data.toString('latin1'))?.[1];
      if (key) {
        upgraded = true;
        const accept = createHash('sha1')
          .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
          .digest('base64');
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
        );
      } else {
        socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n');
      }
      const text = 'x'.repeat(bytes);
      const head = bytes < 126 ? [0x81, bytes] : [0x81, 126, bytes >> 8, bytes & 255];
      const frame = key
        ? Buffer.concat([Buffer.from(head), Buffer.from(text)])
        : Buffer.from(`data: ${text}\n\n`);
      tick = setInterval(() => {
        if (socket.destroyed) return;
        socket.write(frame);
        seen.written += frame.length;
        seen.waiting = socket.writableLength;
      }, 5);
    });
  };
  const pair = secure
    ? await generateCertificate({ commonName: 'test', nowMs: Date.now() })
    : undefined;
  const options = { allowHalfOpen: true };
  const server = pair
    ? tls.createServer({ ...options, cert: pair.cert, key: pair.key }, serve)
    : net.createServer(options, serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return { port: (server.address() as net.AddressInfo).port, ca: pair?.cert, seen };
}

function endpointTo(port: number, ca: string | undefined, version: '1.1' | '2' = '1.1'): Endpoint {
  return {
    baseUrl: new URL(`${ca === undefined ? 'http' : 'https'}://127.0.0.1:${port}/v1`),
    headers: {},
    tls: { rejectUnauthorized: false, ...(ca === undefined ? {} : { ca }) },
    httpVersion: version,
    timeouts: { connectMs: 5000 },
    groundTruth: false,
  };
}

const request: WireRequest = {
  streamId: 's',
  method: 'POST',
  path: '/chat/completions',
  body: { model: 'm', stream: true, messages: [{ role: 'user', content: 'Hi' }] },
  messages: [{ body: { type: 'response.create' } }],
};

/** Leaves when so many frames have come; resolves with the end. */
function leaveAfter(
  transport: TransportName,
  endpoint: Endpoint,
  how: LeaveHow,
  options: Omit<ChannelOptions, 'via' | 'time'> & { frames?: number; code?: number } = {},
): Promise<ExchangeEnd> {
  const { frames = 10, code, ...rest } = options;
  const channel = openChannel(transport, endpoint, { time, ...rest });
  closers.push(() => channel.close('rst'));
  return new Promise((resolve) => {
    let seen = 0;
    const exchange = channel.start(request, {
      onConnected: () => {},
      onWritten: () => {},
      onHead: () => {},
      onFrame: () => {
        if (++seen === frames) exchange.cancel(how, code);
      },
      onEnd: resolve,
    });
  });
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));

describe.each([
  { name: 'sse', transport: 'sse', secure: false },
  { name: 'sse over TLS', transport: 'sse', secure: true },
  { name: 'websocket', transport: 'websocket', secure: false },
  { name: 'websocket over TLS', transport: 'websocket', secure: true },
] as const)('$name', ({ transport, secure }) => {
  it('fin, rst and half_close are what the server sees', async () => {
    for (const [how, first] of [
      ['fin', 'fin'],
      ['rst', 'rst'],
      ['half_close', 'fin'],
    ] as const) {
      const { port, ca, seen } = await streamingServer(secure);
      const parked = new ParkedConnections();
      closers.push(() => parked.closeAll());
      const end = await leaveAfter(transport, endpointTo(port, ca), how, { parked });
      expect(end.kind).toBe('cancelled');
      // A client that has gone breaks the server's next writes; a half-closed one reads on.
      const expected = how === 'fin' ? 2 : 1;
      await until(() => seen.events.length >= expected, {
        what: `${expected} events at a server that is left by ${how}`,
        seen: () => seen.events,
      });
      expect(seen.events[0], how).toBe(first);
      if (how === 'half_close') {
        await settled();
        expect(seen.events).toEqual(['fin']);
      }
      expect(parked.size, how).toBe(how === 'half_close' ? 1 : 0);
    }
  });

  it('black_hole tells the server nothing, and ends with its arm', async () => {
    const { port, ca, seen } = await streamingServer(secure);
    const parked = new ParkedConnections();
    await leaveAfter(transport, endpointTo(port, ca), 'black_hole', { parked });
    await settled();
    expect(seen.events).toEqual([]);
    expect(parked.size).toBe(1);
    parked.closeAll();
    await expect.poll(() => seen.events.length).toBeGreaterThan(0);
  });
});

it('ws_close sends its code', async () => {
  const { port, seen } = await streamingServer(false);
  await leaveAfter('websocket', endpointTo(port, undefined), 'ws_close', { code: 4001 });
  await expect.poll(() => seen.events[0]).toBe('close 4001');
});

describe('HTTP/2', () => {
  let mock: MockServer;
  const start = async (): Promise<Endpoint> => {
    mock = await startMock({ tls: true, ttft: '5ms', itl: '10ms', tokens: 2000 });
    closers.push(() => mock.close());
    const { port } = new URL(mock.secureBaseUrl!);
    return endpointTo(Number(port), mock.certificate, '2');
  };
  it.each(['h2_reset', 'fin', 'rst'] as const)('%s ends the stream', async (how) => {
    const endpoint = await start();
    const end = await leaveAfter('sse', endpoint, how);
    expect(end.kind).toBe('cancelled');
    // A machine that stands still for seconds must not let the answer end before it is left.
    await expect.poll(() => mock.stops()[0]?.end).toBe('client_left');
    expect(mock.stops()[0]!.tokensProduced).toBeLessThan(1500);
  });
  it('black_hole keeps it', async () => {
    const endpoint = await start();
    const parked = new ParkedConnections();
    await leaveAfter('sse', endpoint, 'black_hole', { parked });
    await settled();
    expect(mock.stops()[0]!.end).toBeNull();
    parked.closeAll();
    await expect.poll(() => mock.stops()[0]?.end).toBe('client_left');
  });
});

describe('a slow reader', () => {
  it.each(['sse', 'websocket'] as const)('reads %s at its rate', async (transport) => {
    const { port } = await streamingServer(false, 2000);
    const startedAt = performance.now();
    // 400 kB/s are sent; 30 frames of 2 kB at 100 kB/s take 0.6 s, unpaced 0.15 s.
    await leaveAfter(transport, endpointTo(port, undefined), 'rst', {
      reader: { kind: 'rate', bytesPerSecond: 100_000 },
      frames: 30,
    });
    expect(performance.now() - startedAt).toBeGreaterThan(450);
  });

  it('pauses', async () => {
    const { port } = await streamingServer(false);
    const startedAt = performance.now();
    await leaveAfter('sse', endpointTo(port, undefined), 'rst', {
      reader: { kind: 'pause', everyMs: 50, lengthMs: 500 },
      // 20 frames take 100 ms; the 20th comes after the first pause.
      frames: 20,
    });
    expect(performance.now() - startedAt).toBeGreaterThan(450);
  });

  it('holds up the server once the kernel is full', async () => {
    const { port, seen } = await streamingServer(false, 1_000_000);
    const channel = openChannel('sse', endpointTo(port, undefined), {
      time,
      reader: { kind: 'rate', bytesPerSecond: 50_000 },
    });
    closers.push(() => channel.close('rst'));
    channel.start(request, {
      onConnected: () => {},
      onWritten: () => {},
      onHead: () => {},
      onFrame: () => {},
      onEnd: () => {},
    });
    // 200 MB/s into buffers of 4 MB to a few hundred, by the machine's settings.
    await expect.poll(() => seen.waiting).toBeGreaterThan(4_000_000);
  });
});
