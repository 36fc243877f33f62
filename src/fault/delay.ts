/** Plain added delay: every byte arrives later by the same time, in order. */
import type { Fault, Pipe, PipeContext } from './fault.ts';

/**
 * @param oneWayMs - added in each direction; the round trip grows by twice this.
 */
export function delayFault(oneWayMs: number): Fault {
  let fired = 0;
  return {
    get fired() {
      return fired;
    },
    pipe(context: PipeContext): Pipe {
      const delayNs = oneWayMs * 1e6;
      return {
        write(bytes) {
          fired++;
          context.schedule(context.now() + delayNs, () => context.forward(bytes));
        },
        end() {
          context.schedule(context.now() + delayNs, () => context.forwardEnd());
        },
      };
    },
  };
}
