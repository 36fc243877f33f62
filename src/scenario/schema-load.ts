/** `load:` — when sessions start. One object per kind, told apart by `kind`. */
import { z } from 'zod';
import { duration, durations, rate, someRate, someTime } from '../settings/fields.ts';

const length = {
  duration: someTime().describe('Measured phase'),
};

const around = {
  warmup: duration()
    .optional()
    .describe('Load before the measured phase, kept apart in the result. Default 0s'),
  cooldown: duration()
    .optional()
    .describe('Load after the measured phase, kept apart in the result. Default 0s'),
  graceful_stop: duration()
    .optional()
    .describe('How long running sessions may finish after the load has ended. Default 30s'),
};

const cap = {
  max_concurrency: z
    .int()
    .positive()
    .optional()
    .describe('Sessions at once; further ones wait, and the wait is counted. Default: no cap'),
  max_waiting: z
    .int()
    .nonnegative()
    .optional()
    .describe('Sessions that may wait under the cap; further ones are dropped. Default: no limit'),
};

const arrival = z
  .enum(['even', 'poisson'])
  .optional()
  .describe('`even`: at an exact beat; `poisson`: at random with this rate. Default even');

const closed = z
  .strictObject({
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
  })
  .describe('A fixed number of sessions at a time; the next starts where one ends');

const constant = z
  .strictObject({
    kind: z.literal('constant'),
    rate: someRate().describe('Sessions per second'),
    ...length,
    ...around,
    ...cap,
  })
  .describe('Sessions at an even beat, whatever the target does');

const poisson = z
  .strictObject({
    kind: z.literal('poisson'),
    rate: someRate().describe('Mean sessions per second'),
    ...length,
    ...around,
    ...cap,
  })
  .describe('Sessions at random, as independent users make them');

const ramp = z
  .strictObject({
    kind: z.literal('ramp'),
    from: rate().describe('Rate at the start of the measured phase, and during warm-up'),
    to: rate().describe('Rate at its end, and during cool-down'),
    arrival,
    ...length,
    ...around,
    ...cap,
  })
  .describe('A rate that changes evenly from one value to another');

export const stageSchema = z.strictObject({
  duration: someTime().describe('Length of the stage'),
  rate: rate().describe('Rate of the stage; with `ramp`, the rate at its end'),
  shape: z
    .enum(['step', 'ramp'])
    .optional()
    .describe(
      '`step` holds the rate; `ramp` approaches it from the stage before, or from 0. Default step',
    ),
});

const stages = z
  .strictObject({
    kind: z.literal('stages'),
    stages: z.array(stageSchema).min(1).describe('In order; their lengths make the measured phase'),
    arrival,
    ...around,
    ...cap,
  })
  .describe(
    'Several rates in a row. Warm-up holds the first stage’s rate, cool-down the last one’s',
  );

const burst = z
  .strictObject({
    kind: z.literal('burst'),
    size: z.int().positive().describe('Sessions that start at the same moment'),
    every: someTime().describe('From one burst to the next'),
    ...length,
    ...around,
    ...cap,
  })
  .describe('Many sessions at once, again and again');

const trace = z
  .strictObject({
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
  })
  .describe('Start times as recorded');

const kinds = [closed, constant, poisson, ramp, stages, burst, trace] as const;

export const loadSchema = z
  .discriminatedUnion('kind', kinds)
  .describe('When sessions start')
  .meta({ id: 'Load' });

export type LoadInput = z.infer<typeof loadSchema>;

/** Keys that each kind takes, for saying where a misplaced one belongs. */
export const loadKeys: ReadonlyMap<string, readonly string[]> = new Map(
  kinds.map((kind) => [kind.shape.kind.value, Object.keys(kind.shape)]),
);

/** Part of a load, laid over the scenario's own. What does not fit the resulting kind is an error. */
export const loadOverrideSchema = z
  .strictObject({
    kind: z.enum(['closed', 'constant', 'poisson', 'ramp', 'stages', 'burst', 'trace']).optional(),
    sessions: closed.shape.sessions.optional(),
    iterations: closed.shape.iterations,
    think: closed.shape.think,
    rate: constant.shape.rate.optional(),
    from: ramp.shape.from.optional(),
    to: ramp.shape.to.optional(),
    arrival,
    stages: stages.shape.stages.optional(),
    size: burst.shape.size.optional(),
    every: burst.shape.every.optional(),
    file: trace.shape.file.optional(),
    unit: trace.shape.unit,
    duration: length.duration.optional(),
    ...around,
    ...cap,
  })
  .describe('Laid over the scenario’s `load`; another `kind` replaces it')
  .meta({ id: 'LoadOverride' });
