/** Apache httpd: mod_proxy_http passes events on by itself; FastCGI, filters and time limits do not. */
import type { ComponentFixes, FixText } from './fix.ts';

const reload = 'then: apachectl configtest && apachectl graceful';

const flush: FixText = {
  title: 'flush after each packet from the target',
  where: `the virtual host; name your own target; ${reload}`,
  paste: 'ProxyPass "/v1/" "http://127.0.0.1:8000/v1/" flushpackets=on',
  why: 'flushpackets=on sends on whatever was read. mod_proxy_http flushes by itself when its target pauses; mod_proxy_fcgi and mod_proxy_ajp do not.',
  side_effect: 'more and smaller packets for this path.',
};

const flushFastCgi: FixText = {
  title: 'the same for FastCGI (PHP-FPM)',
  where: `the virtual host; name the target as SetHandler or ProxyPass does; ${reload}`,
  paste: '<Proxy "fcgi://127.0.0.1:9000/">\n    ProxySet flushpackets=on\n</Proxy>',
  why: 'mod_proxy_fcgi collects 8 KiB of output unless told to flush.',
};

const noCompression: FixText = {
  title: 'do not compress the stream',
  where: `the virtual host; ${reload}`,
  paste: 'SetEnvIf Request_URI "^/v1/" no-gzip=1 no-brotli=1',
  why: 'mod_deflate and mod_brotli leave an answer alone when these variables are set.',
};

export const apache: ComponentFixes = {
  component: 'apache',
  obeysHeaders: false,
  remedies: {
    buffered_by_size: [flush, flushFastCgi],
    buffered_by_time: [flush],
    paced_by_round_trip: [flush],
    stored_and_forwarded: [
      {
        title: 'take the stream out of output filters',
        where: `the virtual host; ${reload}`,
        paste: '<Location "/v1/">\n    SetOutputFilter NONE\n</Location>',
        why: 'Filters such as mod_buffer, mod_substitute or mod_sed read a whole answer before they let it go.',
        side_effect: 'nothing else filters answers under that path either.',
      },
      flush,
    ],
    one_event_late: [flush],
    headers_withheld: [flush],
    compressed_without_flush: [noCompression],
    cut_when_idle: [
      {
        title: 'wait longer for the next event',
        where: `the virtual host; ${reload}`,
        paste: 'ProxyTimeout 3600',
        why: 'Without it Timeout holds (60 s), counted between two reads from the target.',
        side_effect: 'a target that hangs is noticed only after that time.',
      },
    ],
  },
};
