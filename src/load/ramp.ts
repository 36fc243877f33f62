import { openPacer } from './open-pacer.ts';
import type { PacerFactory } from './pacer.ts';
import { RateCurve, startsAlong } from './rate-curve.ts';
import { durationInWords, rateInWords } from './load-text.ts';

/**
 * A rate that changes evenly from one value to another. Warm-up stays at the first rate and
 * cool-down at the last, so that the measured part is the ramp.
 *
 *     rate                ____ tail
 *     to |            ___/
 *        |        ___/
 *   from |───────/
 *        └──lead─────────────▶ t
 *
 *     Λ(t) = from·t + (to − from)·t² / 2T;  start(i) = Λ⁻¹(i), or Λ⁻¹ of Poisson points
 */
export const rampPacer: PacerFactory<'ramp'> = (shape, { durationMs, seed }) => {
  const { from, to, arrival, leadMs = 0, tailMs = 0 } = shape;
  const rampMs = Math.max(0, durationMs - leadMs - tailMs);
  const curve = new RateCurve([
    { durationMs: leadMs, from, to: from },
    { durationMs: rampMs, from, to },
    { durationMs: tailMs, from: to, to },
  ]);
  return openPacer({
    durationMs,
    startOf: startsAlong(curve, arrival, seed),
    rateAt: (elapsedMs) => curve.rateAt(elapsedMs),
    describe: () =>
      `from ${rateInWords(from)} to ${rateInWords(to)} over ${durationInWords(rampMs)}` +
      (arrival === 'poisson' ? ', at random (Poisson)' : ', evenly spaced'),
  });
};
