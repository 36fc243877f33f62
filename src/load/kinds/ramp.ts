import { z } from 'zod';
import { rate } from '../../settings/fields.ts';
import { parseDuration, parseRate } from '../../settings/units.ts';
import { definePacer, type PlanContext } from '../definition.ts';
import { durationInWords, rateInWords } from '../load-text.ts';
import { openPacer } from '../open-pacer.ts';
import type { Pacer, PacerContext } from '../pacer.ts';
import { RateCurve, startsAlong } from '../rate-curve.ts';
import { arrival, around, cap, measured, type Arrival } from '../shared-settings.ts';

/** Linear between two rates; `leadMs` at the first before it and `tailMs` at the last after it. */
export interface RampShape {
  kind: 'ramp';
  from: number;
  to: number;
  arrival: Arrival;
  leadMs?: number;
  tailMs?: number;
}

const schema = z.strictObject({
  kind: z.literal('ramp'),
  from: rate().describe('Rate at the start of the measured phase, and during warm-up'),
  to: rate().describe('Rate at its end, and during cool-down'),
  arrival,
  ...measured,
  ...around,
  ...cap,
});

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
export const rampPacer = definePacer({
  kind: 'ramp',
  place: 40,
  summary: 'A rate that changes evenly from one value to another',
  example: { kind: 'ramp', from: '1/s', to: '50/s', duration: '2m' },
  schema,
  plan,
  make,
});

function plan(settings: z.infer<typeof schema>, { warmupMs, cooldownMs, report }: PlanContext) {
  const from = parseRate(settings.from);
  const to = parseRate(settings.to);
  if (from === 0 && to === 0) {
    const message = 'a ramp from 0/s to 0/s starts no session';
    report({ path: ['to'], code: 'no-sessions', message });
    return undefined;
  }
  const shape: RampShape = {
    kind: 'ramp',
    from,
    to,
    arrival: settings.arrival ?? 'even',
    leadMs: warmupMs,
    tailMs: cooldownMs,
  };
  return { shape, durationMs: parseDuration(settings.duration) };
}

function make(shape: RampShape, { durationMs, seed }: PacerContext): Pacer {
  const { from, to, leadMs = 0, tailMs = 0 } = shape;
  const rampMs = Math.max(0, durationMs - leadMs - tailMs);
  const curve = new RateCurve([
    { durationMs: leadMs, from, to: from },
    { durationMs: rampMs, from, to },
    { durationMs: tailMs, from: to, to },
  ]);
  return openPacer({
    durationMs,
    startOf: startsAlong(curve, shape.arrival, seed),
    rateAt: (elapsedMs) => curve.rateAt(elapsedMs),
    describe: () =>
      `from ${rateInWords(from)} to ${rateInWords(to)} over ${durationInWords(rampMs)}` +
      (shape.arrival === 'poisson' ? ', at random (Poisson)' : ', evenly spaced'),
  });
}
