/** Varnish: VCL 4.1 and run-time parameters. */
import type { ComponentFixes, FixText } from './fix.ts';

const where =
  'your VCL, in place of or merged into the sub of that name; then reload it (varnishreload)';

const stream: FixText = {
  title: 'stream it, uncompressed and uncached',
  where,
  paste: `sub vcl_backend_response {
    if (beresp.http.Content-Type ~ "^text/event-stream") {
        set beresp.do_stream = true;
        set beresp.do_gzip = false;
        set beresp.uncacheable = true;
    }
}`,
  why: 'With do_stream off Varnish fetches the whole answer before it delivers; with do_gzip it compresses without a flush.',
  side_effect:
    'streams are never answered from the cache, and requests for the same URL do not wait for each other.',
};

export const varnish: ComponentFixes = {
  component: 'varnish',
  obeysHeaders: false,
  remedies: {
    stored_and_forwarded: [stream],
    compressed_without_flush: [stream],
    buffered_by_size: [stream],
    one_event_late: [stream],
    cut_when_idle: [
      {
        title: 'wait longer for the next event',
        where,
        paste: `sub vcl_backend_fetch {
    set bereq.first_byte_timeout = 3600s;
    set bereq.between_bytes_timeout = 3600s;
}`,
        why: 'Both are 60 s unless set.',
        side_effect: 'a target that hangs is noticed only after that time.',
      },
    ],
    cut_at_total: [
      {
        title: 'give a whole answer more time',
        where: 'a shell on the host; for good, as -p send_timeout=86400 where varnishd is started',
        paste: 'varnishadm param.set send_timeout 86400',
        why: 'send_timeout, 600 s unless set, is the limit for delivering a whole answer.',
        side_effect:
          'a client that stopped reading is kept as long; idle_send_timeout still ends it.',
      },
    ],
  },
};
