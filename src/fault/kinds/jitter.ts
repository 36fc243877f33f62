/**
 * Delay that varies from write to write. A later write never overtakes an earlier one, as bytes of one
 * TCP connection do not: it arrives at the same time instead.
 */
import { z } from 'zod';
import { sample, type Distribution } from '../../random/distribution.ts';
import { defineFault, untouched } from '../definition.ts';
import type { Fault, Pipe, PipeContext } from '../fault.ts';
import { appliesTo, where, type Where } from '../direction.ts';
import { durations, parseDurations } from '../../settings/fields.ts';

/**
 * @param extraMs - one draw for each write.
 */
export function jitterFault(extraMs: Distribution, where: Where = 'both'): Fault {
  let fired = 0;
  return {
    get fired() {
      return fired;
    },
    pipe(context: PipeContext): Pipe {
      if (!appliesTo(context.direction, where)) return untouched(context);
      let releasedNs = 0;
      return {
        write(bytes) {
          const now = context.now();
          releasedNs = Math.max(releasedNs, now + sample(extraMs, context.rng) * 1e6);
          if (releasedNs > now) fired++;
          context.schedule(releasedNs, () => context.forward(bytes));
        },
        end() {
          releasedNs = Math.max(releasedNs, context.now());
          context.schedule(releasedNs, () => context.forwardEnd());
        },
      };
    },
  };
}

export const jitterDefinition = defineFault({
  kind: 'jitter',
  place: 20,
  summary: 'every write arrives later by a random time, never out of order',
  models: 'queues of other traffic on the way, radio scheduling',
  keepsBytes: true,
  short: 'extra',
  example: '{ extra: "lognormal(8ms, 0.7)" }',
  schema: z.strictObject({
    kind: z.literal('jitter'),
    extra: durations(['20ms', 'lognormal(20ms, 0.5)']).describe(
      'delay added to each write: a duration or a distribution such as uniform(0ms, 20ms), normal(10ms, 3ms), lognormal(8ms, 0.7), gamma(20ms, 0.5), pareto(2ms, 2)',
    ),
    direction: where(),
  }),
  make: (spec) => jitterFault(parseDurations(spec.extra), spec.direction),
});
