/** One relayed connection: two sockets, a path of faults each way, and how it all ends. */
import type * as net from 'node:net';
import type { Scheduled, Scheduler } from '../../timer/scheduler.ts';
import type { Direction } from '../direction.ts';
import type { Ending, Fault } from '../fault.ts';
import { handshakeFault } from './handshake.ts';
import { FaultPath } from './pipe-chain.ts';

/** How long the ends of a connection wait for each other. */
export interface EndingWaits {
  /** How long a side that was sent FIN may keep sending before it is reset, as a closed socket would. */
  lingerMs: number;
  /**
   * From the last bytes to a RST behind them. Some clients (libuv's) that find both together report an
   * end of the stream instead of a reset; on a real path the two rarely share one wake-up.
   */
  resetGapMs: number;
}

const defaultWaits: EndingWaits = { lingerMs: 2000, resetGapMs: 20 };
/** What a black hole swallows from each side before its window closes: a large receive buffer. */
const swallowedBytes = 1024 ** 2;
const nothing = new Uint8Array(0);

/** Counted over all connections of a relay. */
export interface ConnectionCounters {
  /** Connections to the target that failed. */
  upstreamFailed: number;
  acceptFailed: number;
  tlsRefused: number;
  read: Record<Direction, number>;
  delivered: Record<Direction, number>;
  /** Connections that a fault ended, by how. */
  endings: Record<Ending, number>;
}

export function newCounters(): ConnectionCounters {
  return {
    upstreamFailed: 0,
    acceptFailed: 0,
    tlsRefused: 0,
    read: { client_to_target: 0, target_to_client: 0 },
    delivered: { client_to_target: 0, target_to_client: 0 },
    endings: { fin: 0, rst: 0, half_close: 0, black_hole: 0, forget: 0, ws_close: 0 },
  };
}

export interface ConnectionOptions {
  client: net.Socket;
  target: net.Socket;
  scheduler: Scheduler;
  seed: string;
  /** What the TCP handshake would have cost on the simulated path, ms. */
  handshakeMs: number;
  counters: ConnectionCounters;
  /** Sends RST on one of the sockets; default: as plain TCP sockets do. */
  reset?: (socket: net.Socket) => void;
  /** Bytes that may be under way in each direction, queues of faults not counted. */
  windowBytes: number;
  waits?: Partial<EndingWaits> | undefined;
  onGone(): void;
}

/** One way through the connection, with the sockets' states as seen from it. */
interface Lane {
  direction: Direction;
  from: net.Socket;
  to: net.Socket;
  path: FaultPath;
  /** What the far socket gets when the end has come through. */
  endAs: 'fin' | 'rst' | 'closed';
  /** When the far socket was last given bytes. */
  deliveredNs: number;
  /** The end has come through. */
  delivered: boolean;
  /** A fault's queue is full. */
  full: boolean;
  paused: boolean;
  swallowed: number;
}

/** `open`: bytes go through. Otherwise what is read is thrown away, and what comes then differs. */
type State = 'open' | 'ended' | 'black_hole' | 'forget';

export class RelayedConnection {
  private readonly options: ConnectionOptions;
  private readonly waits: EndingWaits;
  private readonly up: Lane;
  private readonly down: Lane;
  private state: State = 'open';
  private limitBytes = 0;
  private oneWayNs = 0;
  private gone = false;
  private readonly timers: Scheduled[] = [];

  constructor(options: ConnectionOptions, faults: readonly Fault[]) {
    this.options = options;
    this.waits = { ...defaultWaits, ...options.waits };
    this.setLimits(faults);
    const { client, target } = options;
    const { handshakeMs } = options;
    this.up = this.lane(
      'client_to_target',
      client,
      target,
      handshakeMs > 0 ? [handshakeFault(handshakeMs), ...faults] : faults,
    );
    this.down = this.lane('target_to_client', target, client, faults);
    this.listen(this.up);
    this.listen(this.down);
    let connected = !target.connecting;
    target.once('connect', () => (connected = true));
    target.once('error', () => {
      if (!connected) options.counters.upstreamFailed++;
    });
  }

  /** Sends what comes from now on through other faults. */
  replaceFaults(faults: readonly Fault[]): void {
    this.setLimits(faults);
    this.up.path.replace(faults);
    this.down.path.replace(faults);
    this.regulate(this.up);
    this.regulate(this.down);
  }

  /** Ends it immediately, as if a fault directly at each socket had. */
  drop(how: Ending): void {
    if (this.state !== 'open') {
      this.destroy();
      return;
    }
    this.endConnection(how, this.up);
    if (how !== 'half_close') this.up.path.close();
    if (how === 'fin' || how === 'rst') this.endSocket(this.options.target, how);
  }

  destroy(): void {
    this.options.client.destroy();
    this.options.target.destroy();
    this.finish();
  }

  private setLimits(faults: readonly Fault[]): void {
    const queues = faults.reduce((sum, fault) => sum + (fault.queueBytes ?? 0), 0);
    this.limitBytes = this.options.windowBytes + queues;
    this.oneWayNs = faults.reduce((sum, fault) => sum + (fault.roundTripMs ?? 0) * 5e5, 0);
  }

  private lane(
    direction: Direction,
    from: net.Socket,
    to: net.Socket,
    faults: readonly Fault[],
  ): Lane {
    const { counters, scheduler, seed } = this.options;
    const path = new FaultPath(
      {
        direction,
        scheduler,
        seed,
        connection: this,
        deliver: (bytes) => {
          if (!to.writable) return;
          counters.delivered[direction] += bytes.length;
          lane.deliveredNs = scheduler.now();
          to.write(bytes);
          if (lane.paused || to.writableNeedDrain) this.regulate(lane);
        },
        deliverEnd: () => this.deliverEnd(lane),
        backPressure: (on) => {
          lane.full = on;
          this.regulate(lane);
        },
        endConnection: (how) => this.endConnection(how, lane),
      },
      faults,
    );
    const lane: Lane = {
      direction,
      from,
      to,
      path,
      endAs: 'fin',
      deliveredNs: Number.NEGATIVE_INFINITY,
      delivered: false,
      full: false,
      paused: false,
      swallowed: 0,
    };
    return lane;
  }

  private listen(lane: Lane): void {
    const { from, to, path, direction } = lane;
    const { counters } = this.options;
    from.on('data', (bytes) => {
      counters.read[direction] += bytes.length;
      if (this.state !== 'open') {
        this.swallow(lane, bytes.length);
        return;
      }
      path.write(bytes);
      if (path.held > this.limitBytes) this.regulate(lane);
    });
    from.on('end', () => {
      if (this.state === 'forget') this.endSocket(from, 'rst');
      else if (this.state === 'open') path.end();
    });
    // A reset crosses the path as data does: behind what was sent before it.
    from.on('error', () => {
      if (this.state !== 'open') return;
      lane.endAs = 'rst';
      if (!lane.delivered) path.end();
      else this.later(this.oneWayNs, () => this.endSocket(to, 'rst'));
    });
    from.on('close', () => {
      if (from.destroyed && to.destroyed) this.finish();
    });
    to.on('drain', () => this.regulate(lane));
  }

  /** Lets the source send, or not: TCP's flow control then reaches the sender. */
  private regulate(lane: Lane): void {
    if (this.state !== 'open') return;
    const stop = lane.full || lane.to.writableNeedDrain || lane.path.held > this.limitBytes;
    if (stop === lane.paused) return;
    lane.paused = stop;
    if (stop) lane.from.pause();
    else lane.from.resume();
  }

  private deliverEnd(lane: Lane): void {
    if (lane.delivered) return;
    lane.delivered = true;
    if (lane.endAs === 'fin') lane.to.end();
    else this.endSocket(lane.to, lane.endAs === 'rst' ? 'rst' : 'fin');
  }

  /** A fault on `lane` ends the connection. */
  private endConnection(how: Ending, lane: Lane): void {
    // Asked for by both directions; each ends behind what was put into it.
    if (how === 'ws_close') lane.endAs = 'closed';
    if (this.state !== 'open') return;
    this.options.counters.endings[how]++;
    if (how === 'half_close') {
      this.up.path.end();
      return;
    }
    if (how === 'ws_close') {
      this.state = 'ended';
      this.readOn(this.up);
      this.readOn(this.down);
      return;
    }
    const other = lane === this.up ? this.down : this.up;
    other.path.close();
    this.readOn(lane);
    this.readOn(other);
    if (how === 'black_hole' || how === 'forget') {
      this.state = how;
      return;
    }
    this.state = 'ended';
    lane.endAs = how === 'rst' ? 'rst' : 'closed';
    this.endSocket(lane.from, how);
  }

  /** What a side sends after the connection's end must be read, or its own end is never seen. */
  private readOn(lane: Lane): void {
    lane.paused = false;
    lane.from.resume();
  }

  private swallow(lane: Lane, byteCount: number): void {
    if (this.state === 'forget') {
      this.endSocket(lane.from, 'rst');
      return;
    }
    lane.swallowed += byteCount;
    if (this.state === 'black_hole' && lane.swallowed > swallowedBytes) lane.from.pause();
  }

  private endSocket(socket: net.Socket, how: 'fin' | 'rst'): void {
    if (socket.destroyed) return;
    if (how === 'rst') {
      this.reset(socket);
      return;
    }
    socket.end();
    this.later(this.waits.lingerMs * 1e6, () => socket.destroy());
  }

  /** RST throws away what has not left yet, so it goes behind that; unless the other side does not read. */
  private reset(socket: net.Socket): void {
    const lane = socket === this.options.client ? this.down : this.up;
    const resetGapNs = this.waits.resetGapMs * 1e6;
    const gapNs = lane.deliveredNs + resetGapNs - this.options.scheduler.now();
    const now = (): void => {
      if (socket.destroyed) return;
      if (this.options.reset) this.options.reset(socket);
      else socket.resetAndDestroy();
    };
    if (socket.writableLength > 0) {
      socket.write(nothing, () => this.later(resetGapNs, now));
      this.later(this.waits.lingerMs * 1e6, now);
    } else if (gapNs > 0) this.later(gapNs, now);
    else now();
  }

  private later(afterNs: number, action: () => void): void {
    const { scheduler } = this.options;
    this.timers.push(scheduler.at(scheduler.now() + afterNs, action));
  }

  private finish(): void {
    if (this.gone) return;
    this.gone = true;
    this.up.path.close();
    this.down.path.close();
    for (const timer of this.timers) timer.cancel();
    this.options.onGone();
  }
}
