/**
 * A framework that withholds the head until the first byte of the body, and is clean afterwards: the
 * gzip responder of Starlette, for example. A client sees the time to headers grow to the time to the
 * first event.
 */
import { z } from 'zod';
import { proxyKind } from '../buffer-model.ts';
import { brokenPlainly } from '../release.ts';

const schema = z
  .strictObject({ kind: z.literal('header-hold') })
  .describe('The head comes with the first byte of the body; nothing else is held');

export const headerHold = proxyKind(80, schema, () => ({
  response(upstream, context) {
    return {
      read({ body }) {
        if (body.length > 0) context.send(body);
      },
      end() {},
      broken: brokenPlainly(upstream),
    };
  },
}));
