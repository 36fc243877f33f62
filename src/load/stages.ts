import { openPacer } from './open-pacer.ts';
import type { PacerFactory, RateStage } from './pacer.ts';
import { RateCurve, startsAlong, type CurvePiece } from './rate-curve.ts';
import { durationInWords, rateInWords } from './load-text.ts';

/**
 * Several rates one after the other, held (`step`) or approached linearly (`ramp`).
 *
 *     rate         ┌────┐
 *        |    ____/      ╲
 *        |___/            ╲___
 *        └────────────────────▶ t
 *
 *     Λ(t) = ∫ rate;  start(i) = Λ⁻¹(i), or Λ⁻¹ of Poisson points
 */
export const stagesPacer: PacerFactory<'stages'> = (shape, { durationMs, seed }) => {
  const { stages, arrival } = shape;
  const curve = new RateCurve(piecesOf(stages));
  return openPacer({
    durationMs: Math.min(durationMs, curve.durationMs),
    startOf: startsAlong(curve, arrival, seed),
    rateAt: (elapsedMs) => curve.rateAt(elapsedMs),
    describe: () =>
      `stages of ${stages
        .map(
          (stage) =>
            `${stage.shape === 'ramp' ? 'up or down to ' : ''}${rateInWords(stage.rate)} for ${durationInWords(stage.durationMs)}`,
        )
        .join(', then ')}${arrival === 'poisson' ? ', at random (Poisson)' : ', evenly spaced'}`,
  });
};

/** A `ramp` stage starts from where the one before it ended, the first one from 0. */
function piecesOf(stages: readonly RateStage[]): CurvePiece[] {
  let previous = 0;
  return stages.map(({ durationMs, rate, shape }) => {
    const from = shape === 'ramp' ? previous : rate;
    previous = rate;
    return { durationMs, from, to: rate };
  });
}
