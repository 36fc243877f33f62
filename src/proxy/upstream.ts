/**
 * The request to the target. Node's client speaks HTTP; in addition, the raw bytes of the response
 * are read off the same socket, because when a proxy forwards bytes depends on chunk lines and on how the
 * bytes came in, which a parser takes away.
 */
import * as http from 'node:http';
import * as https from 'node:https';
import type { Readable } from 'node:stream';
import type { Socket } from 'node:net';
import { messageOf } from '../errors.ts';
import { pairs, valueOf, type HeaderList } from './headers.ts';
import type { Breakage, Framing, UpstreamHead } from './buffer-model.ts';

/** Where requests go. */
export interface ProxyTarget {
  host: string;
  port: number;
  /** Present: the target speaks TLS. */
  tls?: { ca?: string; rejectUnauthorized?: boolean; servername?: string };
}

export interface UpstreamRequest {
  method: string;
  path: string;
  headers: HeaderList;
  /** Undefined: no body. */
  body: Readable | undefined;
}

/** Told in this order: sent, head, reads, then end or broken, once. */
export interface UpstreamEvents {
  sent(): void;
  head(head: UpstreamHead): void;
  read(wire: Uint8Array): void;
  end(trailers: HeaderList): void;
  broken(how: Breakage, reason: string): void;
}

export interface Upstream {
  /** Stops or resumes reading. */
  pause(on: boolean): void;
  /** The client has left: the target notices by a closed connection. */
  destroy(): void;
}

const noBody = new Set([204, 304]);

/** `Host` for a target, without the port where it is the scheme's default. */
export function hostOf(target: ProxyTarget): string {
  const usual = target.tls ? 443 : 80;
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  return target.port === usual ? host : `${host}:${target.port}`;
}

/** Sends a request and reports the response. Each has a separate connection. */
export function askUpstream(
  target: ProxyTarget,
  request: UpstreamRequest,
  events: UpstreamEvents,
): Upstream {
  const headers = request.headers
    .filter(([name]) => name.toLowerCase() !== 'host')
    .flatMap(([name, value]) => [name, value]);
  headers.push('Host', hostOf(target), 'Connection', 'close');
  // A body of unknown length is forwarded in chunks; without this Node would leave it bare.
  if (request.body && valueOf(request.headers, 'content-length') === undefined) {
    headers.push('Transfer-Encoding', 'chunked');
  }
  const upstream = (target.tls ? https : http).request({
    ...target.tls,
    host: target.host,
    port: target.port,
    method: request.method,
    path: request.path,
    headers,
    agent: false,
    // The client writes `Host` itself, above.
    setHost: false,
  });
  upstream.setNoDelay(true);

  let over = false;
  let sawFin = false;
  const breakOff = (error: unknown): void => {
    if (over) return;
    over = true;
    events.broken(sawFin ? 'fin' : 'reset', messageOf(error));
  };

  const tap = new WireTap();
  let response: http.IncomingMessage | undefined;
  let started = false;
  upstream.once('socket', (socket: Socket) => {
    // Node's parser has its listener already: before it the bytes are noted, after it they are told,
    // as only then is it known whether they were the head.
    socket.prependListener('data', (bytes: Buffer) => tap.take(bytes));
    socket.on('data', () => {
      const wire = started ? tap.drain() : undefined;
      if (wire && wire.length > 0 && !over) events.read(wire);
    });
    socket.prependOnceListener('end', () => {
      sawFin = true;
    });
  });
  upstream.once('response', (arrived) => {
    response = arrived;
    const head: UpstreamHead = {
      status: arrived.statusCode ?? 502,
      statusText: arrived.statusMessage ?? '',
      headers: pairs(arrived.rawHeaders),
      bytes: tap.skipHead(),
      framing: framingOf(arrived),
    };
    started = true;
    events.head(head);
    if (request.method === 'HEAD' || noBody.has(head.status)) tap.ignore();
    // The body is read off the wire; this only keeps the parser going.
    arrived.resume();
    arrived.once('end', () => {
      if (over || !arrived.complete) return;
      over = true;
      events.end(pairs(arrived.rawTrailers));
    });
    arrived.once('error', breakOff);
    arrived.once('close', () => breakOff(new Error('the target closed the connection')));
  });
  upstream.once('error', breakOff);
  upstream.once('finish', () => events.sent());

  if (request.body) request.body.pipe(upstream);
  else upstream.end();

  return {
    pause(on) {
      // Not the socket, which the response would resume for its next read.
      if (on) response?.pause();
      else response?.resume();
    },
    destroy() {
      over = true;
      request.body?.unpipe(upstream);
      upstream.destroy();
    },
  };
}

function framingOf(response: http.IncomingMessage): Framing {
  if (/chunked\s*$/i.test(response.headers['transfer-encoding'] ?? '')) return 'chunked';
  return response.headers['content-length'] === undefined ? 'close' : 'length';
}

/** The raw bytes of a response; heads are cut off its front. */
class WireTap {
  private bytes: Buffer = Buffer.alloc(0);
  private ignoring = false;

  take(bytes: Buffer): void {
    if (this.ignoring) return;
    this.bytes = this.bytes.length > 0 ? Buffer.concat([this.bytes, bytes]) : bytes;
  }

  /** Drops interim heads (1xx) and the head of the response. @returns the size of the latter. */
  skipHead(): number {
    for (;;) {
      const end = this.bytes.indexOf('\r\n\r\n');
      if (end < 0) return 0;
      const interim = /^HTTP\/1\.\d 1/.test(this.bytes.toString('latin1', 0, 12));
      this.bytes = this.bytes.subarray(end + 4);
      if (!interim) return end + 4;
    }
  }

  drain(): Buffer {
    const all = this.bytes;
    this.bytes = Buffer.alloc(0);
    return all;
  }

  ignore(): void {
    this.ignoring = true;
    this.bytes = Buffer.alloc(0);
  }
}
