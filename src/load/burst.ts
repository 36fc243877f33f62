import { openPacer } from './open-pacer.ts';
import type { PacerFactory } from './pacer.ts';
import { durationInWords, forDuration, sessionsInWords } from './load-text.ts';

/**
 * Many sessions at the same moment, again and again: a page that everyone opens at once, a cron job.
 *
 *     starts ┃┃┃       ┃┃┃       ┃┃┃
 *            ┃┃┃       ┃┃┃       ┃┃┃
 *            └─────────────────────▶ t        start(i) = ⌊i / size⌋ · every
 */
export const burstPacer: PacerFactory<'burst'> = ({ size, everyMs }, { durationMs }) =>
  openPacer({
    durationMs,
    startOf: (index) => Math.floor(index / size) * everyMs,
    rateAt: () => (size * 1000) / everyMs,
    describe: () =>
      `${sessionsInWords(size)} at once every ${durationInWords(everyMs)}${forDuration(durationMs)}`,
  });
