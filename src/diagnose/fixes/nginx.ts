/**
 * nginx: ngx_http_proxy_module, ngx_http_gzip_module. Buffers are passed on when full, or, with HTTP/1.1 to
 * the target, after each whole chunk; docs/proxy-buffering.md has the rules.
 */
import type { ComponentFixes, FixText } from './fix.ts';

const where =
  'the location block whose proxy_pass leads to the model; then: nginx -t && nginx -s reload';
const slowClients =
  'a client that reads slowly now holds the connection to the model server open, and answers of this location are not cached.';

const stream: FixText = {
  title: 'pass each event on as it comes',
  where,
  paste: 'proxy_http_version 1.1;\nproxy_set_header Connection "";\nproxy_buffering off;',
  why: 'With proxy_buffering on, nginx fills a buffer (proxy_buffer_size, one page of 4 KiB unless set) before it sends. With fastcgi_pass or uwsgi_pass the line is fastcgi_buffering off; or uwsgi_buffering off;',
  side_effect: slowClients,
};

const wholeChunks: FixText = {
  title: 'keep buffering, but let whole chunks through',
  where,
  paste: 'proxy_http_version 1.1;\nproxy_set_header Connection "";',
  why: 'Up to 1.29.6 nginx asks its target with HTTP/1.0 unless told otherwise, and such a body has no chunks. With HTTP/1.1 each whole chunk is passed on immediately, if the application sends chunks and no Content-Length.',
  side_effect:
    'the headers still wait for the first event, and an event that the application writes in two pieces arrives one event late.',
};

const noGzip: FixText = {
  title: 'do not compress the stream',
  where,
  paste: 'gzip off;',
  why: 'While buffering is on, nginx does not flush its compressor: events wait until zlib has filled a block, mostly until the end.',
  side_effect: 'answers of this location are larger; that of a token stream is small anyway.',
};

const flushedGzip: FixText = {
  title: 'keep compression and flush it after each event',
  where,
  paste: 'proxy_buffering off;',
  why: 'Without buffering nginx flushes the compressor (Z_SYNC_FLUSH) with each read from its target.',
  side_effect: slowClients,
};

export const nginx: ComponentFixes = {
  component: 'nginx',
  obeysHeaders: true,
  remedies: {
    buffered_by_size: [stream, wholeChunks],
    buffered_by_time: [stream],
    stored_and_forwarded: [stream],
    headers_withheld: [stream],
    one_event_late: [
      {
        ...stream,
        why: 'With buffering on, the rest of a chunk that came in two reads waits for the next chunk; so does what is left of an event longer than a buffer.',
      },
    ],
    paced_by_round_trip: [
      {
        ...stream,
        paste: `${stream.paste}\ntcp_nodelay on;`,
        why: 'In buffered mode nginx sets TCP_NODELAY only after the first answer on a connection, so small packets of the first one wait for an acknowledgement each round trip.',
      },
    ],
    compressed_without_flush: [noGzip, flushedGzip],
    cut_when_idle: [
      {
        title: 'wait longer for the next event',
        where,
        paste: 'proxy_read_timeout 1h;\nproxy_send_timeout 1h;',
        why: 'nginx closes after proxy_read_timeout (60 s unless set) without a byte from its target; the status was 200 long ago, so the client sees an answer cut short.',
        side_effect: 'a target that hangs is noticed only after that time.',
      },
    ],
  },
};
