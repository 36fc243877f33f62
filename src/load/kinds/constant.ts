import { z } from 'zod';
import { someRate } from '../../settings/fields.ts';
import { parseDuration, parseRate } from '../../settings/units.ts';
import { definePacer } from '../definition.ts';
import { forDuration, rateInWords } from '../load-text.ts';
import { openPacer } from '../open-pacer.ts';
import { around, cap, measured } from '../shared-settings.ts';

export interface ConstantShape {
  kind: 'constant';
  rate: number;
}

/**
 * Sessions at an even beat, whatever the target does.
 *
 *     rate
 *      r |────────────────────
 *        |                    ┆
 *        └────────────────────▶ t        start(i) = i / r
 */
export const constantPacer = definePacer({
  kind: 'constant',
  place: 20,
  summary: 'Sessions at an even beat, whatever the target does',
  example: { kind: 'constant', rate: '20/s', duration: '30s' },
  schema: z.strictObject({
    kind: z.literal('constant'),
    rate: someRate().describe('Sessions per second'),
    ...measured,
    ...around,
    ...cap,
  }),
  plan: ({ kind, rate, duration }) => ({
    shape: { kind, rate: parseRate(rate) },
    durationMs: parseDuration(duration),
  }),
  make: ({ rate }: ConstantShape, { durationMs }) =>
    openPacer({
      durationMs,
      startOf: (index) => (index * 1000) / rate,
      rateAt: () => rate,
      describe: () => `${rateInWords(rate)}, evenly spaced,${forDuration(durationMs)}`,
    }),
});
