import { z } from 'zod';
import { someRate } from '../../settings/fields.ts';
import { parseDuration, parseRate } from '../../settings/units.ts';
import { definePacer } from '../definition.ts';
import { forDuration, rateInWords } from '../load-text.ts';
import { openPacer } from '../open-pacer.ts';
import { poissonPoints } from '../rate-curve.ts';
import { around, cap, measured } from '../shared-settings.ts';

export interface PoissonShape {
  kind: 'poisson';
  rate: number;
}

/**
 * Sessions at random, independent of each other, as many independent users make them: now and then
 * several at once, now and then none. The usual choice for "N users a second".
 *
 *     starts  ┃ ┃    ┃┃┃  ┃     ┃ ┃┃   ┃
 *             └────────────────────────▶ t
 *
 *     start(i) = (E₀ + … + Eᵢ) / r,  E exponential with mean 1, drawn from the seed
 */
export const poissonPacer = definePacer({
  kind: 'poisson',
  place: 30,
  summary: 'Sessions at random, as independent users make them',
  example: { kind: 'poisson', rate: '20/s', duration: '30s' },
  schema: z.strictObject({
    kind: z.literal('poisson'),
    rate: someRate().describe('Mean sessions per second'),
    ...measured,
    ...around,
    ...cap,
  }),
  plan: ({ kind, rate, duration }) => ({
    shape: { kind, rate: parseRate(rate) },
    durationMs: parseDuration(duration),
  }),
  make: ({ rate }: PoissonShape, { durationMs, seed }) => {
    const points = poissonPoints(seed);
    return openPacer({
      durationMs,
      startOf: (index) => (points(index) * 1000) / rate,
      rateAt: () => rate,
      describe: () => `${rateInWords(rate)} at random (Poisson)${forDuration(durationMs)}`,
    });
  },
});
