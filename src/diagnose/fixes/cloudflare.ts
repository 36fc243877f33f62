/** Cloudflare's edge and its tunnel (cloudflared): both are steered by response headers. */
import { heartbeatSeconds, type ComponentFixes, type FixText } from './fix.ts';

const headers: FixText = {
  title: 'say that it is a stream, and not to be changed',
  where: 'the response headers of the streaming endpoint',
  paste: 'Content-Type: text/event-stream\nCache-Control: no-cache, no-transform',
  why: 'The tunnel (cloudflared) flushes each write only for text/event-stream; the edge neither compresses nor rewrites what is marked no-transform.',
  side_effect: 'the answer is sent uncompressed.',
};

export const cloudflare: ComponentFixes = {
  component: 'cloudflare',
  obeysHeaders: true,
  remedies: {
    stored_and_forwarded: [headers],
    buffered_by_size: [headers],
    buffered_by_time: [headers],
    headers_withheld: [headers],
    compressed_without_flush: [headers],
    cut_when_idle: (verdict) => [
      {
        title: 'send a comment before the limit is reached',
        where:
          'the streaming endpoint, while it waits for the model: these bytes, a line and an empty one',
        paste: ': ping\n\n',
        why: `The edge gives up (524) after 100 s or so without a byte from the origin, which only Enterprise plans can change. A comment each ${heartbeatSeconds(verdict)} s keeps it waiting; clients ignore it.`,
      },
      {
        title: 'raise the limit (Enterprise)',
        where: 'a shell; fill in zone and token',
        paste:
          'curl -X PATCH "https://api.cloudflare.com/client/v4/zones/$ZONE/settings/proxy_read_timeout" \\\n  -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" --data \'{"value":600}\'',
        why: 'proxy_read_timeout is the longest time, in seconds, between two reads from the origin.',
      },
    ],
  },
};
