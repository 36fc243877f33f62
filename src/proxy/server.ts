/**
 * A buffering proxy on real sockets, without installing one: an HTTP/1.1 server on loopback whose
 * response path goes through a buffer model. When bytes move is decided in `ResponsePath`; this file
 * only moves them.
 */
import * as http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { StreamgaugeError, messageOf } from '../errors.ts';
import { RealScheduler } from '../timer/real-scheduler.ts';
import type { Scheduler } from '../timer/scheduler.ts';
import { after } from '../timer/waiting.ts';
import { endToEnd, pairs, type OutgoingHead } from './headers.ts';
import type { BufferModel } from './buffer-model.ts';
import { makeBufferModel, type ProxySettings } from './registry.ts';
import { ResponsePath, type ClientSide } from './response-path.ts';
import { passUpgrade } from './upgrade.ts';
import { askUpstream, type ProxyTarget, type Upstream } from './upstream.ts';

export type BufferingProxyOptions = ProxySettings & { target: ProxyTarget };

/** What a proxy has done since its start. */
export interface ProxyStats {
  requests: number;
  /** Responses under way. */
  active: number;
  /** Connections turned into WebSockets. */
  upgrades: number;
  /** Body bytes read from the target, chunk lines included, and written to clients without them. */
  bytesIn: number;
  bytesOut: number;
  /** Reads from the target, and bursts written to clients: their ratio is the buffering. */
  reads: number;
  bursts: number;
  /** Answers 502 and 504 that the proxy itself made. */
  gatewayErrors: number;
  /** Responses ended in the middle. */
  cut: number;
  /** Responses that a client did not wait for. */
  clientsGone: number;
}

export interface BufferingProxy {
  readonly port: number;
  stats(): ProxyStats;
  /** Ends every connection. */
  close(): Promise<void>;
}

/** What is kept for one slow client at most, bytes; nginx's limit is 1 GB on disk. */
const mostAbsorbedByDefault = 256e6;

/**
 * Starts a simulated proxy on a free loopback port.
 *
 * @param mostAbsorbed - bytes that a kind which takes a slow client's answer off the target keeps for
 *   one client; then it presses back on the target as the other kinds do immediately.
 * @throws StreamgaugeError where a setting is wrong or it cannot listen.
 */
export async function startBufferingProxy(
  options: BufferingProxyOptions,
  { mostAbsorbed = mostAbsorbedByDefault }: { mostAbsorbed?: number } = {},
): Promise<BufferingProxy> {
  const { target, ...settings } = options;
  const model = makeBufferModel(settings);
  const scheduler = new RealScheduler();
  const stats: ProxyStats = {
    requests: 0,
    active: 0,
    upgrades: 0,
    bytesIn: 0,
    bytesOut: 0,
    reads: 0,
    bursts: 0,
    gatewayErrors: 0,
    cut: 0,
    clientsGone: 0,
  };
  const sockets = new Set<Socket>();
  const served = new WeakMap<Socket, number>();

  const server = http.createServer(
    // No limit on how long an upload or a stream may take; that is the target's to set.
    { noDelay: true, requestTimeout: 0, keepAliveTimeout: 65_000 },
    (request, response) => {
      const number = served.get(request.socket) ?? 0;
      served.set(request.socket, number + 1);
      forward({ model, target, scheduler, stats, mostAbsorbed }, request, response, number);
    },
  );
  // Else Node takes a client's FIN for its leaving, whatever the model says.
  Object.assign(server, { httpAllowHalfOpen: (model.clientAbort ?? 'at_once') !== 'at_once' });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, socket: Socket, first) => {
    stats.upgrades += 1;
    const upstream = passUpgrade(target, request, socket, first);
    sockets.add(upstream);
    upstream.once('close', () => sockets.delete(upstream));
  });
  server.on('clientError', (_, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new StreamgaugeError(`the proxy cannot listen: ${messageOf(error)}`, {
          code: 'proxy-listen',
        }),
      ),
    );
    server.listen(0, '127.0.0.1', resolve);
  });

  return {
    port: (server.address() as AddressInfo).port,
    stats: () => ({ ...stats }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
        scheduler.close();
      }),
  };
}

interface Setting {
  model: BufferModel;
  target: ProxyTarget;
  scheduler: Scheduler;
  stats: ProxyStats;
  mostAbsorbed: number;
}

function forward(
  { model, target, scheduler, stats, mostAbsorbed }: Setting,
  request: http.IncomingMessage,
  response: http.ServerResponse,
  number: number,
): void {
  stats.requests += 1;
  stats.active += 1;
  let upstream: Upstream | undefined;
  const client = new SocketClient(response, stats, scheduler, (full) => upstream?.pause(full));
  const path = new ResponsePath(
    model,
    {
      method: request.method ?? 'GET',
      number,
      acceptsGzip: acceptsGzip(request.headers['accept-encoding']),
    },
    client,
    scheduler,
  );
  client.absorbs = (waiting) => path.absorbs && waiting < mostAbsorbed;
  response.once('close', () => {
    stats.active -= 1;
    if (!response.writableFinished && !client.decided) stats.clientsGone += 1;
    const letGo = (): void => {
      path.close();
      upstream?.destroy();
    };
    client.gone = true;
    const { clientAbort = 'at_once' } = model;
    if (response.writableFinished || client.decided) letGo();
    else if (clientAbort === 'on_failed_write') client.onFailedWrite = letGo;
    else if (clientAbort !== 'never') letGo();
  });
  response.on('error', () => {});
  if (model.clientAbort === 'when_reset') {
    const onEnd = (): void => {
      client.halfClosed = true;
    };
    request.socket.once('end', onEnd);
    response.once('close', () => request.socket.off('end', onEnd));
  }

  const headers = endToEnd(pairs(request.rawHeaders));
  const hasBody =
    Number(request.headers['content-length'] ?? 0) > 0 ||
    request.headers['transfer-encoding'] !== undefined;
  upstream = askUpstream(
    target,
    {
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      headers,
      body: hasBody ? request : undefined,
    },
    {
      sent: () => path.requestSent(),
      head: (head) => path.upstreamHead(head),
      read(wire) {
        stats.reads += 1;
        stats.bytesIn += wire.length;
        path.upstreamRead(wire);
      },
      end(trailers) {
        client.trailers = trailers.map(([name, value]) => [name, value]);
        path.upstreamEnd();
      },
      broken: (how, reason) => path.upstreamBroken(how, reason),
    },
  );
}

/** `gzip` in an Accept-Encoding, unless its weight is 0. */
function acceptsGzip(value: string | string[] | undefined): boolean {
  return String(value ?? '')
    .split(',')
    .some((entry) => /^\s*(gzip|x-gzip|\*)\s*(;(?!\s*q=0(\.0*)?\s*$)|$)/i.test(entry));
}

/** How long the RST of a client on this machine takes at most, ms. */
const resetMs = 2;

/** The client's side on a socket. */
class SocketClient implements ClientSide {
  private readonly response: http.ServerResponse;
  private readonly stats: ProxyStats;
  private readonly time: Scheduler;
  private readonly full: (on: boolean) => void;
  private burst = false;
  /** The client reads too slowly, and upstream has been told to stop. */
  private waiting = false;
  private mayTrail = false;
  trailers: [string, string][] = [];
  /** Its connection is closed. */
  gone = false;
  onFailedWrite: (() => void) | undefined;
  /** Whether a slow client's bytes are kept here, where so many wait already. */
  absorbs: ((waiting: number) => boolean) | undefined;
  /** Its half of the connection is closed, which may be all it wanted or the beginning of its end. */
  halfClosed = false;
  /** What follows the first byte that was written to a half-closed client. */
  private tail: Uint8Array[] | undefined;
  /** Ended, cut or refused by the proxy, as against left by the client. */
  decided = false;

  constructor(
    response: http.ServerResponse,
    stats: ProxyStats,
    time: Scheduler,
    full: (on: boolean) => void,
  ) {
    this.response = response;
    this.stats = stats;
    this.time = time;
    this.full = full;
  }

  head(head: OutgoingHead): void {
    const { response } = this;
    if (this.failed()) return;
    this.oneBurst();
    response.sendDate = false;
    // Trailers can follow chunks only, which a known length, HTTP/1.0 and HEAD rule out.
    this.mayTrail =
      head.get('content-length') === undefined &&
      response.req.httpVersion !== '1.0' &&
      response.req.method !== 'HEAD' &&
      head.status !== 204 &&
      head.status !== 304;
    if (!this.mayTrail) head.remove('trailer');
    response.writeHead(
      head.status,
      head.statusText,
      head.headers.flatMap(([name, value]) => [name, value]),
    );
    response.flushHeaders();
  }

  write(bytes: Uint8Array): void {
    if (this.failed()) return;
    const { tail } = this;
    if (tail) {
      tail.push(bytes);
      return;
    }
    if (!this.halfClosed || bytes.length < 2) {
      this.put(bytes);
      return;
    }
    // A client that has gone answers the first byte with RST, which shows when the rest is written.
    this.put(bytes.subarray(0, 1));
    this.tail = [bytes.subarray(1)];
    after(this.time, resetMs, () => this.putTail());
  }

  private putTail(): void {
    const tail = this.tail ?? [];
    this.tail = undefined;
    if (!this.gone) for (const bytes of tail) this.put(bytes);
  }

  private put(bytes: Uint8Array): void {
    this.oneBurst();
    this.stats.bytesOut += bytes.length;
    if (this.response.write(bytes) || this.waiting) return;
    if (this.absorbs?.(this.response.writableLength)) return;
    this.waiting = true;
    this.full(true);
    this.response.once('drain', () => {
      this.waiting = false;
      this.full(false);
    });
  }

  end(): void {
    this.putTail();
    this.decided = true;
    if (this.mayTrail && this.trailers.length > 0) this.response.addTrailers(this.trailers);
    this.response.end();
  }

  cut(): void {
    this.putTail();
    this.decided = true;
    this.stats.cut += 1;
    this.response.socket?.destroySoon();
  }

  gatewayError(status: 502 | 504, reason: string): void {
    this.decided = true;
    this.stats.gatewayErrors += 1;
    const text = `${status} ${http.STATUS_CODES[status]}: ${reason}\n`;
    this.response.writeHead(status, {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': Buffer.byteLength(text),
    });
    this.response.end(text);
  }

  /** Whether there is no client to write to; tells the one who waits for that. */
  private failed(): boolean {
    if (!this.gone) return false;
    this.onFailedWrite?.();
    return true;
  }

  /** What is written before the next turn of the loop leaves as one packet. */
  private oneBurst(): void {
    if (this.burst) return;
    this.burst = true;
    this.stats.bursts += 1;
    const { socket } = this.response;
    socket?.cork();
    process.nextTick(() => {
      this.burst = false;
      socket?.uncork();
    });
  }
}
