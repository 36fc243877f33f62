/**
 * Compression without a flush, as of middleware (Express `compression`, Next.js `compress`, an older
 * Starlette GZipMiddleware) and of CDNs: the head comes early, the body when deflate has filled a
 * block or the answer ends. A client that does not accept gzip gets every token immediately.
 */
import { z } from 'zod';
import { proxyKind } from '../buffer-model.ts';
import { brokenPlainly } from '../release.ts';

const schema = z
  .strictObject({
    kind: z.literal('gzip-hold'),
    level: z.int().min(1).max(9).optional().describe('Compression level. Default 6'),
  })
  .describe('gzip without flush: a short answer arrives complete at its end');

export const gzipHold = proxyKind(30, schema, (options) => ({
  response(upstream, context) {
    const { head } = context;
    const untouchable =
      head.get('content-encoding') !== undefined ||
      /\bno-transform\b/i.test(head.get('cache-control') ?? '');
    if (!context.bodyless && !untouchable) {
      head.set('vary', 'Accept-Encoding');
      if (context.acceptsGzip) context.compress({ level: options.level ?? 6, flush: 'none' });
    }
    context.sendHead();
    return {
      read({ body }) {
        if (body.length > 0) context.send(body);
      },
      end() {},
      broken: brokenPlainly(upstream),
    };
  },
}));
