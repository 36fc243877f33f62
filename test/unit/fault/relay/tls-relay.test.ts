/** A relay that ends TLS: real sockets, the mock and node's clients. */
import * as http2 from 'node:http2';
import * as net from 'node:net';
import * as tls from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventKindReader } from '../../../../src/dialect/event-kind-readers.ts';
import { startMock, type MockServer } from '../../../../mock-server/index.ts';
import { makeFaults, parseFaults } from '../../../../src/fault/registry.ts';
import { startRelay, type RunningRelay } from '../../../../src/fault/relay/relay.ts';
import { generateCertificate, type ServerCertificate } from '../../../../src/wire/certificate.ts';
import * as helper from '../../../helpers/until.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const make = (...faults: unknown[]) =>
  makeFaults(parseFaults(faults), {
    readText: () => '',
    baseDirectory: '/',
    eventKind: eventKindReader(undefined),
  });

let certificate: ServerCertificate;
beforeAll(async () => {
  certificate = await generateCertificate({ commonName: 'relay', nowMs: Date.now() });
});

/** Waits until something holds; else says what. */
const until = async (condition: () => unknown, seen?: () => unknown): Promise<void> => {
  await helper.until(() => Boolean(condition()), {
    what: String(condition),
    ...(seen && { seen }),
  });
};

async function mock(): Promise<MockServer> {
  const server = await startMock({ tls: true, ttft: '5ms', itl: '3ms', tokens: 30, seed: '3' });
  closers.push(() => server.close());
  return server;
}

async function relayTo(server: MockServer, ...faults: unknown[]): Promise<RunningRelay> {
  const { port } = new URL(server.secureBaseUrl!);
  const relay = await startRelay({
    target: { host: '127.0.0.1', port: Number(port) },
    faults: make(...faults),
    seed: 'test',
    tls: { certificate, targetName: 'localhost', ca: server.certificate },
    // Last bytes and a RST that a test without a turn finds immediately would be an end to it.
    waits: { resetGapMs: 250 },
  });
  closers.push(() => relay.close());
  return relay;
}

interface Answer {
  body: string;
  code: number | undefined;
  error: string | undefined;
  closed: boolean;
}

/** One streamed chat answer over HTTP/2. */
function ask(session: http2.ClientHttp2Session): Answer {
  const body = JSON.stringify({
    model: 'm',
    stream: true,
    messages: [{ role: 'user', content: 'x' }],
  });
  const stream = session.request({
    ':method': 'POST',
    ':path': '/v1/chat/completions',
    'content-type': 'application/json',
    authorization: 'Bearer k',
  });
  const answer: Answer = { body: '', code: undefined, error: undefined, closed: false };
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => (answer.body += text));
  stream.on('error', (error: NodeJS.ErrnoException) => (answer.error = error.code));
  stream.on('close', () => {
    answer.code = stream.rstCode;
    answer.closed = true;
  });
  stream.end(body);
  return answer;
}

async function session(relay: RunningRelay): Promise<http2.ClientHttp2Session> {
  const client = http2.connect(`https://127.0.0.1:${relay.port}`, { ca: certificate.cert });
  client.on('error', () => {});
  closers.push(() => client.destroy());
  await new Promise((resolve) => client.once('connect', resolve));
  return client;
}

const tokensIn = (body: string): number => body.match(/"content":"[^"]/g)?.length ?? 0;

describe('ALPN', () => {
  it.each([
    [['h2', 'http/1.1'], 'h2'],
    [['http/1.1'], 'http/1.1'],
    [undefined, false],
  ])('offered %j, the client gets what the target chose', async (offered, expected) => {
    const relay = await relayTo(await mock());
    const socket = tls.connect({
      port: relay.port,
      host: '127.0.0.1',
      ca: certificate.cert,
      ...(offered ? { ALPNProtocols: offered } : {}),
    });
    closers.push(() => socket.destroy());
    await new Promise((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
    });
    expect(socket.alpnProtocol).toBe(expected);
  });
});

describe('HTTP/2 through the relay', () => {
  it('passes as it is without a fault', async () => {
    const server = await mock();
    const answer = ask(await session(await relayTo(server)));
    await until(
      () => answer.closed,
      () => answer,
    );
    expect([tokensIn(answer.body), answer.code, answer.error]).toEqual([30, 0, undefined]);
    expect(answer.body).toContain('[DONE]');
  });

  it('h2_reset ends one answer on both sides; the connection and the others continue', async () => {
    const server = await mock();
    const relay = await relayTo(server, {
      disconnect: { how: 'h2_reset', code: 'CANCEL', after: { tokens: 10 }, of: '50%' },
    });
    const client = await session(relay);
    const answers = Array.from({ length: 12 }, () => ask(client));
    await until(() => answers.every(({ closed }) => closed));
    const broken = answers.filter(({ code }) => code === 8);
    const whole = answers.filter(({ code }) => code === 0);
    expect(broken.length).toBeGreaterThan(0);
    expect(whole.length).toBeGreaterThan(0);
    expect(broken.length + whole.length).toBe(12);
    for (const { body } of broken)
      expect([tokensIn(body), body.endsWith('\n\n')]).toEqual([10, true]);
    for (const { body } of whole) expect(tokensIn(body)).toBe(30);
    expect(relay.stats().fired).toEqual([broken.length]);
    // The target has heard of it; and the table of headers is still in step.
    await until(() => server.stats().capacity.inUse === 0);
    const later = ask(client);
    await until(() => later.closed);
    expect(tokensIn(later.body)).toBeGreaterThanOrEqual(10);
    expect(client.destroyed).toBe(false);
  });

  it('h2_reset before the headers leaves the connection usable', async () => {
    const relay = await relayTo(await mock(), {
      disconnect: { how: 'h2_reset', before: 'headers', of: '60%' },
    });
    const client = await session(relay);
    const codes: (number | undefined)[] = [];
    for (let i = 0; i < 12; i++) {
      const answer = ask(client);
      await until(
        () => answer.closed,
        () => answer,
      );
      codes.push(answer.code);
      expect(tokensIn(answer.body)).toBe(answer.code === 0 ? 30 : 0);
    }
    expect(new Set(codes)).toEqual(new Set([0, 2]));
  });

  it('keeps flow control alive through many resets of large answers', async () => {
    const server = await startMock({ tls: true, ttft: '1ms', itl: '0ms', tokens: 1500, seed: '3' });
    closers.push(() => server.close());
    const relay = await relayTo(server, {
      disconnect: { how: 'h2_reset', after: { tokens: 3 }, of: '80%' },
    });
    const client = await session(relay);
    let whole = 0;
    // Each leaves out more than the connection's window of 64 KiB.
    for (let i = 0; i < 15; i++) {
      const answer = ask(client);
      await until(
        () => answer.closed,
        () => answer,
      );
      if (answer.code === 0) whole++;
      expect(tokensIn(answer.body)).toBe(answer.code === 0 ? 1500 : 3);
    }
    expect(whole).toBeGreaterThan(0);
    expect(whole).toBeLessThan(15);
  });
});

describe('the connection over TLS', () => {
  const plain = async (relay: RunningRelay) => {
    const seen = { text: '', fin: false, error: undefined as string | undefined };
    const socket = tls.connect({ port: relay.port, host: '127.0.0.1', ca: certificate.cert });
    socket.on('data', (bytes: Buffer) => (seen.text += bytes.toString()));
    socket.on('end', () => (seen.fin = true));
    socket.on('error', (error: NodeJS.ErrnoException) => (seen.error = error.code));
    closers.push(() => socket.destroy());
    const body = JSON.stringify({
      model: 'm',
      stream: true,
      messages: [{ role: 'user', content: 'x' }],
    });
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer k\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    return seen;
  };

  it.each(['fin', 'rst'] as const)('ends by %s at a moment inside', async (how) => {
    const relay = await relayTo(await mock(), { disconnect: { how, after: { tokens: 5 } } });
    const seen = await plain(relay);
    await until(
      () => seen.fin || seen.error,
      () => seen,
    );
    expect(tokensIn(seen.text)).toBe(5);
    expect([seen.fin, seen.error]).toEqual(
      how === 'fin' ? [true, undefined] : [false, 'ECONNRESET'],
    );
    await until(() => relay.stats().connections.open === 0);
  });

  it('says when the target shows a certificate that no authority signed', async () => {
    const server = await mock();
    const relay = await startRelay({
      target: { host: '127.0.0.1', port: Number(new URL(server.secureBaseUrl!).port) },
      faults: [],
      seed: 'test',
      tls: { certificate, targetName: 'localhost' },
    });
    closers.push(() => relay.close());
    const seen = await plain(relay);
    await until(() => seen.error ?? seen.fin);
    const { connections } = relay.stats();
    expect([connections.upstreamFailed, connections.tlsRefused]).toEqual([1, 0]);
    expect(connections.tlsProblem).toMatch(/^target: .*self[- ]signed/);
  });

  it('says when a client speaks no TLS', async () => {
    const relay = await relayTo(await mock());
    const bare = net.connect({ port: relay.port, host: '127.0.0.1' });
    bare.on('error', () => {});
    bare.write('GET / HTTP/1.1\r\n\r\n');
    await until(() => relay.stats().connections.tlsRefused === 1);
    expect(relay.stats().connections.tlsProblem).toBe(
      'client: the client does not begin with a TLS handshake',
    );
  });
});
