/**
 * Values with units, as zod schemas. They check and do not convert, so that what a user writes and
 * what the library takes have one type; `build-*.ts` converts with the same parsers.
 */
import { z } from 'zod';
import { messageOf } from '../errors.ts';
import { parseDistribution, type Distribution } from '../random/distribution.ts';
import { parseCount, parseDuration, parseRate } from '../units.ts';

/** A string that `parse` accepts. A bare number gets told which units there are. */
function parsed(parse: (text: string) => unknown, examples: string[]) {
  return z
    .string({
      error: ({ input }) => {
        if (typeof input !== 'number') return undefined;
        try {
          parse(String(input));
        } catch (error) {
          return messageOf(error);
        }
        return `${input} must be written with its unit`;
      },
    })
    .superRefine((text, context) => {
      try {
        parse(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: messageOf(error) });
      }
    })
    .meta({ examples });
}

function positive(parse: (text: string) => number, what: string): (text: string) => number {
  return (text) => {
    const value = parse(text);
    if (!(value > 0)) throw new Error(`"${text}" must be above 0 for ${what}`);
    return value;
  };
}

/** `250ms`, `30s`, `1m30s`; zero allowed. */
export const duration = () => parsed(parseDuration, ['250ms', '30s', '1m30s']);
/** As {@link duration}, above zero. */
export const someTime = () =>
  parsed(positive(parseDuration, 'a duration that something lasts'), ['250ms', '30s', '1m30s']);
/** `50/s`, above zero. */
export const someRate = () => parsed(positive(parseRate, 'a rate'), ['20/s', '90/m']);
/** `0/s` allowed: a pause. */
export const rate = () => parsed(parseRate, ['20/s', '0/s']);
/** `250ms` or `lognormal(180ms, 0.4)`. */
export const durations = () => parsed(parseDurations, ['250ms', 'lognormal(2s, 0.5)']);
/** `64` or `uniform(32, 128)`. */
export const counts = () =>
  z.union([
    z.int().positive(),
    parsed((text) => parseDistribution(text, parseCount), ['uniform(32, 128)']),
  ]);

export const parseDurations = (text: string): Distribution =>
  parseDistribution(text, parseDuration);

export const parseCounts = (value: number | string): Distribution =>
  typeof value === 'number' ? { kind: 'constant', value } : parseDistribution(value, parseCount);
