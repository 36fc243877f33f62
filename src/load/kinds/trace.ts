import { z } from 'zod';
import { messageOf } from '../../errors.ts';
import { someTime } from '../../settings/fields.ts';
import { parseDuration } from '../../settings/units.ts';
import { definePacer, type PlanContext } from '../definition.ts';
import { durationInWords, sessionsInWords } from '../load-text.ts';
import { openPacer } from '../open-pacer.ts';
import type { Pacer, PacerContext } from '../pacer.ts';
import { readTrace } from '../read-trace.ts';
import { around, cap } from '../shared-settings.ts';

/** Start times in ms from the start, ascending. */
export interface TraceShape {
  kind: 'trace';
  startsMs: readonly number[];
}

const unitMs = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 } as const;

const schema = z.strictObject({
  kind: z.literal('trace'),
  file: z
    .string()
    .min(1)
    .describe(
      'CSV with a `timestamp` column or JSONL with a `timestamp` member, relative to the scenario: ISO dates, epoch numbers, or `timestamp_s` / `timestamp_ms` from any start',
    ),
  unit: z
    .enum(['s', 'ms', 'us', 'ns'])
    .optional()
    .describe('What plain numbers count, where neither their size nor the column’s name says it'),
  duration: someTime()
    .optional()
    .describe('Measured phase; default: from the end of the warm-up to the last start'),
  ...around,
  ...cap,
});

/** Within which starts are counted for the rate around a moment. */
const windowMs = 1000;

/**
 * Start times as recorded, for replaying real traffic with its bursts and pauses.
 *
 *     starts ┃  ┃┃┃   ┃        ┃┃
 *            └─────────────────────▶ t        start(i) = trace[i]
 *
 * The intended rate shown in reports is the count within the second around a moment.
 */
export const tracePacer = definePacer({
  kind: 'trace',
  place: 70,
  summary: 'Start times as recorded',
  example: { kind: 'trace', file: 'arrivals.csv' },
  schema,
  plan,
  make,
});

function plan(
  { file, unit, duration }: z.infer<typeof schema>,
  { warmupMs, cooldownMs, readText, report }: PlanContext,
) {
  const text = readText(file, 'file');
  if (text === undefined) return undefined;
  let startsMs: number[];
  try {
    startsMs = readTrace(text, unit === undefined ? {} : { unit: unitMs[unit] });
  } catch (error) {
    report({
      path: ['file'],
      code: 'trace-invalid',
      message: `${file}: ${messageOf(error)}`,
      hints: ['a trace is CSV with a column, or JSONL with a member, named timestamp'],
    });
    return undefined;
  }
  // One more millisecond, so that the last start lies within.
  const recordedMs = startsMs.at(-1)! + 1 - warmupMs - cooldownMs;
  if (duration === undefined && recordedMs <= 0) {
    report({
      path: ['file'],
      code: 'trace-short',
      message: `${file} ends before the measured phase begins`,
      hints: ['make warm-up and cool-down shorter than the recording'],
    });
    return undefined;
  }
  const shape: TraceShape = { kind: 'trace', startsMs };
  return { shape, durationMs: duration === undefined ? recordedMs : parseDuration(duration) };
}

function make({ startsMs }: TraceShape, { durationMs }: PacerContext): Pacer {
  const within = startsMs.filter((start) => start < durationMs).length;
  return openPacer({
    durationMs,
    startOf: (index) => startsMs[index] ?? Number.POSITIVE_INFINITY,
    rateAt: (elapsedMs) =>
      ((firstAtOrAfter(startsMs, elapsedMs + windowMs / 2) -
        firstAtOrAfter(startsMs, elapsedMs - windowMs / 2)) *
        1000) /
      windowMs,
    describe: () =>
      `${sessionsInWords(within)} at recorded times over ${durationInWords(
        Math.min(durationMs, startsMs.at(-1) ?? 0),
      )}`,
  });
}

/** Index of the first start ≥ `ms` in ascending starts. */
function firstAtOrAfter(startsMs: readonly number[], ms: number): number {
  let low = 0;
  let high = startsMs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (startsMs[middle]! < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
