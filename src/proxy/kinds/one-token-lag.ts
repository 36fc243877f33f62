/**
 * Each event waits for the next one, and the last for the end: an intermediary that holds the tail of
 * a chunk until more comes, a compressor that keeps its last symbols, an application that flushes
 * before it writes. Every token is late by exactly one gap.
 */
import { z } from 'zod';
import { EventDivider } from '../events.ts';
import { proxyKind } from '../buffer-model.ts';
import { Held, holding } from '../release.ts';

const schema = z
  .strictObject({ kind: z.literal('one-token-lag') })
  .describe('Each event comes with the next one; the last at the end');

export const oneTokenLag = proxyKind(90, schema, () => ({
  response(upstream, context) {
    const held = new Held(context);
    const divider = new EventDivider(context.head.get('content-type'));
    /** Whether a complete event is held. */
    let whole = false;
    context.sendHead();
    return holding(upstream, held, (body) => {
      let from = 0;
      const boundaries = divider.boundaries(body);
      for (const boundary of boundaries) {
        if (whole) held.release();
        held.add(body.subarray(from, boundary));
        whole = true;
        from = boundary;
      }
      if (from < body.length) {
        // The next event has begun.
        if (whole) held.release();
        whole = false;
        held.add(body.subarray(from));
      }
    });
  },
}));
