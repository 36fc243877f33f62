/** Pauses as packet loss makes them: rare, made up for immediately, in a stream that keeps its beat. */
import type { Shape } from '../analyse/shape.ts';
import { median } from '../analyse/statistics.ts';

export interface Loss {
  stalls: number;
  /** Of all events, how many were followed by such a pause. */
  rate: number;
  medianMs: number;
  /** A retransmission needs a round trip and the next segment: what it should take, ms. */
  expectedMs: number | null;
  confirmed: boolean;
}

/**
 * @param url - shapes of streams that are not held.
 * @param direct - where there are any, loss must not be on the direct path too, or it is not told apart.
 */
export function lossOf(
  url: readonly Shape[],
  direct: readonly Shape[],
  rttMs: number | null,
): Loss | undefined {
  const stalls = url.reduce((sum, shape) => sum + shape.stalls.count, 0);
  const plain = url.reduce((sum, shape) => sum + shape.stalls.plain, 0);
  const events = url.reduce((sum, shape) => sum + shape.events, 0);
  if (stalls < 3 || plain > stalls || events < 60) return undefined;
  // Jitter makes pauses and bursts too, but everywhere.
  if (url.some((shape) => shape.together > 0.6 || shape.stalls.calm < 0.7)) return undefined;
  const rate = stalls / events;
  if (rate < 0.002 || rate > 0.15) return undefined;
  const beat = median(url.map((shape) => shape.beatMs));
  const medianMs = median(
    url.map((shape) => shape.stalls.medianMs).filter((value) => Number.isFinite(value)),
  );
  // A busy machine stalls for less; a resend takes at least what TCP needs to notice.
  if (!(medianMs >= 30 && medianMs >= 3 * beat)) return undefined;
  const directRate =
    direct.length === 0
      ? 0
      : direct.reduce((sum, shape) => sum + shape.stalls.count, 0) /
        Math.max(
          1,
          direct.reduce((sum, shape) => sum + shape.events, 0),
        );
  if (directRate > rate / 2) return undefined;
  const expectedMs = rttMs !== null && rttMs >= 5 ? rttMs + 2 * beat : null;
  const fits = expectedMs !== null && medianMs >= 0.5 * expectedMs && medianMs <= 2 * expectedMs;
  return { stalls, rate, medianMs, expectedMs, confirmed: fits && direct.length > 0 };
}
