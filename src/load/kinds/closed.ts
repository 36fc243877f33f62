import { z } from 'zod';
import { durations, parseDurations, someTime } from '../../settings/fields.ts';
import { parseDuration } from '../../settings/units.ts';
import { definePacer, type PlanContext } from '../definition.ts';
import { forDuration, sessionsInWords } from '../load-text.ts';
import type { Pacer, PacerContext } from '../pacer.ts';
import { around } from '../shared-settings.ts';

/** Keeps `sessions` running. Ends after `iterations` sessions, where that is given. */
export interface ClosedShape {
  kind: 'closed';
  sessions: number;
  iterations?: number;
}

const hourMs = 3_600_000;

const schema = z.strictObject({
  kind: z.literal('closed'),
  sessions: z.int().positive().describe('Sessions running at a time'),
  iterations: z
    .int()
    .positive()
    .optional()
    .describe('End after this many sessions in all; then `duration` is only an upper limit'),
  think: durations()
    .optional()
    .describe('Pause between two sessions of one place, e.g. "1s" or "exponential(5s)"'),
  duration: someTime()
    .optional()
    .describe('Measured phase; needed unless `iterations` is given, then default 1h'),
  ...around,
});

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
export const closedPacer = definePacer({
  kind: 'closed',
  place: 10,
  summary: 'A fixed number of sessions at a time; the next starts where one ends',
  example: { kind: 'closed', sessions: 200, duration: '30s' },
  schema,
  plan,
  make,
});

function plan(
  { kind, sessions, iterations, think, duration }: z.infer<typeof schema>,
  { report }: PlanContext,
) {
  if (duration === undefined && iterations === undefined) {
    report({
      path: [],
      code: 'missing-key',
      message: '"duration" is missing in load',
      hints: ['say how long it lasts (duration: 30s) or how many sessions (iterations: 500)'],
    });
    return undefined;
  }
  return {
    shape: { kind, sessions, ...(iterations !== undefined && { iterations }) },
    durationMs: duration === undefined ? hourMs : parseDuration(duration),
    pauseMs: think === undefined ? undefined : parseDurations(think),
  };
}

function make(shape: ClosedShape, { durationMs }: PacerContext): Pacer {
  const { sessions, iterations = Number.POSITIVE_INFINITY } = shape;
  return {
    durationMs,
    mostSessions: sessions,
    next({ elapsedMs, scheduled, active, lastEndedMs }) {
      if (elapsedMs >= durationMs || scheduled >= iterations) return { kind: 'stop' };
      if (active >= sessions) return { kind: 'wait', untilMs: Number.POSITIVE_INFINITY };
      // The first N are due immediately; a later one when the session before it ended.
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
}
