/** Opens the connection of a probe: TCP, and TLS where the URL asks for it. */
import * as net from 'node:net';
import * as tls from 'node:tls';
import { codeOf, messageOf } from '../../errors.ts';
import { monotonicNow } from '../../world.ts';

export interface TlsSettings {
  rejectUnauthorized: boolean;
  /** PEM of a certificate authority to trust beside the usual ones. */
  ca: string | undefined;
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
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Connected> {
  const host = hostOf(url);
  const { socket, connectMs } = await openTcp(host, portOf(url), timeoutMs, signal);
  if (url.protocol !== 'https:') return { socket, connectMs };
  return { socket: await openTls(socket, host, protocols, tlsSettings, timeoutMs), connectMs };
}

function openTcp(
  host: string,
  port: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Connected> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, noDelay: true, signal });
    let startNs = monotonicNow();
    // The name's look-up is not part of the round trip.
    socket.once('lookup', () => (startNs = monotonicNow()));
    const timer = setTimeout(
      () => socket.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })),
      timeoutMs,
    );
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve({ socket, connectMs: (monotonicNow() - startNs) / 1e6 });
    });
    // Stays: without a listener a later error would end the process.
    socket.on('error', (error) => {
      clearTimeout(timer);
      reject(new ConnectProblem(messageOf(error) || codeOf(error), codeOf(error), false));
    });
  });
}

function openTls(
  socket: net.Socket,
  host: string,
  protocols: readonly string[],
  settings: TlsSettings,
  timeoutMs: number,
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
    const timer = setTimeout(() => secured.destroy(new Error('no TLS handshake')), timeoutMs);
    secured.once('secureConnect', () => {
      clearTimeout(timer);
      resolve(secured);
    });
    secured.on('error', (error) => {
      clearTimeout(timer);
      reject(new ConnectProblem(messageOf(error), codeOf(error) || 'tls', true));
    });
  });
}
