/**
 * Cuts every write into small pieces with gaps between them, so that a reader meets its frames split
 * at any byte: inside a UTF-8 character, inside the blank line that ends an event.
 */
import { z } from 'zod';
import { sample, type Distribution } from '../../random/distribution.ts';
import { defineFault, untouched } from '../definition.ts';
import type { Fault, Pipe, PipeContext } from '../fault.ts';
import { appliesTo, where, type Where } from '../direction.ts';
import { byteCounts, durations, parseByteCounts, parseDurations } from '../../settings/fields.ts';

export interface SlicerOptions {
  /** Bytes of each piece, at least 1. */
  size: Distribution;
  /** From one piece to the next, ms. */
  gapMs: Distribution;
  direction?: Where | undefined;
}

/** `fired` counts the cuts made. */
export function slicerFault(options: SlicerOptions): Fault {
  let fired = 0;
  return {
    get fired() {
      return fired;
    },
    // Small pieces make a slow line; the sender is stopped by the relay's bound, not by a queue here.
    pipe(context: PipeContext): Pipe {
      if (!appliesTo(context.direction, options.direction)) return untouched(context);
      let nextNs = 0;
      let waiting = 0;
      function release(action: () => void): void {
        const now = context.now();
        if (nextNs <= now && waiting === 0) {
          nextNs = now;
          action();
          return;
        }
        waiting++;
        context.schedule(Math.max(nextNs, now), () => {
          waiting--;
          action();
        });
        nextNs = Math.max(nextNs, now);
      }
      return {
        write(bytes) {
          for (let at = 0; at < bytes.length;) {
            const length = Math.max(1, Math.round(sample(options.size, context.rng)));
            const piece = bytes.subarray(at, at + length);
            if (at > 0) fired++;
            release(() => context.forward(piece));
            nextNs += sample(options.gapMs, context.rng) * 1e6;
            at += length;
          }
        },
        end: () => release(() => context.forwardEnd()),
      };
    },
  };
}

export const slicerDefinition = defineFault({
  kind: 'slicer',
  place: 70,
  summary: 'cuts writes into small pieces with gaps between them',
  models: 'senders that write in pieces, middleboxes that re-segment; parsers must not care',
  keepsBytes: true,
  short: 'size',
  example: '{ size: "uniform(1B, 40B)", gap: 2ms }',
  schema: z.strictObject({
    kind: z.literal('slicer'),
    size: byteCounts().describe('bytes of each piece: a size or a distribution'),
    gap: durations(['20ms', 'lognormal(20ms, 0.5)'])
      .optional()
      .describe(
        'from one piece to the next; default 1ms. With 0ms a reader may see pieces together',
      ),
    direction: where(),
  }),
  make: (spec) =>
    slicerFault({
      size: parseByteCounts(spec.size),
      gapMs: parseDurations(spec.gap ?? '1ms'),
      direction: spec.direction,
    }),
});
