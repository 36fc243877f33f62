/** The relay on real sockets: raw clients and servers, so that every FIN and RST can be seen. */
import { randomBytes } from 'node:crypto';
import * as net from 'node:net';
import * as tls from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { generateCertificate } from '../../../../src/wire/certificate.ts';
import { makeFaults, parseFaults } from '../../../../src/fault/registry.ts';
import {
  startRelay,
  type RelayOptions,
  type RunningRelay,
} from '../../../../src/fault/relay/relay.ts';
import { mostInKernel } from '../../../helpers/kernel-buffers.ts';
import * as helper from '../../../helpers/until.ts';

const closers: (() => unknown)[] = [];
/** Both ends of every connection of the test. */
const sides: Side[] = [];

afterEach(async () => {
  sides.length = 0;
  for (const close of closers.splice(0).reverse()) await close();
});

const make = (...faults: unknown[]) =>
  makeFaults(parseFaults(faults), { readText: () => '', baseDirectory: '/' });

/** What one side of a connection saw. */
class Side {
  readonly socket: net.Socket;
  readonly chunks: Buffer[] = [];
  fin = false;
  error: string | undefined;
  closed = false;

  constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on('data', (bytes) => this.chunks.push(bytes));
    socket.on('end', () => (this.fin = true));
    socket.on('error', (error: NodeJS.ErrnoException) => (this.error = error.code));
    socket.on('close', () => (this.closed = true));
    closers.push(() => socket.destroy());
    sides.push(this);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get text(): string {
    return this.bytes.toString();
  }
}

/** Waits until something holds; else says what, and what each end of a connection saw. */
async function until(condition: () => unknown): Promise<void> {
  await helper.until(() => Boolean(condition()), {
    what: String(condition),
    seen: () =>
      sides.map(({ text, fin, error, closed }) => ({
        text: text.slice(0, 40),
        bytes: text.length,
        fin,
        error,
        closed,
      })),
  });
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function startTarget(onConnection?: (side: Side) => void) {
  const sides: Side[] = [];
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const side = new Side(socket);
    sides.push(side);
    onConnection?.(side);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return { port: (server.address() as net.AddressInfo).port, sides };
}

/**
 * libuv reports an end instead of a reset when it finds the last bytes and the RST in one wake-up. The
 * gap that relays leave between them is too short for a test process that gets no turn for so long.
 */
const waits = { resetGapMs: 250, lingerMs: 500 };

async function relayTo(port: number, options: Partial<RelayOptions> = {}): Promise<RunningRelay> {
  const relay = await startRelay({
    target: { host: '127.0.0.1', port },
    faults: [],
    seed: 'test',
    waits,
    ...options,
  });
  closers.push(() => relay.close());
  return relay;
}

async function connect(port: number): Promise<Side> {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  const side = new Side(socket);
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return side;
}

/** A client and the target's end of its connection, through a relay with these faults. */
async function pair(...faults: unknown[]) {
  const target = await startTarget();
  const relay = await relayTo(target.port, { faults: make(...faults) });
  const client = await connect(relay.port);
  await until(() => target.sides.length === 1);
  return { relay, client, server: target.sides[0]!, target };
}

describe('without faults', () => {
  it('passes bytes both ways and counts them', async () => {
    const { relay, client, server } = await pair();
    const up = randomBytes(300_000);
    const down = randomBytes(500_000);
    client.socket.end(up);
    server.socket.end(down);
    await until(() => client.closed && server.closed);
    expect(server.bytes.equals(up)).toBe(true);
    expect(client.bytes.equals(down)).toBe(true);
    await until(() => relay.stats().connections.open === 0);
    expect(relay.stats()).toMatchObject({
      connections: { total: 1, open: 0, upstreamFailed: 0 },
      bytes: {
        client_to_target: { read: 300_000, delivered: 300_000 },
        target_to_client: { read: 500_000, delivered: 500_000 },
      },
    });
  });

  it('passes a FIN on, and the other way stays open: client first', async () => {
    const { client, server } = await pair();
    client.socket.end('ask');
    await until(() => server.fin);
    expect(server.text).toBe('ask');
    server.socket.write('still ');
    await until(() => client.text === 'still ');
    server.socket.end('here');
    await until(() => client.closed && client.text === 'still here');
    expect([client.error, server.error]).toEqual([undefined, undefined]);
  });

  it('passes a FIN on, and the other way stays open: target first', async () => {
    const { client, server } = await pair();
    server.socket.end('bye');
    await until(() => client.fin);
    client.socket.end('late words');
    await until(() => server.closed);
    expect(server.text).toBe('late words');
  });

  it('passes a reset on from either side', async () => {
    const one = await pair();
    one.client.socket.write('x');
    await until(() => one.server.text === 'x');
    one.client.socket.resetAndDestroy();
    await until(() => one.server.error === 'ECONNRESET');
    const two = await pair();
    two.server.socket.resetAndDestroy();
    await until(() => two.client.error === 'ECONNRESET');
    await until(() => one.relay.stats().connections.open === 0);
    await until(() => two.relay.stats().connections.open === 0);
  });

  it('resets the client where the target cannot be reached, and counts it', async () => {
    const target = await startTarget();
    const gone = await relayTo(1);
    expect(target.port).not.toBe(1);
    const client = await connect(gone.port);
    await until(() => client.error === 'ECONNRESET');
    await until(() => gone.stats().connections.open === 0);
    expect(gone.stats().connections).toMatchObject({ total: 1, open: 0, upstreamFailed: 1 });
  });

  it('serves many connections at the same time, each with its bytes', async () => {
    const target = await startTarget((side) => side.socket.pipe(side.socket));
    const relay = await relayTo(target.port, { faults: make({ delay: '5ms' }) });
    await Promise.all(
      Array.from({ length: 100 }, async () => {
        const bytes = randomBytes(4000);
        const client = await connect(relay.port);
        client.socket.end(bytes);
        await until(() => client.closed);
        expect(client.bytes.equals(bytes)).toBe(true);
      }),
    );
    expect(relay.stats().connections.total).toBe(100);
  });

  it('says which port is in use', async () => {
    const target = await startTarget();
    await expect(
      relayTo(1, { listen: { host: '127.0.0.1', port: target.port } }),
    ).rejects.toMatchObject({ code: 'port-in-use', exit: 'usage' });
  });
});

describe('order and back-pressure', () => {
  it('delivers a reset behind the bytes sent before it', async () => {
    const { relay, client, server } = await pair({ delay: '60ms' });
    const started = performance.now();
    server.socket.write('last words');
    // What the target's end has not sent yet, its reset would throw away.
    await until(() => relay.stats().bytes.target_to_client.read > 0);
    server.socket.resetAndDestroy();
    await until(() => client.text === 'last words');
    expect(performance.now() - started).toBeGreaterThan(55);
    expect(client.error).toBeUndefined();
    await until(() => client.error === 'ECONNRESET');
    expect(client.text).toBe('last words');
  });

  it('stops the sender when the reader is slow, and loses nothing', async () => {
    const target = await startTarget();
    const relay = await relayTo(target.port, {
      windowBytes: 256 * 1024,
      faults: make({ delay: '2ms' }),
    });
    const client = await connect(relay.port);
    client.socket.pause();
    await until(() => target.sides.length === 1);
    const { socket } = target.sides[0]!;
    const block = randomBytes(1024 * 1024);
    // More than the kernel can hold on both connections.
    let blocks = Math.ceil((2 * mostInKernel() + 32e6) / block.length);
    let written = 0;
    let waits = false;
    const more = (): void => {
      waits = false;
      while (written < blocks) {
        written += 1;
        if (socket.write(block)) continue;
        waits = true;
        socket.once('drain', more);
        return;
      }
      socket.end();
    };
    more();
    // It settles when every buffer on the way is full.
    const down = () => relay.stats().bytes.target_to_client;
    let before = -1;
    let still = 0;
    await until(() => {
      still = waits && down().read === before ? still + 1 : 0;
      before = down().read;
      // What the relay holds itself: its window, and what one turn of reading adds.
      expect(down().read - down().delivered).toBeLessThan(1024 * 1024);
      return still === 20 || written === blocks;
    });
    expect(written).toBeLessThan(blocks);
    blocks = written + 5;
    client.socket.resume();
    await until(() => client.fin);
    expect(client.bytes.length).toBe(blocks * block.length);
    expect(client.bytes.subarray(-block.length).equals(block)).toBe(true);
  });

  it('holds no more than the queue of a slow line', async () => {
    const target = await startTarget();
    const relay = await relayTo(target.port, {
      windowBytes: 64 * 1024,
      faults: make({ bandwidth: { down: '8Mbps', queue: '100kB' } }),
    });
    const client = await connect(relay.port);
    await until(() => target.sides.length === 1);
    target.sides[0]!.socket.end(randomBytes(20_000_000));
    await until(() => client.bytes.length > 100_000);
    const { read, delivered } = relay.stats().bytes.target_to_client;
    expect(read - delivered).toBeLessThan(400_000);
  });

  it('charges the handshake’s round trip to the client’s first bytes only', async () => {
    const target = await startTarget();
    const relay = await relayTo(target.port, { faults: make({ delay: { rtt: '60ms' } }) });
    const started = performance.now();
    const client = await connect(relay.port);
    client.socket.write('a');
    await until(() => target.sides[0]?.text === 'a');
    expect(performance.now() - started).toBeGreaterThan(85);
    // The quickest of several: 30 ms, where each would take 90 if each were charged.
    const times: number[] = [];
    for (let i = 2; i < 10; i++) {
      const again = performance.now();
      client.socket.write('b');
      await until(() => target.sides[0]!.bytes.length === i);
      times.push(performance.now() - again);
    }
    expect(Math.min(...times)).toBeLessThan(80);
  });
});

describe('endings', () => {
  const after = { bytes: '10B' };
  const answer = '0123456789ABCDEF';

  it('fin: the client gets so many bytes and FIN, the target FIN', async () => {
    const { relay, client, server } = await pair({ disconnect: { how: 'fin', after } });
    server.socket.write(answer);
    await until(() => client.fin && server.fin);
    expect([client.text, client.error, server.error]).toEqual(['0123456789', undefined, undefined]);
    client.socket.end();
    server.socket.end();
    await until(() => relay.stats().connections.open === 0);
    expect(relay.stats().endings.fin).toBe(1);
    expect(relay.stats().fired).toEqual([1]);
  });

  it('fin: a target that keeps sending is reset after a while, as by a closed socket', async () => {
    const { relay, client, server } = await pair({ disconnect: { how: 'fin', after } });
    server.socket.write(answer);
    await until(() => client.fin && server.fin);
    const timer = setInterval(() => server.socket.write('more'), 50);
    closers.push(() => clearInterval(timer));
    await until(() => server.error !== undefined);
    expect(client.text).toBe('0123456789');
    await until(() => relay.stats().connections.open === 0);
  });

  it('rst: the client gets so many bytes and RST, the target RST', async () => {
    const { relay, client, server } = await pair({ disconnect: { how: 'rst', after } });
    server.socket.write(answer);
    await until(() => client.error && server.error);
    expect([client.text, client.error, server.error]).toEqual([
      '0123456789',
      'ECONNRESET',
      'ECONNRESET',
    ]);
    expect([client.fin, server.fin]).toEqual([false, false]);
    await until(() => relay.stats().connections.open === 0);
  });

  it('half_close: the target gets FIN, the answer continues to its end', async () => {
    const { client, server } = await pair({ disconnect: { how: 'half_close', after } });
    server.socket.write(answer);
    await until(() => server.fin);
    server.socket.end('to the end');
    await until(() => client.fin);
    expect(client.text).toBe(`${answer}to the end`);
  });

  it('black_hole: neither side receives anything, nothing passes', async () => {
    const { relay, client, server } = await pair({ disconnect: { how: 'black_hole', after } });
    server.socket.write(answer);
    await until(() => client.text === '0123456789');
    server.socket.write('more');
    client.socket.write('hello?');
    server.socket.end();
    await pause(200);
    expect([client.text, client.fin, client.error]).toEqual(['0123456789', false, undefined]);
    expect([server.text, server.fin, server.error]).toEqual(['', false, undefined]);
    // The client is not told when the target is gone for good either.
    server.socket.resetAndDestroy();
    await pause(50);
    expect([client.fin, client.error, client.closed]).toEqual([false, undefined, false]);
    expect(relay.stats().connections.open).toBe(1);
    client.socket.destroy();
    await pause(50);
  });

  it('black_hole: what the target keeps sending piles up on its side', async () => {
    const { relay, server } = await pair({ disconnect: { how: 'black_hole', after } });
    server.socket.write(answer);
    await until(() => relay.stats().endings.black_hole === 1);
    const block = Buffer.alloc(1024 * 1024);
    // The kernel takes some of it, tens of megabytes on some machines; the relay a window of 1 MiB.
    await until(() => {
      server.socket.write(block);
      expect(relay.stats().bytes.target_to_client.read).toBeLessThan(4 * 1024 * 1024);
      return server.socket.writableLength > 8 * 1024 * 1024;
    });
  });

  it('idle_timeout: silence, and RST to the side that sends next', async () => {
    const { client, server } = await pair({
      // Long enough that a test without a turn is not idle itself.
      disconnect: { how: 'idle_timeout', after: { idle: '500ms' } },
    });
    server.socket.write('hi');
    await until(() => client.text === 'hi');
    await pause(700);
    expect([client.fin, client.error, server.error]).toEqual([false, undefined, undefined]);
    client.socket.write('still there?');
    await until(() => client.error === 'ECONNRESET');
    expect([server.text, server.error, server.fin]).toEqual(['', undefined, false]);
    server.socket.write('me too');
    await until(() => server.error === 'ECONNRESET');
  });

  it('before the first byte: the request arrives, nothing of the answer does', async () => {
    const { client, server } = await pair({ disconnect: { how: 'rst', before: 'first_byte' } });
    client.socket.write('ask');
    await until(() => server.text === 'ask');
    server.socket.write('answer');
    await until(() => client.error === 'ECONNRESET');
    expect(client.text).toBe('');
  });

  it.each(['fin', 'rst', 'black_hole'] as const)('drops open connections by %s', async (how) => {
    const { relay, client, server } = await pair();
    client.socket.write('x');
    await until(() => server.text === 'x');
    expect(relay.dropConnections(how)).toBe(1);
    if (how === 'fin') await until(() => client.fin && server.fin);
    if (how === 'rst') await until(() => client.error && server.error);
    server.socket.write('y');
    await pause(60);
    expect(client.text).toBe('');
  });
});

describe('while it runs', () => {
  it('changes faults in the middle of a stream without losing a byte', async () => {
    const { relay, client, server } = await pair({ delay: '30ms' });
    const sent: Buffer[] = [];
    const changes = [make({ slicer: '100B' }), make({ delay: '5ms' }, { jitter: '3ms' }), []];
    for (let i = 0; i < 60; i++) {
      const bytes = randomBytes(700);
      sent.push(bytes);
      server.socket.write(bytes);
      if (i % 15 === 14) relay.setFaults(changes[(i - 14) / 15] ?? []);
      await pause(2);
    }
    server.socket.end();
    await until(() => client.fin);
    expect(client.bytes.equals(Buffer.concat(sent))).toBe(true);
  });

  it('leaves running connections alone when told so', async () => {
    const { relay, client, server } = await pair();
    relay.setFaults(make({ disconnect: { how: 'rst', after: { bytes: '1B' } } }), 'new');
    server.socket.write('fine');
    await until(() => client.text === 'fine');
    relay.setFaults(make({ disconnect: { how: 'rst', after: { bytes: '1B' } } }));
    server.socket.write('not fine');
    await until(() => client.error === 'ECONNRESET');
  });

  it('closes with connections open', async () => {
    const { relay, client, server } = await pair({ delay: '1h' });
    client.socket.write('x');
    await pause(10);
    await relay.close();
    await until(() => client.fin && server.fin);
  });
});

describe('TLS', () => {
  it('passes untouched, sliced at any byte and both ways', async () => {
    const { cert, key } = await generateCertificate({ commonName: 'test', nowMs: Date.now() });
    const server = tls.createServer({ cert, key }, (socket) => socket.pipe(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => server.close());
    const relay = await relayTo((server.address() as net.AddressInfo).port, {
      faults: make({ slicer: { size: 'uniform(1B, 90B)', gap: '0ms' } }, { delay: '3ms' }),
    });
    const socket = tls.connect({
      port: relay.port,
      host: '127.0.0.1',
      ca: cert,
      servername: 'localhost',
    });
    const client = new Side(socket);
    const bytes = randomBytes(20_000);
    socket.end(bytes);
    await until(() => client.closed);
    expect(client.error).toBeUndefined();
    expect(client.bytes.equals(bytes)).toBe(true);
  });

  it('breaks on a corrupted byte, as it must', async () => {
    const { cert, key } = await generateCertificate({ commonName: 'test', nowMs: Date.now() });
    const server = tls.createServer({ cert, key }, (socket) => {
      socket.on('error', () => {});
      socket.pipe(socket);
    });
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => server.close());
    const relay = await relayTo((server.address() as net.AddressInfo).port, {
      faults: make({ corrupt: { share: '100%', direction: 'down' } }),
    });
    const socket = tls.connect({
      port: relay.port,
      host: '127.0.0.1',
      ca: cert,
      servername: 'localhost',
    });
    const client = new Side(socket);
    socket.write('x');
    await until(() => client.error !== undefined);
    expect(client.text).toBe('');
  });
});
