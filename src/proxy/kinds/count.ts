/**
 * Bursts of a fixed number of events, as from a bridge or worker that batches messages. Events are
 * those of an SSE stream; where the body is none, each read from the target counts as one.
 */
import { z } from 'zod';
import { EventDivider } from '../events.ts';
import { headers } from '../shared-settings.ts';
import { proxyKind } from '../buffer-model.ts';
import { Held, holding } from '../release.ts';

const schema = z
  .strictObject({
    kind: z.literal('count'),
    events: z.int().positive().describe('Events in each burst'),
    headers: headers().optional().describe('When the head goes out. Default with_first_burst'),
  })
  .describe('Bursts of a fixed number of events');

export const count = proxyKind(70, schema, (options) => ({
  response(upstream, context) {
    const held = new Held(context);
    const divider = new EventDivider(context.head.get('content-type'));
    let waiting = 0;
    if (options.headers === 'early') context.sendHead();
    return holding(upstream, held, (body) => {
      let from = 0;
      for (const boundary of divider.boundaries(body)) {
        waiting += 1;
        if (waiting < options.events) continue;
        waiting = 0;
        held.add(body.subarray(from, boundary));
        held.release();
        from = boundary;
      }
      held.add(body.subarray(from));
    });
  },
}));
