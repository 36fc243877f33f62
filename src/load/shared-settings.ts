/** Settings that most kinds of load share; a kind spreads those that it takes into its schema. */
import { z } from 'zod';
import { duration, someTime } from '../settings/fields.ts';

/** For kinds whose measured phase lasts as long as the user says. */
export const measured = {
  duration: someTime().describe('Measured phase'),
};

/** For every kind. */
export const around = {
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

/** For open models, which start sessions however many are running. */
export const cap = {
  max_concurrency: z
    .int()
    .positive()
    .optional()
    .describe(
      'Sessions at the same time; further ones wait, and the wait is counted. Default: no cap',
    ),
  max_waiting: z
    .int()
    .nonnegative()
    .optional()
    .describe('Sessions that may wait under the cap; further ones are dropped. Default: no limit'),
};

/** `even`: a session exactly each time the integrated rate grows by one; `poisson`: at random, in the mean. */
export type Arrival = 'even' | 'poisson';

export const arrival = z
  .enum(['even', 'poisson'])
  .optional()
  .describe('`even`: at an exact beat; `poisson`: at random with this rate. Default even');
