/**
 * Changes bytes. Not what TCP delivers: its checksum and the link's catch nearly all damage. It stands
 * for defective memory or a middlebox that rewrites payloads, and shows what a parser does with it.
 */
import { z } from 'zod';
import { parsePercent } from '../../settings/units.ts';
import { defineFault, untouched } from '../definition.ts';
import type { Fault, Pipe, PipeContext } from '../fault.ts';
import { appliesTo, where, type Where } from '../direction.ts';
import { percent } from '../../settings/fields.ts';

/** @param share - of writes in which one byte is changed, 0…1. `fired` counts changed bytes. */
export function corruptFault(share: number, where: Where = 'both'): Fault {
  let fired = 0;
  return {
    get fired() {
      return fired;
    },
    pipe(context: PipeContext): Pipe {
      if (!appliesTo(context.direction, where)) return untouched(context);
      const { rng } = context;
      return {
        write(bytes) {
          if (bytes.length === 0 || rng() >= share) {
            context.forward(bytes);
            return;
          }
          fired++;
          const changed = Uint8Array.from(bytes);
          const at = Math.floor(rng() * bytes.length);
          // Never by 0, which would change nothing.
          changed[at]! ^= 1 + Math.floor(rng() * 255);
          context.forward(changed);
        },
        end: () => context.forwardEnd(),
      };
    },
  };
}

export const corruptDefinition = defineFault({
  kind: 'corrupt',
  place: 90,
  summary: 'changes one byte in a share of writes; NOT something TCP does',
  models: 'defective hardware or a middlebox that rewrites payloads; TLS connections break on it',
  keepsBytes: false,
  short: 'share',
  example: '{ share: 1% }',
  schema: z.strictObject({
    kind: z.literal('corrupt'),
    share: percent().describe('of writes in which one byte is changed'),
    direction: where(),
  }),
  make: (spec) => corruptFault(parsePercent(spec.share), spec.direction),
});
