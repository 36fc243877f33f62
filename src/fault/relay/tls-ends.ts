/**
 * A relayed connection whose TLS ends at the relay, with a separate TLS connection on either side, so that faults can look inside.
 * The target is offered what the client offers (ALPN), and the client gets what the target chose.
 */
import * as net from 'node:net';
import * as tls from 'node:tls';
import type { Scheduler } from '../../timer/scheduler.ts';
import { after } from '../../timer/waiting.ts';
import { offeredProtocols } from '../../wire/client-hello.ts';

export interface TlsTermination {
  /** PEM; what clients of the relay see, and have to trust. */
  certificate: { cert: string; key: string };
  /** Whose certificate the target must show: a name, or an address. */
  targetName: string;
  /** PEM of the authority to trust for that; default: the usual ones. */
  ca?: string | undefined;
  /** Default true. */
  rejectUnauthorized?: boolean;
}

export interface TlsEnds {
  client: tls.TLSSocket;
  target: tls.TLSSocket;
  /** RST, past TLS. */
  reset(socket: net.Socket): void;
}

/** Which side failed, and why. */
export class TlsEndError extends Error {
  readonly side: 'client' | 'target';

  constructor(side: 'client' | 'target', cause: Error) {
    super(cause.message, { cause });
    this.side = side;
  }
}

const handshakeTimeoutMs = 10_000;

export type OpenTlsEnds = (
  client: net.Socket,
  address: { host: string; port: number },
) => Promise<TlsEnds>;

export function tlsEnds(options: TlsTermination, time: Scheduler): OpenTlsEnds {
  const { certificate, ca } = options;
  const secureContext = tls.createSecureContext(certificate);
  const trusted = tls.createSecureContext(ca === undefined ? {} : { ca });
  return async (client, address) => {
    let raw: net.Socket | undefined;
    try {
      const offered = await side<string[]>(time, 'client', client, (done) =>
        readOffer(client, done),
      );
      const plain = net.connect({ ...address, noDelay: true, allowHalfOpen: true });
      raw = plain;
      const target = await side<tls.TLSSocket>(time, 'target', plain, (done) => {
        const socket = connectTls(plain, offered, trusted, options);
        socket.once('secureConnect', () => done(socket));
        return socket;
      });
      const chosen = target.alpnProtocol;
      const near = await side<tls.TLSSocket>(time, 'client', client, (done) => {
        const socket = new tls.TLSSocket(client, {
          isServer: true,
          secureContext,
          ...(typeof chosen === 'string' ? { ALPNProtocols: [chosen] } : {}),
        });
        socket.once('secure', () => done(socket));
        return socket;
      });
      return {
        client: near,
        target,
        reset(socket) {
          (socket === near ? client : plain).resetAndDestroy();
          socket.destroy();
        },
      };
    } catch (error) {
      client.destroy();
      raw?.destroy();
      throw error;
    }
  };
}

/** Waits for one step, an error of its socket, its end, or the time limit. */
function side<T>(
  time: Scheduler,
  name: 'client' | 'target',
  plain: net.Socket,
  step: (done: (value: T) => void) => net.Socket,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      settled();
      reject(new TlsEndError(name, error));
    };
    const closed = (): void => fail(new Error('closed during the TLS handshake'));
    const timer = after(time, handshakeTimeoutMs, () =>
      fail(new Error(`no TLS handshake within ${handshakeTimeoutMs / 1000} s`)),
    );
    const watched = new Set<net.Socket>();
    const settled = (): void => {
      timer.cancel();
      for (const socket of watched) {
        socket.off('close', closed);
        socket.off('error', fail);
        // What comes later is for the code that has the socket then; until then it must not throw.
        socket.on('error', () => {});
      }
    };
    const watch = (socket: net.Socket): void => {
      watched.add(socket);
      socket.on('error', fail);
      socket.on('close', closed);
    };
    if (plain.destroyed) {
      closed();
      return;
    }
    watch(plain);
    const used = step((value) => {
      settled();
      resolve(value);
    });
    if (used !== plain) watch(used);
  });
}

/** Reads the client's hello, and gives it back to the socket. */
function readOffer(client: net.Socket, done: (offered: string[]) => void): net.Socket {
  let bytes = Buffer.alloc(0);
  const read = (piece: Buffer): void => {
    bytes = Buffer.concat([bytes, piece]);
    try {
      const offered = offeredProtocols(bytes);
      if (!offered) return;
      client.off('data', read);
      client.pause();
      client.unshift(bytes);
      done(offered);
    } catch (error) {
      client.emit('error', error);
    }
  };
  client.on('data', read);
  return client;
}

function connectTls(
  raw: net.Socket,
  offered: readonly string[],
  secureContext: tls.SecureContext,
  { targetName, rejectUnauthorized = true }: TlsTermination,
): tls.TLSSocket {
  return tls.connect({
    socket: raw,
    host: targetName,
    // A name, never an address (RFC 6066, section 3).
    ...(net.isIP(targetName) ? {} : { servername: targetName }),
    rejectUnauthorized,
    secureContext,
    ...(offered.length === 0 ? {} : { ALPNProtocols: [...offered] }),
  });
}
