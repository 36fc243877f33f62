import * as http from 'node:http';
import * as http2 from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';
import { StreamgaugeError, codeOf, messageOf } from '../../src/errors.ts';
import { badRequest } from './api-problem.ts';
import type { Router } from './router.ts';
import { refuseUpgrade } from './router.ts';
import { newId } from './context.ts';

export interface ListenOptions {
  host: string;
  /** 0: a free one. */
  port: number;
  /** Connections at the same time; further ones are dropped. */
  maxConnections: number;
  /** PEM; with it the listener speaks TLS, and HTTP/2 to clients that ask for it. */
  tls?: { key: string; cert: string };
}

export interface Listener {
  port: number;
  /** Stops listening and ends every connection immediately. */
  close(): Promise<void>;
}

function listenError(error: unknown, host: string, port: number): StreamgaugeError {
  const code = codeOf(error);
  const where = `${host}:${port}`;
  const known: Record<string, [string, string]> = {
    EADDRINUSE: [`port in use: ${where}`, 'choose another with --port, or --port 0 for a free one'],
    EACCES: [
      `not allowed to listen on ${where}`,
      'ports below 1024 need privileges; choose another',
    ],
    EADDRNOTAVAIL: [`${host} is not an address of this machine`, 'use --set host=127.0.0.1'],
    ENOTFOUND: [`cannot resolve ${host}`, 'use --set host=127.0.0.1'],
  };
  const [message, hint] = known[code] ?? [`cannot listen on ${where}: ${messageOf(error)}`, ''];
  return new StreamgaugeError(message, {
    code: code === 'EADDRINUSE' ? 'port-in-use' : 'cannot-listen',
    exit: 'usage',
    hints: hint ? [hint] : [],
    cause: error,
  });
}

/** Wrong bytes where a request should be: the answer has the API's shape, too. */
function onClientError(_error: Error, socket: NodeJS.WritableStream & Partial<Socket>): void {
  if (!socket.writable) return;
  refuseUpgrade(socket as Socket, badRequest('Malformed HTTP request.'), newId('req'));
}

function createServer(options: ListenOptions, router: Router): Server {
  const onRequest = router.handle.bind(router);
  const settings = { noDelay: true, keepAliveTimeout: 75_000, requestTimeout: 300_000 };
  const server = options.tls
    ? http2.createSecureServer(
        {
          ...options.tls,
          allowHTTP1: true,
          noDelay: true,
          // Streams of one HTTP/2 connection cost what connections cost; further ones are refused.
          settings: { maxConcurrentStreams: options.maxConnections },
        },
        onRequest,
      )
    : http.createServer(settings, onRequest);
  server.on('upgrade', (request: http.IncomingMessage, socket: Socket, head: Buffer) =>
    router.handleUpgrade(request, socket, head),
  );
  server.on('clientError', onClientError);
  return server;
}

/**
 * Listens and hands requests and upgrades to the router.
 *
 * @throws StreamgaugeError `port-in-use` or `cannot-listen`.
 */
export async function listen(router: Router, options: ListenOptions): Promise<Listener> {
  const server = createServer(options, router);
  server.maxConnections = options.maxConnections;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, options.host, options.port)));
    server.listen({ port: options.port, host: options.host, backlog: 4096 }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
