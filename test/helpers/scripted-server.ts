/** A TCP server that answers each request with exactly the bytes, pauses and ends it is told to. */
import * as net from 'node:net';

export type Action = { send: string | Buffer } | { waitMs: number } | { fin: true } | { rst: true };

export interface ScriptedServer {
  port: number;
  baseUrl: string;
  /** Raw requests as received, one entry per request. */
  requests: string[];
  connections: number;
  close(): Promise<void>;
}

/**
 * @param script - actions for the n-th request, counted over all connections. A connection stays
 *   open after its actions unless they end it.
 */
export async function scriptedServer(
  script: (request: number) => readonly Action[],
): Promise<ScriptedServer> {
  const sockets = new Set<net.Socket>();
  let requests = 0;
  const server = net.createServer({ noDelay: true }, (socket) => {
    scripted.connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    let received = '';
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      const head = received.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0);
      if (received.length < head + 4 + length) return;
      scripted.requests.push(received.slice(0, head + 4 + length));
      received = received.slice(head + 4 + length);
      void play(socket, script(requests++));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  const scripted: ScriptedServer = {
    port,
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests: [],
    connections: 0,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
  return scripted;
}

async function play(socket: net.Socket, actions: readonly Action[]): Promise<void> {
  for (const action of actions) {
    if ('send' in action)
      await new Promise<void>((done) => socket.write(action.send, () => done()));
    else if ('waitMs' in action) await new Promise((done) => setTimeout(done, action.waitMs));
    else if ('fin' in action) socket.end();
    else socket.resetAndDestroy();
  }
}

export const sseHead =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';

/** One HTTP chunk. */
export function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

/** A whole JSON response. */
export function jsonResponse(status: string, body: unknown, headers = ''): string {
  const text = JSON.stringify(body);
  return `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n${headers}\r\n${text}`;
}

/** A Chat Completions event that carries content. */
export function chatDelta(content: string): string {
  return chatEvent({ delta: { content }, finish_reason: null });
}

export function chatFinish(): string {
  return chatEvent({ delta: {}, finish_reason: 'stop' });
}

function chatEvent(choice: Record<string, unknown>): string {
  const json = {
    id: 'c1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, ...choice }],
  };
  return `data: ${JSON.stringify(json)}\n\n`;
}
