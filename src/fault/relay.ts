/**
 * A TCP relay that sends the bytes between client and target through faults, each direction apart.
 * It never looks at the bytes, so TLS, SSE and WebSocket pass alike.
 *
 * The kernel completes a client's TCP handshake with the relay at once. What the handshake would have
 * cost on the simulated path, one round trip, is charged to the first bytes of the connection.
 */
import * as net from 'node:net';
import { seededRng } from '../random/rng.ts';
import { StreamgaugeError, messageOf } from '../errors.ts';
import { RealScheduler } from '../timer/real-scheduler.ts';
import type { Direction, Fault, Pipe, PipeContext } from './fault.ts';

export interface RelayOptions {
  target: { host: string; port: number };
  faults: readonly Fault[];
  /** Round trip of the simulated path, ms; what a TCP handshake costs on it. */
  handshakeMs: number;
  seed: string;
}

export interface Relay {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts a relay on a free loopback port. @throws StreamgaugeError where it cannot listen. */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const scheduler = new RealScheduler();
  const sockets = new Set<net.Socket>();
  let connections = 0;

  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const number = connections++;
    const target = net.connect({ ...options.target, noDelay: true, allowHalfOpen: true });
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    const readyAt = scheduler.now() + options.handshakeMs * 1e6;
    couple(client, target, 'client_to_target', number, readyAt);
    couple(target, client, 'target_to_client', number, 0);
  });

  function couple(
    from: net.Socket,
    to: net.Socket,
    direction: Direction,
    number: number,
    notBefore: number,
  ): void {
    const pipe = chain(options.faults, direction, number, to);
    from.on('data', (bytes) => {
      const waitNs = notBefore - scheduler.now();
      if (waitNs > 0) scheduler.at(notBefore, () => pipe.write(bytes));
      else pipe.write(bytes);
    });
    from.on('end', () => pipe.end());
    from.on('error', () => {
      // A reset crosses the path as data does: behind what was sent before it.
      const oneWayNs = (options.handshakeMs / 2) * 1e6;
      scheduler.at(scheduler.now() + oneWayNs, () => {
        if (!to.destroyed) to.resetAndDestroy();
      });
    });
  }

  function chain(
    faults: readonly Fault[],
    direction: Direction,
    number: number,
    to: net.Socket,
  ): Pipe {
    let next: Pipe = {
      write: (bytes) => {
        if (!to.destroyed) to.write(bytes);
      },
      end: () => {
        if (!to.destroyed) to.end();
      },
    };
    // Built from the far end, so that the first fault sees the bytes first.
    for (const [index, fault] of [...faults.entries()].reverse()) {
      const far = next;
      const context: PipeContext = {
        direction,
        rng: seededRng(`${options.seed}/${number}/${direction}/${index}`),
        now: () => scheduler.now(),
        schedule: (atNs, action) => scheduler.at(atNs, action),
        connection: to,
        backPressure: () => {},
        endConnection: () => {},
        forward: (bytes) => far.write(bytes),
        forwardEnd: () => far.end(),
      };
      next = fault.pipe(context);
    }
    return next;
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new StreamgaugeError(`the network relay cannot listen: ${messageOf(error)}`, {
          code: 'relay-listen',
          cause: error,
        }),
      ),
    );
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address() as net.AddressInfo;
  return {
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        scheduler.close();
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
