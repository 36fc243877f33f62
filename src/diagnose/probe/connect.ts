/** Opens the connection of a probe: TCP, and TLS where the URL asks for it. */
import * as net from 'node:net';
import * as tls from 'node:tls';
import { codeOf, messageOf } from '../../errors.ts';
import type { Scheduler } from '../../timer/scheduler.ts';
import { after } from '../../timer/waiting.ts';

export interface TlsSettings {
  rejectUnauthorized: boolean;
  /** PEM of a certificate authority to trust in addition to the usual ones. */
  ca: string | undefined;
}

export interface ConnectLimits {
  /** For TCP, and again for TLS. */
  connectMs: number;
  signal: AbortSignal;
  time: Scheduler;
}

export interface Connected {
  socket: net.Socket;
  /** The TCP handshake, ms: one round trip to whatever ends TCP. */
  connectMs: number;
}

/** Why there is no connection. `code` is the system's, or `tls` for a handshake that failed. */
export class ConnectProblem extends Error {
  readonly code: string;
  readonly duringTls: boolean;

  constructor(message: string, code: string, duringTls: boolean) {
    super(message);
    this.code = code;
    this.duringTls = duringTls;
  }
}

export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/**
 * @param protocols - offered by ALPN, for TLS only.
 * @throws ConnectProblem
 */
export async function connect(
  url: URL,
  protocols: readonly string[],
  tlsSettings: TlsSettings,
  limits: ConnectLimits,
): Promise<Connected> {
  const host = hostOf(url);
  const { socket, connectMs } = await openTcp(host, portOf(url), limits);
  if (url.protocol !== 'https:') return { socket, connectMs };
  const secured = await openTls(socket, host, protocols, tlsSettings, limits);
  return { socket: secured, connectMs };
}

function openTcp(
  host: string,
  port: number,
  { connectMs, signal, time }: ConnectLimits,
): Promise<Connected> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, noDelay: true, signal });
    let startNs = time.now();
    // The name's look-up is not part of the round trip.
    socket.once('lookup', () => (startNs = time.now()));
    const timer = after(time, connectMs, () =>
      socket.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })),
    );
    socket.once('connect', () => {
      timer.cancel();
      resolve({ socket, connectMs: (time.now() - startNs) / 1e6 });
    });
    // Stays: without a listener a later error would end the process.
    socket.on('error', (error) => {
      timer.cancel();
      reject(new ConnectProblem(messageOf(error) || codeOf(error), codeOf(error), false));
    });
  });
}

function openTls(
  socket: net.Socket,
  host: string,
  protocols: readonly string[],
  settings: TlsSettings,
  { connectMs, time }: ConnectLimits,
): Promise<tls.TLSSocket> {
  return new Promise((resolve, reject) => {
    const secured = tls.connect({
      socket,
      ...(net.isIP(host) === 0 ? { servername: host } : {}),
      // checkServerIdentity needs the name where SNI may not carry it.
      host,
      ALPNProtocols: [...protocols],
      rejectUnauthorized: settings.rejectUnauthorized,
      ...(settings.ca === undefined ? {} : { ca: [...tls.rootCertificates, settings.ca] }),
    });
    const timer = after(time, connectMs, () => secured.destroy(new Error('no TLS handshake')));
    secured.once('secureConnect', () => {
      timer.cancel();
      resolve(secured);
    });
    secured.on('error', (error) => {
      timer.cancel();
      reject(new ConnectProblem(messageOf(error), codeOf(error) || 'tls', true));
    });
  });
}
