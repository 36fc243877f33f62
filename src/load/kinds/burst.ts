import { z } from 'zod';
import { someTime } from '../../settings/fields.ts';
import { parseDuration } from '../../settings/units.ts';
import { definePacer } from '../definition.ts';
import { durationInWords, forDuration, sessionsInWords } from '../load-text.ts';
import { openPacer } from '../open-pacer.ts';
import { around, cap, measured } from '../shared-settings.ts';

/** `size` sessions at once, every `everyMs`. */
export interface BurstShape {
  kind: 'burst';
  size: number;
  everyMs: number;
}

/**
 * Many sessions at the same moment, again and again: a page that everyone opens at the same moment, a cron job.
 *
 *     starts ┃┃┃       ┃┃┃       ┃┃┃
 *            ┃┃┃       ┃┃┃       ┃┃┃
 *            └─────────────────────▶ t        start(i) = ⌊i / size⌋ · every
 */
export const burstPacer = definePacer({
  kind: 'burst',
  place: 60,
  summary: 'Many sessions at the same moment, again and again',
  example: { kind: 'burst', size: 50, every: '10s', duration: '1m' },
  schema: z.strictObject({
    kind: z.literal('burst'),
    size: z.int().positive().describe('Sessions that start at the same moment'),
    every: someTime().describe('From one burst to the next'),
    ...measured,
    ...around,
    ...cap,
  }),
  plan: ({ kind, size, every, duration }) => ({
    shape: { kind, size, everyMs: parseDuration(every) },
    durationMs: parseDuration(duration),
  }),
  make: ({ size, everyMs }: BurstShape, { durationMs }) =>
    openPacer({
      durationMs,
      startOf: (index) => Math.floor(index / size) * everyMs,
      rateAt: () => (size * 1000) / everyMs,
      describe: () =>
        `${sessionsInWords(size)} at once every ${durationInWords(everyMs)}${forDuration(durationMs)}`,
    }),
});
