/** HAProxy: options of defaults, frontend, listen and backend sections. */
import type { ComponentFixes, FixText } from './fix.ts';

const reload = 'then: haproxy -c -f haproxy.cfg && systemctl reload haproxy';

const noDelay: FixText = {
  title: 'send each event immediately',
  where: `the frontend and the backend that carry the stream, or defaults; ${reload}`,
  paste: '    option http-no-delay',
  why: 'HAProxy tells the kernel that more data follows (MSG_MORE), and the kernel waits up to 200 ms for it, or for an acknowledgement.',
  side_effect: 'more and smaller packets for every answer of the section.',
};

export const haproxy: ComponentFixes = {
  component: 'haproxy',
  obeysHeaders: false,
  remedies: {
    buffered_by_time: [noDelay],
    paced_by_round_trip: [noDelay],
    one_event_late: [
      {
        title: 'take event streams out of compression',
        where: `the section with "compression algo"; ${reload}`,
        paste:
          '    compression type text/html text/plain text/css application/javascript application/json',
        why: "HAProxy's compressor keeps the last symbols until more data comes; without a list of types it compresses all of them.",
        side_effect: 'types that are not in the list are no longer compressed.',
      },
      noDelay,
    ],
    compressed_without_flush: [
      {
        title: 'take event streams out of compression',
        where: `the section with "compression algo"; ${reload}`,
        paste:
          '    compression type text/html text/plain text/css application/javascript application/json',
        why: 'Without a list of types HAProxy compresses all of them, text/event-stream too.',
        side_effect: 'types that are not in the list are no longer compressed.',
      },
    ],
    cut_when_idle: [
      {
        title: 'wait longer for the next event',
        where: `the frontend (client) and the backend (server), or defaults; ${reload}`,
        paste: '    timeout client 1h\n    timeout server 1h',
        why: 'Both count the time without data; the shorter one closes the stream, without the final chunk.',
        side_effect: 'a peer that is gone without a word is noticed only after that time.',
      },
    ],
  },
};
