/** Plain added delay: every byte arrives later by the same time, in order. Stands for distance. */
import { z } from 'zod';
import { parseDuration } from '../../settings/units.ts';
import { defineFault, untouched } from '../definition.ts';
import type { Fault, Pipe, PipeContext } from '../fault.ts';
import { appliesTo, where, type Where } from '../direction.ts';
import { duration, exactlyOneOf } from '../../settings/fields.ts';

/**
 * @param oneWayMs - added in each direction it applies to.
 */
export function delayFault(oneWayMs: number, where: Where = 'both'): Fault {
  let fired = 0;
  const delayNs = oneWayMs * 1e6;
  return {
    get fired() {
      return fired;
    },
    roundTripMs: where === 'both' ? 2 * oneWayMs : oneWayMs,
    pipe(context: PipeContext): Pipe {
      if (!appliesTo(context.direction, where)) return untouched(context);
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

export const delayDefinition = defineFault({
  kind: 'delay',
  place: 10,
  summary: 'every byte arrives later by the same time',
  models: 'distance: propagation and fixed processing on the way',
  keepsBytes: true,
  short: 'one_way',
  example: '{ rtt: 50ms }',
  schema: z
    .strictObject({
      kind: z.literal('delay'),
      one_way: duration(['50ms']).optional().describe('added in each direction it applies to'),
      rtt: duration(['50ms']).optional().describe('added to the round trip, half of it each way'),
      direction: where(),
    })
    .superRefine(exactlyOneOf('one_way', 'rtt'))
    .refine((spec) => spec.rtt === undefined || (spec.direction ?? 'both') === 'both', {
      path: ['direction'],
      message: 'a round trip goes both ways; use one_way with a direction',
    }),
  make: (spec) =>
    spec.rtt === undefined
      ? delayFault(parseDuration(spec.one_way!), spec.direction)
      : delayFault(parseDuration(spec.rtt) / 2),
});
