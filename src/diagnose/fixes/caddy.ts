/** Caddy 2: reverse_proxy and encode in a Caddyfile. */
import type { ComponentFixes, FixText } from './fix.ts';

const reload = 'then: caddy validate && caddy reload';

const flush: FixText = {
  title: 'flush after each write',
  where: `inside the reverse_proxy block; ${reload}`,
  paste: '    flush_interval -1',
  why: 'Caddy flushes immediately what it takes for a stream (Content-Type text/event-stream, or no Content-Length on HTTP/2), and the rest in its own time.',
  side_effect: 'with -1 the request to the target continues when the client has left early.',
};

export const caddy: ComponentFixes = {
  component: 'caddy',
  obeysHeaders: true,
  remedies: {
    buffered_by_size: [flush],
    buffered_by_time: [flush],
    stored_and_forwarded: [
      {
        ...flush,
        why: `${flush.why} Remove response_buffers (buffer_responses before 2.7) from the block, if it is there: it reads the body before it sends.`,
      },
    ],
    headers_withheld: [flush],
    compressed_without_flush: [
      {
        title: 'do not compress the stream',
        where: `the site block, in place of the encode line; ${reload}`,
        paste: '    @compressible not path /v1/*\n    encode @compressible zstd gzip',
        why: 'encode does not flush for each event, and its default types include text/*, which text/event-stream matches.',
      },
    ],
    cut_when_idle: [
      {
        title: 'wait longer for the next event',
        where: `inside the reverse_proxy block; ${reload}`,
        paste: '    transport http {\n        read_timeout 1h\n    }',
        why: 'read_timeout is off unless set; where it is set it counts the time without a byte from the target.',
      },
    ],
    cut_at_total: [
      {
        title: 'lift the limit on a whole answer',
        where: `the global options, at the top of the Caddyfile; ${reload}`,
        paste: '{\n    servers {\n        timeouts {\n            write 0\n        }\n    }\n}',
        why: 'timeouts write counts from the request to the end of the answer; 0, the default, means no limit.',
        side_effect: 'slow clients are no longer cut off by this limit.',
      },
    ],
  },
};
