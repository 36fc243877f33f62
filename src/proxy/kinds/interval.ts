/**
 * A buffer flushed some time after the first byte went into it, as Go's ReverseProxy does with
 * FlushInterval (Traefik: 100 ms where the response is not a known stream).
 */
import { z } from 'zod';
import type { Scheduled } from '../../timer/scheduler.ts';
import { parseDuration } from '../../settings/units.ts';
import { someTime } from '../../settings/fields.ts';
import { headers } from '../shared-settings.ts';
import { proxyKind } from '../buffer-model.ts';
import { Held, holding } from '../release.ts';

const schema = z
  .strictObject({
    kind: z.literal('interval'),
    period: someTime(['200ms']).describe('From the first byte held to the flush'),
    headers: headers().optional().describe('When the head goes out. Default with_first_burst'),
  })
  .describe('Bursts of a fixed period');

export const interval = proxyKind(60, schema, (options) => {
  const periodNs = parseDuration(options.period) * 1e6;
  return {
    response(upstream, context) {
      const held = new Held(context);
      let timer: Scheduled | undefined;
      if (options.headers === 'early') context.sendHead();
      return holding(
        upstream,
        held,
        (body) => {
          held.add(body);
          if (held.bytes === 0) return;
          timer ??= context.schedule(context.now() + periodNs, () => {
            timer = undefined;
            held.release();
          });
        },
        () => timer?.cancel(),
      );
    },
  };
});
