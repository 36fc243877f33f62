/**
 * A buffer that is flushed when it is full: an application server's write buffer (8 KiB in many), a
 * runtime's copy buffer (32 KiB), a CDN's. What is over stays for the next burst.
 */
import { z } from 'zod';
import { parseBytes } from '../../settings/units.ts';
import { someBytes } from '../../settings/fields.ts';
import { headers } from '../shared-settings.ts';
import { proxyKind } from '../buffer-model.ts';
import { Held, holding } from '../release.ts';

const schema = z
  .strictObject({
    kind: z.literal('size'),
    bytes: someBytes().describe('Size of the buffer'),
    headers: headers().optional().describe('When the head goes out. Default with_first_burst'),
  })
  .describe('Bursts of a fixed number of bytes');

export const size = proxyKind(50, schema, (options) => {
  const full = parseBytes(options.bytes);
  return {
    response(upstream, context) {
      const held = new Held(context);
      if (options.headers === 'early') context.sendHead();
      return holding(upstream, held, (body) => {
        let rest = body;
        while (held.bytes + rest.length >= full) {
          const take = full - held.bytes;
          held.add(rest.subarray(0, take));
          held.release();
          rest = rest.subarray(take);
        }
        held.add(rest);
      });
    },
  };
});
