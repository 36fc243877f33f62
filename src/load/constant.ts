import { openPacer } from './open-pacer.ts';
import type { PacerFactory } from './pacer.ts';
import { forDuration, rateInWords } from './load-text.ts';

/**
 * Sessions at an even beat, whatever the target does.
 *
 *     rate
 *      r |────────────────────
 *        |                    ┆
 *        └────────────────────▶ t        start(i) = i / r
 */
export const constantPacer: PacerFactory<'constant'> = ({ rate }, { durationMs }) =>
  openPacer({
    durationMs,
    startOf: (index) => (index * 1000) / rate,
    rateAt: () => rate,
    describe: () => `${rateInWords(rate)}, evenly spaced,${forDuration(durationMs)}`,
  });
