/**
 * An intermediary that takes in the whole answer, then sends it with its length: an API gateway or
 * function without response streaming, a buffering middleware, a filter that inspects whole bodies,
 * Varnish with do_stream off.
 */
import { z } from 'zod';
import { parseBytes } from '../../settings/units.ts';
import { someBytes } from '../../settings/fields.ts';
import { proxyKind } from '../buffer-model.ts';
import { Held } from '../release.ts';

const schema = z
  .strictObject({
    kind: z.literal('store-and-forward'),
    limit: someBytes()
      .optional()
      .describe('A longer answer becomes a 502, as at a gateway. Default 64MiB'),
  })
  .describe('The whole answer at its end, with Content-Length');

export const storeAndForward = proxyKind(40, schema, (options) => {
  const limit = parseBytes(options.limit ?? '64MiB');
  return {
    response(upstream, context) {
      const held = new Held(context);
      const finish = (): void => {
        if (!context.bodyless) context.head.set('content-length', String(held.bytes));
        if (held.bytes > 0) held.release();
        else context.sendHead();
      };
      return {
        read({ body }) {
          held.add(body);
          if (held.bytes > limit) {
            context.reject(`the answer is longer than ${options.limit ?? '64MiB'}`);
          }
        },
        end: finish,
        broken(how) {
          if (how === 'fin' && upstream.framing === 'close') {
            finish();
            return 'end';
          }
          context.reject('the target broke off');
          return 'cut';
        },
      };
    },
  };
});
