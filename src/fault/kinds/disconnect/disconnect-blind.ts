/**
 * Ends a share of connections by count and clock, without a look at the bytes: works through TLS and for
 * any protocol.
 */
import type { Scheduled } from '../../../timer/scheduler.ts';
import type { Ending, Fault, Pipe, PipeContext } from '../../fault.ts';
import { appliesTo, type Where, type Direction } from '../../direction.ts';

/** When a connection ends. */
export type BlindMoment =
  /** Exactly so many bytes have passed. */
  | { kind: 'bytes'; bytes: number }
  /** So long after the first byte, whether data flows or not. */
  | { kind: 'time'; ms: number }
  /** Nothing has passed for so long. */
  | { kind: 'idle'; ms: number }
  /** The target's first byte is there, and is not passed on. */
  | { kind: 'first_byte' };

export interface BlindOptions {
  how: Ending;
  moment: BlindMoment;
  /** Of connections, 0…1. */
  share: number;
  /** Whose bytes are counted. */
  direction: Where;
}

/** What the two pipes of a connection share. */
interface Watched {
  chosen: boolean;
  done: boolean;
  passed: number;
  lastNs: number;
  openEnds: number;
  timer: Scheduled | undefined;
  contexts: Partial<Record<Direction, PipeContext>>;
}

/** `fired` counts connections ended. */
export function blindDisconnect({ how, moment, share, direction }: BlindOptions): Fault {
  let fired = 0;
  const connections = new WeakMap<object, Watched>();

  function watch(context: PipeContext): Watched {
    let watched = connections.get(context.connection);
    if (!watched) {
      watched = {
        chosen: context.rng() < share,
        done: false,
        passed: 0,
        lastNs: context.now(),
        openEnds: 0,
        timer: undefined,
        contexts: {},
      };
      connections.set(context.connection, watched);
    }
    watched.contexts[context.direction] = context;
    watched.openEnds++;
    return watched;
  }

  function finish(watched: Watched, context: PipeContext): void {
    if (watched.done) return;
    watched.done = true;
    watched.timer?.cancel();
    fired++;
    context.endConnection(how);
  }

  /** For endings by the clock: the client learns of them behind what the target has sent. */
  function byClock(watched: Watched, context: PipeContext): void {
    finish(watched, watched.contexts.target_to_client ?? context);
  }

  function armIdle(watched: Watched, context: PipeContext, ms: number): void {
    watched.timer = context.schedule(watched.lastNs + ms * 1e6, () => {
      if (context.now() >= watched.lastNs + ms * 1e6) byClock(watched, context);
      else armIdle(watched, context, ms);
    });
  }

  return {
    get fired() {
      return fired;
    },
    pipe(context: PipeContext): Pipe {
      const watched = watch(context);
      const counts = appliesTo(context.direction, direction);
      if (watched.chosen && moment.kind === 'idle' && !watched.timer) {
        armIdle(watched, context, moment.ms);
      }

      function write(bytes: Uint8Array): void {
        if (!watched.chosen || watched.done || !counts || bytes.length === 0) {
          context.forward(bytes);
          return;
        }
        switch (moment.kind) {
          case 'bytes': {
            const room = moment.bytes - watched.passed;
            watched.passed += bytes.length;
            if (bytes.length < room) {
              context.forward(bytes);
              return;
            }
            if (room > 0) context.forward(bytes.subarray(0, room));
            finish(watched, context);
            // The answer goes on where only the client's side was closed.
            if (bytes.length > room) context.forward(bytes.subarray(room));
            return;
          }
          case 'first_byte':
            finish(watched, context);
            context.forward(bytes);
            return;
          case 'time':
            watched.timer ??= context.schedule(context.now() + moment.ms * 1e6, () =>
              byClock(watched, context),
            );
            break;
          case 'idle':
            watched.lastNs = context.now();
        }
        context.forward(bytes);
      }

      return {
        write,
        end() {
          watched.openEnds--;
          if (watched.openEnds === 0) {
            watched.timer?.cancel();
            watched.done = true;
          }
          context.forwardEnd();
        },
      };
    },
  };
}
