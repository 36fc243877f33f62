import type { PacerFactory } from './pacer.ts';
import { forDuration, sessionsInWords } from './load-text.ts';

/**
 * A fixed number of sessions at a time: the next starts where one ends, as with people who wait for
 * their answer. A slow target therefore gets fewer sessions, and its slowness hides from
 * percentiles over time; to see a queue grow, use an open model.
 *
 *     running
 *        N |████████████████████
 *          |████████████████████
 *          └────────────────────▶ t        active(t) = N until the end
 */
export const closedPacer: PacerFactory<'closed'> = (shape, { durationMs }) => {
  const { sessions, iterations = Number.POSITIVE_INFINITY } = shape;
  return {
    durationMs,
    next({ elapsedMs, scheduled, active, lastEndedMs }) {
      if (elapsedMs >= durationMs || scheduled >= iterations) return { kind: 'stop' };
      if (active >= sessions) return { kind: 'wait', untilMs: Number.POSITIVE_INFINITY };
      // The first N are due at once; a later one when the session before it ended.
      const atMs = scheduled < sessions ? 0 : Math.min(elapsedMs, Math.max(0, lastEndedMs));
      return { kind: 'start', atMs };
    },
    rateAt: () => undefined,
    sessionsAt: (elapsedMs) => (elapsedMs >= 0 && elapsedMs < durationMs ? sessions : 0),
    describe: () =>
      Number.isFinite(iterations)
        ? `${sessionsInWords(iterations)} in all, ${sessions} at a time${
            Number.isFinite(durationMs) ? `, at most${forDuration(durationMs)}` : ''
          }`
        : `${sessionsInWords(sessions)} at a time${forDuration(durationMs)}`,
  };
};
