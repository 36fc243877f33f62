/** Traefik: middlewares and services of the file provider; labels have the same names. */
import type { ComponentFixes, FixText } from './fix.ts';

const flush: FixText = {
  title: 'flush after each write',
  where: 'the service in the dynamic configuration',
  paste:
    'http:\n  services:\n    model:\n      loadBalancer:\n        responseForwarding:\n          flushInterval: -1ms\n        servers:\n          - url: http://127.0.0.1:8000',
  why: 'Traefik flushes each 100 ms, and immediately only what it takes for a stream: text/event-stream, or no Content-Length.',
};

const noBuffering: FixText = {
  title: 'take the buffering middleware off the route',
  where:
    'the router in the dynamic configuration; keep your other middlewares in the list, without the one of kind buffering',
  paste:
    'http:\n  routers:\n    model:\n      rule: PathPrefix(`/v1`)\n      service: model\n      middlewares: []',
  why: 'The buffering middleware, also where only its retry is wanted, reads the whole answer before it sends.',
};

const noCompress: FixText = {
  title: 'exempt event streams from compression',
  where: 'the compress middleware in the dynamic configuration',
  paste:
    'http:\n  middlewares:\n    compress:\n      compress:\n        excludedContentTypes:\n          - text/event-stream',
  why: 'In v3 the middleware compresses event streams unless they are excluded.',
};

export const traefik: ComponentFixes = {
  component: 'traefik',
  obeysHeaders: true,
  remedies: {
    buffered_by_time: [flush],
    buffered_by_size: [flush],
    stored_and_forwarded: [noBuffering],
    compressed_without_flush: [noCompress],
    headers_withheld: [noBuffering],
    cut_at_total: [
      {
        title: 'lift the limit on a whole answer',
        where: 'the entry point in the static configuration',
        paste:
          'entryPoints:\n  websecure:\n    address: ":443"\n    transport:\n      respondingTimeouts:\n        readTimeout: 0\n        writeTimeout: 0',
        why: 'Both count whole requests, not pauses; 0 means no limit. Since v3 readTimeout is 60 s unless set.',
        side_effect: 'slow clients are no longer cut off by these limits.',
      },
    ],
  },
};
