/**
 * The fault seam: what happens to the bytes between client and target.
 *
 * A fault makes one `Pipe` per connection and direction. Pipes are chained by the relay, which owns
 * the sockets; a pipe sees bytes and hands them on, now or later, whole or in pieces. It may delay
 * and regroup, and it never loses or changes a byte unless its name says so.
 *
 * To add one, see docs/adding-a-fault.md.
 */
import type { Rng } from '../random/rng.ts';

export type Direction = 'client_to_target' | 'target_to_client';

/** What a pipe may use. Timers are the relay's, so that tests run on virtual time. */
export interface PipeContext {
  direction: Direction;
  rng: Rng;
  /** Monotonic ns. */
  now(): number;
  /** Runs `action` at a monotonic time, ns; at once if past. Never reorders equal times. */
  schedule(atNs: number, action: () => void): void;
  /** Hands bytes to the next pipe, or to the far socket. */
  forward(bytes: Uint8Array): void;
  /** Hands on the end of the stream (FIN), after everything forwarded before. */
  forwardEnd(): void;
}

export interface Pipe {
  write(bytes: Uint8Array): void;
  end(): void;
}

export interface Fault {
  /** How often it acted, for "a fault that never fired"; read after the run. */
  readonly fired: number;
  pipe(context: PipeContext): Pipe;
}
