/**
 * Opening a TCP or TLS socket, with the time of each step. Shared by the transports that own their
 * sockets.
 */
import * as net from 'node:net';
import * as tls from 'node:tls';
import { codeOf } from '../errors.ts';
import type { Scheduled, Scheduler } from '../timer/scheduler.ts';
import { after } from '../timer/waiting.ts';
import { connectDetail } from './connect-detail.ts';
import { PacedReader, readSize, type ReaderPace } from './paced-reader.ts';
import type { ConnectTiming, Endpoint } from './transport.ts';

export interface SocketOptions {
  /** Times each step, and carries the waits. */
  time: Scheduler;
  /** Protocols to offer by ALPN, TLS only. */
  alpn?: string[];
  /**
   * Receives every read directly from the kernel's buffer, without a stream in between: the bytes
   * are valid during the call only.
   */
  onRead?: (bytes: Buffer, count: number) => void;
  /** Read no faster than that; with `onRead` only. */
  reader?: ReaderPace | undefined;
}

/** The step at which connecting failed, in the system's words. */
export interface ConnectFailure {
  code: string;
  detail: string;
}

export interface PendingSocket {
  readonly socket: net.Socket;
  /** Ends the pacing of its reads, so that a socket that is left paused stays so. */
  stopPacing(): void;
  /** Called once: with the timing when ready, with the failure otherwise. */
  onReady(
    callback: (timing: ConnectTiming | undefined, failure: ConnectFailure | undefined) => void,
  ): void;
}

// A plain TCP read is handed over before the next one starts, so all plain sockets share one buffer.
// TLS decrypts into it piecewise; such sockets get their own, the size of the largest TLS record.
const sharedReadBuffer = Buffer.allocUnsafeSlow(64 * 1024);
const tlsReadBytes = 16 * 1024;

/** Host, port and security of an endpoint, its relay taken into account. */
export function addressOf(endpoint: Endpoint): { host: string; port: number; secure: boolean } {
  const { baseUrl, connectTo } = endpoint;
  const secure = baseUrl.protocol === 'https:' || baseUrl.protocol === 'wss:';
  if (connectTo) return { host: connectTo.host, port: connectTo.port, secure };
  // URL keeps the brackets of an IPv6 address; the resolver does not want them.
  const host = baseUrl.hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: baseUrl.port ? Number(baseUrl.port) : secure ? 443 : 80, secure };
}

/** Starts connecting to an endpoint; TCP_NODELAY is set, as every streaming client does. */
export function openSocket(endpoint: Endpoint, options: SocketOptions): PendingSocket {
  const { onRead, reader, time } = options;
  const { host, port, secure } = addressOf(endpoint);
  const startedAt = time.now();
  let resolvedAt = startedAt;
  let tcpAt = 0;
  let settled = false;
  let report: ((timing?: ConnectTiming, failure?: ConnectFailure) => void) | undefined;

  let handshake: Scheduled | undefined;
  let paced: PacedReader | undefined;
  const buffer = (): Buffer => {
    if (reader) return Buffer.allocUnsafeSlow(readSize(reader));
    return secure ? Buffer.allocUnsafeSlow(tlsReadBytes) : sharedReadBuffer;
  };
  const onread = onRead
    ? {
        buffer: buffer(),
        callback: (count: number, bytes: Buffer): boolean => {
          onRead(bytes, count);
          paced?.onRead(count);
          return true;
        },
      }
    : undefined;
  const common = { host, port, noDelay: true, ...(onread ? { onread } : {}) };
  const servername = endpoint.baseUrl.hostname.replace(/^\[(.*)\]$/, '$1');
  const socket = secure
    ? tls.connect({
        ...common,
        // SNI must be a name, never an address (RFC 6066, section 3).
        ...(net.isIP(servername) ? {} : { servername }),
        rejectUnauthorized: endpoint.tls.rejectUnauthorized,
        ...(endpoint.tls.ca === undefined ? {} : { ca: endpoint.tls.ca }),
        ...(options.alpn ? { ALPNProtocols: options.alpn } : {}),
      } as tls.ConnectionOptions)
    : net.connect(common);
  if (onRead) socket.resume(); // Without a stream reader nothing else would let 'end' through.

  const { connectMs } = endpoint.timeouts;
  const deadline = after(time, connectMs, () => {
    const detail = `no connection to ${host}:${port} within ${connectMs} ms`;
    settle(undefined, { code: 'ETIMEDOUT', detail });
    socket.destroy();
  });

  function settle(timing?: ConnectTiming, failure?: ConnectFailure): void {
    if (settled) return;
    settled = true;
    if (timing && reader) paced = new PacedReader(reader, socket, time);
    deadline.cancel();
    handshake?.cancel();
    report?.(timing, failure);
  }

  socket.once('lookup', () => (resolvedAt = time.now()));
  socket.once('connect', () => {
    tcpAt = time.now();
    if (secure) return;
    const handshakeMs = endpoint.connectTo?.handshakeMs ?? 0;
    const ready = (): void => {
      tcpAt = time.now();
      settle({
        totalMs: (tcpAt - startedAt) / 1e6,
        dnsMs: (resolvedAt - startedAt) / 1e6,
        tcpMs: (tcpAt - resolvedAt) / 1e6,
      });
    };
    if (handshakeMs > 0) handshake = after(time, handshakeMs, ready);
    else ready();
  });
  if (secure) {
    socket.once('secureConnect', () => {
      const readyAt = time.now();
      settle({
        totalMs: (readyAt - startedAt) / 1e6,
        dnsMs: (resolvedAt - startedAt) / 1e6,
        tcpMs: (tcpAt - resolvedAt) / 1e6,
        tlsMs: (readyAt - tcpAt) / 1e6,
      });
    });
  }
  socket.on('error', (error) =>
    settle(undefined, { code: codeOf(error) || 'ERROR', detail: connectDetail(error) }),
  );
  socket.on('close', () => {
    paced?.close();
    settle(undefined, { code: 'ECLOSED', detail: `${host}:${port} closed while connecting` });
  });
  return {
    socket,
    stopPacing: () => paced?.close(),
    onReady: (callback) => (report = callback),
  };
}
