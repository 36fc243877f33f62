import { openPacer } from './open-pacer.ts';
import type { PacerFactory } from './pacer.ts';
import { poissonPoints } from './rate-curve.ts';
import { forDuration, rateInWords } from './load-text.ts';

/**
 * Sessions at random, independent of each other, as many independent users make them: now and then
 * several at once, now and then none. The usual choice for "N users a second".
 *
 *     starts  ┃ ┃    ┃┃┃  ┃     ┃ ┃┃   ┃
 *             └────────────────────────▶ t
 *
 *     start(i) = (E₀ + … + Eᵢ) / r,  E exponential with mean 1, drawn from the seed
 */
export const poissonPacer: PacerFactory<'poisson'> = ({ rate }, { durationMs, seed }) => {
  const points = poissonPoints(seed);
  return openPacer({
    durationMs,
    startOf: (index) => (points(index) * 1000) / rate,
    rateAt: () => rate,
    describe: () => `${rateInWords(rate)} at random (Poisson)${forDuration(durationMs)}`,
  });
};
