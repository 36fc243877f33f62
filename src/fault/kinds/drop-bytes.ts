/**
 * Deletes bytes from the stream. Not packet loss: TCP sends lost packets again, so that loss is delay
 * (see the fault `loss`). It stands for a broken proxy, and shows whether a gap is noticed at all.
 */
import { z } from 'zod';
import { sample, type Distribution } from '../../random/distribution.ts';
import { parsePercent } from '../../settings/units.ts';
import { defineFault, untouched } from '../definition.ts';
import type { Fault, Pipe, PipeContext } from '../fault.ts';
import { appliesTo, where, type Where } from '../direction.ts';
import { byteCounts, parseByteCounts, percent } from '../../settings/fields.ts';

export interface DropBytesOptions {
  /** Of writes that lose bytes, 0…1. */
  share: number;
  /** How many bytes in a row, at least 1; undefined: the whole write. */
  size: Distribution | undefined;
  direction?: Where | undefined;
}

/** `fired` counts writes that lost bytes. */
export function dropBytesFault(options: DropBytesOptions): Fault {
  let fired = 0;
  return {
    get fired() {
      return fired;
    },
    pipe(context: PipeContext): Pipe {
      if (!appliesTo(context.direction, options.direction)) return untouched(context);
      const { rng } = context;
      return {
        write(bytes) {
          if (bytes.length === 0 || rng() >= options.share) {
            context.forward(bytes);
            return;
          }
          fired++;
          const wanted = options.size
            ? Math.max(1, Math.round(sample(options.size, rng)))
            : Infinity;
          const count = Math.min(bytes.length, wanted);
          const from = Math.floor(rng() * (bytes.length - count + 1));
          context.discard(count);
          if (from > 0) context.forward(bytes.subarray(0, from));
          if (from + count < bytes.length) context.forward(bytes.subarray(from + count));
        },
        end: () => context.forwardEnd(),
      };
    },
  };
}

export const dropBytesDefinition = defineFault({
  kind: 'drop_bytes',
  place: 100,
  summary: 'deletes bytes in a share of writes; NOT packet loss, NOT something TCP does',
  models: 'a broken proxy or application that loses data; TLS connections break on it',
  keepsBytes: false,
  short: 'share',
  example: '{ share: 1%, size: 20B }',
  schema: z.strictObject({
    kind: z.literal('drop_bytes'),
    share: percent().describe('of writes that lose bytes'),
    size: byteCounts()
      .optional()
      .describe('bytes lost in a row: a size or a distribution; default: the whole write'),
    direction: where(),
  }),
  make: (spec) =>
    dropBytesFault({
      share: parsePercent(spec.share),
      size: spec.size === undefined ? undefined : parseByteCounts(spec.size),
      direction: spec.direction,
    }),
});
