/**
 * What the TCP handshake costs. The kernel completes a client's handshake with the relay immediately; the
 * round trip it would have taken on the simulated path is charged to the client's first bytes instead.
 */
import type { Fault } from '../fault.ts';

export function handshakeFault(roundTripMs: number): Fault {
  let fired = 0;
  return {
    get fired() {
      return fired;
    },
    pipe(context) {
      const readyNs = context.now() + roundTripMs * 1e6;
      let waiting = 0;
      function pass(action: () => void): void {
        if (waiting === 0 && context.now() >= readyNs) {
          action();
          return;
        }
        fired++;
        waiting++;
        context.schedule(readyNs, () => {
          waiting--;
          action();
        });
      }
      return {
        write: (bytes) => pass(() => context.forward(bytes)),
        end: () => pass(() => context.forwardEnd()),
      };
    },
  };
}
