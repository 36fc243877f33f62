/**
 * A TCP relay that sends the bytes between client and target through faults, each direction apart.
 * It never looks at the bytes itself, so TLS, SSE and WebSocket pass alike; a fault may.
 */
import * as net from 'node:net';
import { StreamgaugeError, codeOf, messageOf } from '../../errors.ts';
import { RealScheduler } from '../../timer/real-scheduler.ts';
import {
  newCounters,
  RelayedConnection,
  type ConnectionCounters,
  type ConnectionOptions,
  type EndingWaits,
} from './relayed-connection.ts';
import type { Direction } from '../direction.ts';
import type { Ending, Fault } from '../fault.ts';
import { tlsEnds, TlsEndError, type TlsTermination } from './tls-ends.ts';

export interface RelayOptions {
  target: { host: string; port: number };
  /** In the order in which bytes from either side meet them. */
  faults: readonly Fault[];
  /**
   * Round trip of the simulated path, ms; what a TCP handshake costs on it. Default: the sum of what
   * the faults say they add.
   */
  handshakeMs?: number;
  seed: string;
  /** Default: a free port on 127.0.0.1. */
  listen?: { host: string; port: number };
  /** Bytes under way per connection and direction, as a TCP window; default 4 MiB. */
  windowBytes?: number;
  /** How long the ends of a connection wait for each other; default: as on a real path. */
  waits?: Partial<EndingWaits>;
  /** TLS ends at the relay and begins again; without it, it passes untouched. */
  tls?: TlsTermination;
}

export interface RelayStats {
  connections: {
    total: number;
    open: number;
    /** Where the target could not be reached. */
    upstreamFailed: number;
    /** That could not be accepted, for want of file descriptors say. */
    acceptFailed: number;
    /** Clients that broke the TLS handshake with the relay off: they do not trust it, say. */
    tlsRefused: number;
    /** Why a client or the target last could not be connected over TLS. */
    tlsProblem: string | null;
  };
  /** Bytes that came from the one side, and that were handed to the other. */
  bytes: Record<Direction, { read: number; delivered: number }>;
  /** Connections ended by a fault or on demand, by how. */
  endings: Record<Ending, number>;
  /** How often each fault acted, in their order. */
  fired: number[];
}

export interface Relay {
  readonly port: number;
  close(): Promise<void>;
}

export interface RunningRelay extends Relay {
  readonly host: string;
  stats(): RelayStats;
  /**
   * Other faults, for new connections and, unless told otherwise, for running ones: what is under way
   * goes the old way, what comes later the new one, in order.
   */
  setFaults(faults: readonly Fault[], which?: 'all' | 'new'): void;
  /** Sets every count to 0 but that of open connections. `fired` belongs to the faults. */
  resetCounters(): void;
  /** Ends every open connection; says how many there were. */
  dropConnections(how: Ending): number;
}

/** Starts a relay. @throws StreamgaugeError where it cannot listen. */
export async function startRelay(options: RelayOptions): Promise<RunningRelay> {
  const scheduler = new RealScheduler();
  const connections = new Set<RelayedConnection>();
  const counters = newCounters();
  let { faults } = options;
  let number = 0;
  let countedFrom = 0;

  const roundTripMs = (): number =>
    options.handshakeMs ?? faults.reduce((sum, fault) => sum + (fault.roundTripMs ?? 0), 0);

  // A connection whose TLS ends here costs one round trip more: the handshake never crosses the path.
  const handshakes = options.tls ? 2 : 1;
  const openTls = options.tls && tlsEnds(options.tls, scheduler);
  const waiting = new Set<net.Socket>();
  let tlsProblem: string | null = null;

  function relay(ends: Pick<ConnectionOptions, 'client' | 'target' | 'reset'>, seed: string): void {
    const connection = new RelayedConnection(
      {
        ...ends,
        scheduler,
        counters,
        seed,
        handshakeMs: roundTripMs() * handshakes,
        windowBytes: options.windowBytes ?? 4 * 1024 ** 2,
        waits: options.waits,
        onGone: () => connections.delete(connection),
      },
      faults,
    );
    connections.add(connection);
  }

  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const seed = `${options.seed}/${number++}`;
    if (!openTls) {
      const target = net.connect({ ...options.target, noDelay: true, allowHalfOpen: true });
      relay({ client, target }, seed);
      return;
    }
    waiting.add(client);
    openTls(client, options.target).then(
      (ends) => {
        if (waiting.delete(client)) relay(ends, seed);
      },
      (error: unknown) => {
        if (!waiting.delete(client)) return;
        const ofTarget = error instanceof TlsEndError && error.side === 'target';
        if (ofTarget) counters.upstreamFailed++;
        else counters.tlsRefused++;
        tlsProblem = `${ofTarget ? 'target' : 'client'}: ${messageOf(error)}`;
      },
    );
  });

  const listen = options.listen ?? { host: '127.0.0.1', port: 0 };
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(listen, error)));
    server.listen(listen.port, listen.host, resolve);
  });
  // Out of file descriptors: that client is not served, the others are.
  server.on('error', () => counters.acceptFailed++);
  const address = server.address() as net.AddressInfo;
  return {
    port: address.port,
    host: address.address,
    stats: () => ({
      connections: {
        total: number - countedFrom,
        open: connections.size,
        upstreamFailed: counters.upstreamFailed,
        acceptFailed: counters.acceptFailed,
        tlsRefused: counters.tlsRefused,
        tlsProblem,
      },
      bytes: {
        client_to_target: bytesOf(counters, 'client_to_target'),
        target_to_client: bytesOf(counters, 'target_to_client'),
      },
      endings: { ...counters.endings },
      fired: faults.map((fault) => fault.fired),
    }),
    setFaults(next, which = 'all') {
      faults = next;
      if (which === 'all') for (const connection of connections) connection.replaceFaults(next);
    },
    resetCounters() {
      Object.assign(counters, newCounters());
      countedFrom = number;
      tlsProblem = null;
    },
    dropConnections(how) {
      const open = [...connections];
      for (const connection of open) connection.drop(how);
      return open.length;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const connection of connections) connection.destroy();
        for (const client of waiting) client.destroy();
        waiting.clear();
        scheduler.close();
      }),
  };
}

function bytesOf(
  counters: ConnectionCounters,
  direction: Direction,
): { read: number; delivered: number } {
  return { read: counters.read[direction], delivered: counters.delivered[direction] };
}

function cannotListen(listen: { host: string; port: number }, error: Error): StreamgaugeError {
  const inUse = codeOf(error) === 'EADDRINUSE';
  return new StreamgaugeError(
    inUse
      ? `port ${listen.port} on ${listen.host} is in use`
      : `cannot listen on ${listen.host}:${listen.port}: ${messageOf(error)}`,
    {
      code: inUse ? 'port-in-use' : 'relay-listen',
      exit: 'usage',
      hints: ['port 0 takes a free one'],
      cause: error,
    },
  );
}
