/** How turns on a WebSocket end, against the `ws` server and against bare sockets. */
import * as http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { armPlan, askOnce, endpointFor, runSession } from '../../helpers/arm.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const created = { type: 'response.created', sequence_number: 0, response: { id: 'resp_1' } };
const delta = (text: string): object => ({ type: 'response.output_text.delta', delta: text });
const completed = (id = 'resp_1'): object => ({
  type: 'response.completed',
  response: { id, output: [], usage: { input_tokens: 1, output_tokens: 2 } },
});

interface Peer {
  socket: WebSocket;
  raw: Socket;
  send(...messages: object[]): void;
}

/** A Responses-like server that hands each request to `answer`. */
async function serve(
  answer: (peer: Peer, request: Record<string, unknown>, count: number) => void,
  verify?: (request: http.IncomingMessage) => number | undefined,
): Promise<{ baseUrl: string; connections: () => number }> {
  let connections = 0;
  let count = 0;
  const server = http.createServer();
  const wss = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket: Socket, head) => {
    const refuse = verify?.(request);
    if (refuse !== undefined) {
      const body = '{"error":{"code":"nope"}}';
      socket.end(
        `HTTP/1.1 ${refuse} X\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      return;
    }
    wss.handleUpgrade(request, socket, head, (ws) => {
      connections++;
      const peer: Peer = {
        socket: ws,
        raw: socket,
        send: (...messages) => {
          for (const one of messages) ws.send(JSON.stringify(one));
        },
      };
      ws.on('message', (data: Buffer) => answer(peer, JSON.parse(data.toString()), count++));
      ws.on('error', () => {});
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const client of wss.clients) client.terminate();
    server.close();
  });
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    connections: () => connections,
  };
}

const arm = armPlan({
  dialect: 'openai-responses',
  transport: 'websocket',
  timeouts: { connectMs: 5000, idleMs: 5000, totalMs: 20_000 },
});

describe.each(['wire', 'sdk'] as const)('Responses over WebSocket, via %s', (via) => {
  const viaArm = { ...arm, via };

  it('completes', async () => {
    const { baseUrl } = await serve((peer) =>
      peer.send(created, delta('a'), delta('b'), completed()),
    );
    const { turns } = await runSession(viaArm, endpointFor(viaArm, baseUrl));
    expect(turns[0]).toMatchObject({ outcome: 'completed', tokenEvents: 2, events: 4 });
    expect(turns[0]!.usage?.outputTokens).toBe(2);
    expect(turns[0]!.connect?.totalMs).toBeGreaterThan(0);
  });

  it.each([
    ['a close frame', (peer: Peer) => peer.socket.close(1011, 'broke'), 'truncated', /1011/],
    ['no close frame', (peer: Peer) => peer.raw.end(), 'truncated', /1006/],
    ['silence', () => {}, 'stalled', /100 ms/],
    [
      'an error event',
      (peer: Peer) =>
        peer.send({ type: 'error', status: 400, error: { code: 'bad', message: 'x' } }),
      'in_band_error',
      /bad: x/,
    ],
    [
      'response.failed',
      (peer: Peer) =>
        peer.send({
          type: 'response.failed',
          response: { error: { code: 'server_error', message: 'y' } },
        }),
      'in_band_error',
      /server_error/,
    ],
  ] as const)('says what %s is', async (_name, end, outcome, detail) => {
    const { baseUrl } = await serve((peer) => {
      peer.send(created, delta('a'));
      setTimeout(() => end(peer), 30);
    });
    // Short only where silence is what is waited for: a slow machine is not to look like it.
    const idleMs = outcome === 'stalled' ? 100 : arm.timeouts.idleMs;
    const patient = { ...viaArm, timeouts: { ...arm.timeouts, idleMs } };
    const { turns } = await runSession(patient, endpointFor(patient, baseUrl));
    expect({ outcome: turns[0]!.outcome, detail: turns[0]!.detail }).toEqual({
      outcome,
      detail: expect.stringMatching(detail),
    });
    expect(turns[0]!.tokenEvents).toBe(1);
  });

  it('says reset for RST', async () => {
    const { baseUrl } = await serve((peer) => {
      peer.send(created, delta('a'));
      setTimeout(() => peer.raw.resetAndDestroy(), 30);
    });
    const { turns } = await runSession(viaArm, endpointFor(viaArm, baseUrl));
    // The package does not pass the socket's error on; all it shows is the abnormal close.
    expect(turns[0]!.outcome).toBe(via === 'sdk' ? 'truncated' : 'reset');
  });

  it.each([
    [401, 'http_error'],
    [429, 'rejected'],
    [503, 'rejected'],
  ] as const)('says what a refused upgrade with %i is', async (status, outcome) => {
    const { baseUrl } = await serve(
      () => {},
      () => status,
    );
    const { turns } = await runSession(viaArm, endpointFor(viaArm, baseUrl));
    expect(turns[0]!.outcome).toBe(outcome);
    expect(turns[0]!.detail).toMatch(new RegExp(String(status)));
  });

  it('chains turns on one socket with previous_response_id and sends only what is new', async () => {
    const requests: Record<string, unknown>[] = [];
    const { baseUrl, connections } = await serve((peer, request, count) => {
      requests.push(request);
      peer.send(created, delta('a'), completed(`resp_${count}`));
    });
    const two = { ...viaArm, session: { ...viaArm.session, steps: [askOnce, askOnce] } };
    const { turns } = await runSession(two, endpointFor(two, baseUrl));
    expect(turns.map((turn) => turn.outcome)).toEqual(['completed', 'completed']);
    expect(connections()).toBe(1);
    expect(requests[0]).not.toHaveProperty('previous_response_id');
    expect(requests[1]).toMatchObject({ previous_response_id: 'resp_0' });
    expect(requests[1]!['input']).toHaveLength(1);
  });
});

describe('WebSocket on streamgauge’s transport', () => {
  it('answers pings, and ends with a close handshake', async () => {
    const closeCode = new Promise<number>((resolve) => {
      void serve((peer) => {
        peer.socket.on('pong', () => peer.send(completed()));
        peer.socket.on('close', resolve);
        peer.send(created, delta('a'));
        peer.socket.ping('x');
      }).then(async ({ baseUrl }) => {
        const { turns } = await runSession(arm, endpointFor(arm, baseUrl));
        expect(turns[0]!.outcome).toBe('completed');
      });
    });
    expect(await closeCode).toBe(1000);
  });

  it('says malformed for frames that break the protocol', async () => {
    const { baseUrl } = await serve((peer) => {
      peer.send(created);
      peer.raw.write(Buffer.from([0xf1, 0x00]));
    });
    const { turns } = await runSession(arm, endpointFor(arm, baseUrl));
    expect(turns[0]).toMatchObject({ outcome: 'malformed' });
    expect(turns[0]!.detail).toMatch(/reserved bits/);
  });

  it('says malformed where the upgrade is answered by something else', async () => {
    const server = http.createServer();
    server.on('upgrade', (_request, socket) => {
      socket.write(
        'HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n',
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(
      () => server.closeAllConnections(),
      () => server.close(),
    );
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const { turns } = await runSession(arm, endpointFor(arm, baseUrl));
    expect(turns[0]).toMatchObject({ outcome: 'malformed' });
    expect(turns[0]!.detail).toMatch(/Sec-WebSocket-Accept/);
  });
});
