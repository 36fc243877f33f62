import { z } from 'zod';
import { rate, someTime } from '../../settings/fields.ts';
import { parseDuration, parseRate } from '../../settings/units.ts';
import { definePacer, type PlanContext } from '../definition.ts';
import { durationInWords, rateInWords } from '../load-text.ts';
import { openPacer } from '../open-pacer.ts';
import type { Pacer, PacerContext } from '../pacer.ts';
import { RateCurve, startsAlong, type CurvePiece } from '../rate-curve.ts';
import { arrival, around, cap, type Arrival } from '../shared-settings.ts';

export interface StagesShape {
  kind: 'stages';
  stages: readonly RateStage[];
  arrival: Arrival;
}

export interface RateStage {
  durationMs: number;
  /** Rate at the end of the stage; the stage ramps linearly from the previous one's end (`ramp`) or jumps (`step`). */
  rate: number;
  shape: 'step' | 'ramp';
}

const stageSchema = z.strictObject({
  duration: someTime().describe('Length of the stage'),
  rate: rate().describe('Rate of the stage; with `ramp`, the rate at its end'),
  shape: z
    .enum(['step', 'ramp'])
    .optional()
    .describe(
      '`step` holds the rate; `ramp` approaches it from the stage before, or from 0. Default step',
    ),
});

const schema = z.strictObject({
  kind: z.literal('stages'),
  stages: z.array(stageSchema).min(1).describe('In order; their lengths make the measured phase'),
  arrival,
  ...around,
  ...cap,
});

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
export const stagesPacer = definePacer({
  kind: 'stages',
  place: 50,
  summary: 'Several rates in a row. Warm-up holds the first stage’s rate, cool-down the last one’s',
  example: {
    kind: 'stages',
    stages: [
      { duration: '1m', rate: '5/s' },
      { duration: '30s', rate: '50/s', shape: 'ramp' },
    ],
  },
  schema,
  plan,
  make,
});

function plan(settings: z.infer<typeof schema>, { warmupMs, cooldownMs, report }: PlanContext) {
  const stages = settings.stages.map<RateStage>((stage) => ({
    durationMs: parseDuration(stage.duration),
    rate: parseRate(stage.rate),
    shape: stage.shape ?? 'step',
  }));
  const first = stages[0]!;
  if (stages.every((stage) => stage.rate === 0)) {
    const message = 'stages whose rates are all 0/s start no session';
    report({ path: ['stages'], code: 'no-sessions', message });
    return undefined;
  }
  if (warmupMs > 0 && first.shape === 'ramp') {
    report({
      path: ['stages'],
      code: 'no-sessions',
      message: 'a first stage that ramps begins at 0/s and gives a warm-up nothing to do',
      hints: ['begin with a stage of shape: step, or leave warmup out'],
    });
    return undefined;
  }
  const shape: StagesShape = {
    kind: 'stages',
    arrival: settings.arrival ?? 'even',
    stages: [...held(warmupMs, first.rate), ...stages, ...held(cooldownMs, stages.at(-1)!.rate)],
  };
  return { shape, durationMs: stages.reduce((sum, stage) => sum + stage.durationMs, 0) };
}

/** A stage for the time before or after the measured phase, where there is any. */
function held(durationMs: number, rate: number): RateStage[] {
  return durationMs > 0 ? [{ durationMs, rate, shape: 'step' }] : [];
}

function make({ stages, arrival }: StagesShape, { durationMs, seed }: PacerContext): Pacer {
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
}

/** A `ramp` stage starts from where the one before it ended, the first one from 0. */
function piecesOf(stages: readonly RateStage[]): CurvePiece[] {
  let previous = 0;
  return stages.map(({ durationMs, rate: to, shape }) => {
    const from = shape === 'ramp' ? previous : to;
    previous = to;
    return { durationMs, from, to };
  });
}
