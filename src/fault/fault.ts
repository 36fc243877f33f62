/**
 * The fault seam: what happens to the bytes between client and target.
 *
 * A fault makes one `Pipe` per connection and direction. Pipes are chained by the relay, which owns
 * the sockets; a pipe sees bytes and passes them on, now or later, whole or in pieces. It may delay
 * and regroup, and it never loses or changes a byte unless its name says so. It may also ask for its
 * connection to end in a certain way.
 *
 * To add one, see docs/adding-a-fault.md.
 */
import type { Rng } from '../random/rng.ts';
import type { Scheduled } from '../timer/scheduler.ts';
import type { Direction } from './direction.ts';

/**
 * How a fault may end its connection:
 *
 * - `fin`: both sides get FIN, as from a proxy that closes properly.
 * - `rst`: both sides get RST.
 * - `half_close`: the target gets FIN, as if the client had finished sending; the answer continues.
 * - `black_hole`: no FIN, no RST, and nothing passes any more either way.
 * - `forget`: as a middlebox that dropped its state: silence, and RST to the side that sends next.
 * - `ws_close`: both sides get what the fault has put in for them (a WebSocket close frame), then FIN;
 *   asked for by the pipes of both directions.
 */
export type Ending = 'fin' | 'rst' | 'half_close' | 'black_hole' | 'forget' | 'ws_close';

/** What a pipe may use. Timers are the relay's, so that tests run on virtual time. */
export interface PipeContext {
  direction: Direction;
  /** Seeded by relay, connection, direction and the fault's place in the list. */
  rng: Rng;
  /**
   * The same object for both directions of one connection, of no use but as a key: a fault that must
   * know both directions keeps what they share in a WeakMap. The pipe from client to target is made
   * first.
   */
  connection: object;
  /** Monotonic ns. */
  now(): number;
  /**
   * Runs `action` at a monotonic time, ns; soon if past. Never reorders equal times. What is still
   * waiting when the connection is gone is cancelled.
   */
  schedule(atNs: number, action: () => void): Scheduled;
  /** Hands bytes to the next pipe, or to the far socket. */
  forward(bytes: Uint8Array): void;
  /** As `forward`, for bytes that the source never sent; only for faults that speak its protocol. */
  inject(bytes: Uint8Array): void;
  /** Passes on the end of the stream (FIN), after everything forwarded before. */
  forwardEnd(): void;
  /** Says that bytes it was given will never be forwarded; only for faults whose name says so. */
  discard(byteCount: number): void;
  /**
   * Asks the source to stop (true) or to continue (false). A pipe whose queue is full says so; what is
   * already under way still comes. Idempotent.
   */
  backPressure(on: boolean): void;
  /**
   * Ends the connection. The side that this direction leads to is told after the bytes already
   * forwarded, the other side immediately. Nothing that this pipe forwards later passes.
   */
  endConnection(how: Ending): void;
}

export interface Pipe {
  write(bytes: Uint8Array): void;
  end(): void;
}

export interface Fault {
  /** How often it acted, for "a fault that never fired"; read after the run. */
  readonly fired: number;
  /** What it adds to the round trip of an idle path, ms; a TCP handshake costs the sum. Default 0. */
  readonly roundTripMs?: number;
  /** Bytes its queue may hold per direction because holding them is its point. Default 0. */
  readonly queueBytes?: number;
  /** What a modelled sender put on the wire, for faults that have one; both directions together. */
  readonly traffic?: Readonly<Traffic> | undefined;
  pipe(context: PipeContext): Pipe;
}

/** What a stream cost on its way. Bytes are those of the stream, without any headers. */
export interface Traffic {
  packets: number;
  /** Copies and retransmissions included. */
  bytes: number;
  /** What was to be carried. */
  streamBytes: number;
}
