/** What an application can do in any language, and behind any proxy. */
import { heartbeatSeconds, type ComponentFixes, type FixText } from './fix.ts';

const headers: FixText = {
  title: 'ask everything on the way not to buffer',
  where: 'the response headers of the streaming endpoint',
  paste:
    'Content-Type: text/event-stream\nCache-Control: no-cache, no-transform\nX-Accel-Buffering: no',
  why: 'X-Accel-Buffering: no switches buffering off in nginx for this answer, and with it the hold of its compressor; no-transform keeps CDNs and middleware from compressing; the type makes Go proxies, Traefik and cloudflared flush.',
  side_effect:
    'nginx removes X-Accel-Buffering, so that you cannot see it from outside; where proxy_ignore_headers names it, it does nothing.',
};

const flushEach: FixText = {
  title: 'flush after each event',
  where: 'the streaming endpoint; for PHP, at its start and after each event',
  paste:
    "while (ob_get_level() > 0) ob_end_flush();\nini_set('zlib.output_compression', '0');\necho \"data: $json\\n\\n\";\nflush();",
  why: 'Application servers collect output: PHP 4 KiB (output_buffering), Java servers 8 KiB, Python and Go 4 to 32 KiB. Each has a flush.',
};

const noCompression: FixText = {
  title: 'do not compress the stream',
  where: 'the response headers of the streaming endpoint',
  paste: 'Cache-Control: no-cache, no-transform\nContent-Encoding: identity',
  why: 'Most middleware leaves alone what is marked no-transform or already has an encoding; where it must compress, it has to flush (Z_SYNC_FLUSH) after each event.',
};

const early: FixText = {
  title: 'send headers and a comment immediately',
  where:
    'the streaming endpoint, before it waits for anything: these bytes, a line and an empty one',
  paste: ': ok\n\n',
  why: 'Many frameworks and proxies send headers with the first byte of the body. A comment is one, and clients ignore it.',
};

export const application: ComponentFixes = {
  component: 'application',
  obeysHeaders: true,
  remedies: {
    buffered_by_size: [headers, flushEach],
    buffered_by_time: [headers, flushEach],
    compressed_without_flush: [headers, noCompression],
    stored_and_forwarded: [headers, flushEach],
    headers_withheld: [early],
    one_event_late: [
      {
        title: 'write each event with its end in one piece',
        where: 'the streaming endpoint: one write call for these bytes, the empty line included',
        paste: 'data: {"…": "…"}\n\n',
        why: 'An event counts only with the empty line that ends it. Where that comes in a second write, it may be held until the next event.',
      },
      headers,
    ],
    paced_by_round_trip: [
      headers,
      {
        title: 'send small packets immediately',
        where: 'where the server accepts connections (here Python; every language has it)',
        paste: 'connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)',
        why: "Without TCP_NODELAY the kernel holds a small packet until the one before is acknowledged (Nagle's algorithm).",
      },
    ],
    cut_when_idle: (verdict) => [
      {
        title: 'send a comment while the model thinks',
        where: `the streaming endpoint, each ${heartbeatSeconds(verdict)} s without an event: these bytes, a line and an empty one`,
        paste: ': ping\n\n',
        why: 'Whatever ends idle connections on the way sees bytes; clients ignore comments.',
        side_effect: 'through a proxy that buffers they wait like everything else: fix that first.',
      },
    ],
    cut_at_total: [
      {
        title: 'make the answer resumable',
        where:
          'the streaming endpoint: an id with each event; the client sends the last one as Last-Event-ID and continues from there',
        paste: 'id: 42\ndata: {"…": "…"}\n\n',
        why: 'No heartbeat helps against a limit on the whole answer: either it is raised, or the rest comes in a second request.',
      },
    ],
  },
};
