/** The ways in which a client can leave a socket, and what happens to sockets that it keeps. */
import type * as net from 'node:net';
import type { LeaveHow } from './transport.ts';

/** Something that stays open although its session is over. */
interface Parked {
  destroy(): unknown;
  readonly destroyed: boolean;
}

/**
 * Connections that were left without being closed (`half_close`, `black_hole`): they must outlive
 * their sessions, and end with the arm.
 */
export class ParkedConnections {
  private readonly parked = new Set<Parked>();

  keep(connection: Parked): void {
    this.parked.add(connection);
    // Those that the peer has ended meanwhile need not be remembered.
    if (this.parked.size % 256 !== 0) return;
    for (const one of this.parked) if (one.destroyed) this.parked.delete(one);
  }

  get size(): number {
    return this.parked.size;
  }

  closeAll(): void {
    for (const one of this.parked) one.destroy();
    this.parked.clear();
  }
}

/** The handle of the TCP connection below a TLS socket: Node has it, under names of its own. */
function handleBelowTls(socket: net.Socket): { reset?(done: () => void): number } | undefined {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null) return undefined;
  return Reflect.get(handle, '_parent') as { reset?(done: () => void): number } | undefined;
}

/**
 * Ends a connection with an RST. Node resets plain TCP sockets only, so under TLS the handle below is
 * taken; it has no public name.
 */
export function resetSocket(socket: net.Socket): void {
  if (!('encrypted' in socket)) {
    socket.resetAndDestroy();
    return;
  }
  resetBelowTls(socket);
  socket.destroy();
}

/** The RST alone: for a TLS socket that other code will destroy. */
export function resetBelowTls(socket: net.Socket): void {
  handleBelowTls(socket)?.reset?.(() => {});
}

/**
 * Leaves a socket. WebSocket and HTTP/2 say goodbye in their own frames before; here it is the
 * connection that is left.
 *
 * @param parked - takes the socket where it stays open; without it nothing but the peer ends it.
 */
export function leaveSocket(
  socket: net.Socket,
  how: LeaveHow,
  parked: ParkedConnections | undefined,
): void {
  switch (how) {
    case 'rst':
      resetSocket(socket);
      return;
    case 'half_close':
      // What still comes is read and dropped.
      socket.end();
      parked?.keep(socket);
      return;
    case 'black_hole':
      socket.pause();
      parked?.keep(socket);
      return;
    case 'close':
    case 'fin':
    case 'ws_close':
    case 'h2_reset':
      socket.destroy();
  }
}
