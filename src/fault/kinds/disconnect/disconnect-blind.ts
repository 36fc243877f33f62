/**
 * Ends a share of connections by count and clock, without a look at the bytes: works through TLS and for
 * any protocol.
 */
import type { Where } from '../../direction.ts';
import type { Ending, Fault, PipeContext } from '../../fault.ts';
import { ConnectionMoment, type CountedMoment } from './connection-moment.ts';

export interface BlindOptions {
  how: Ending;
  moment: CountedMoment;
  /** Of connections, 0…1. */
  share: number;
  /** Whose bytes are counted. */
  direction: Where;
}

/** What the two pipes of a connection share. */
interface Shared {
  /** Undefined where the connection is not hit, and when it was. */
  moment: ConnectionMoment | undefined;
  /** Through it the connection ends by the clock: behind what the target has sent, where that is open. */
  context: PipeContext;
  openEnds: number;
}

/** `fired` counts connections ended. */
export function blindDisconnect({ how, moment, share, direction }: BlindOptions): Fault {
  let fired = 0;
  const connections = new WeakMap<object, Shared>();

  function finish(shared: Shared, context: PipeContext): void {
    shared.moment?.over();
    shared.moment = undefined;
    fired++;
    context.endConnection(how);
  }

  function begin(context: PipeContext): Shared {
    const shared: Shared = { moment: undefined, context, openEnds: 0 };
    if (context.rng() < share) {
      const byClock = (): void => finish(shared, shared.context);
      shared.moment = new ConnectionMoment(moment, direction, byClock);
      shared.moment.begins(context);
    }
    connections.set(context.connection, shared);
    return shared;
  }

  return {
    get fired() {
      return fired;
    },
    pipe(context) {
      const shared = connections.get(context.connection) ?? begin(context);
      shared.openEnds++;
      if (context.direction === 'target_to_client') shared.context = context;
      return {
        write(bytes) {
          const room = shared.moment?.comesAfter(bytes.length, context.direction, context);
          if (room === undefined) {
            context.forward(bytes);
            return;
          }
          if (room > 0) context.forward(bytes.subarray(0, room));
          finish(shared, context);
          // The answer continues where only the client's side was closed.
          if (bytes.length > room) context.forward(bytes.subarray(room));
        },
        end() {
          if (--shared.openEnds === 0) shared.moment?.over();
          context.forwardEnd();
        },
      };
    },
  };
}
