/**
 * Values with units in a fault's settings, as zod schemas. They check and do not convert, so that a
 * fault reads the same wherever it is written; `make` converts with the same parsers.
 */
import { z } from 'zod';
import { messageOf } from '../errors.ts';
import { parseDistribution, type Distribution } from '../random/distribution.ts';
import { parseBitRate, parseBytes, parseDuration, parsePercent } from '../units.ts';
import type { Direction } from './fault.ts';

export const parseDurations = (text: string): Distribution =>
  parseDistribution(text, parseDuration);
export const parseByteCounts = (text: string): Distribution => parseDistribution(text, parseBytes);

function parsed(parse: (text: string) => unknown, isRight?: (value: number) => string | undefined) {
  return z
    .string({
      error: ({ input }) =>
        typeof input === 'number' ? `${input} must be written with its unit, as text` : undefined,
    })
    .superRefine((text, context) => {
      try {
        const value = parse(text);
        const wrong = typeof value === 'number' ? isRight?.(value) : undefined;
        if (wrong !== undefined) throw new Error(`"${text}" ${wrong}`);
      } catch (error) {
        context.addIssue({ code: 'custom', message: messageOf(error) });
      }
    });
}

const aboveZero = (value: number): string | undefined =>
  value > 0 ? undefined : 'must be above 0';

/** `50ms`; zero allowed. */
export const duration = () => parsed(parseDuration);
/** As {@link duration}, above zero. */
export const someTime = () => parsed(parseDuration, aboveZero);
/** `20ms` or `lognormal(20ms, 0.5)`. */
export const durations = () => parsed(parseDurations);
/** `16KiB`; zero allowed. */
export const byteCount = () => parsed(parseBytes);
/** As {@link byteCount}, above zero. */
export const someBytes = () => parsed(parseBytes, aboveZero);
/** `20B` or `uniform(1B, 40B)`. */
export const byteCounts = () => parsed(parseByteCounts);
/** `1.6Mbps`. */
export const bitRate = () => parsed(parseBitRate);
/** `2%`, from 0 % to 100 %. */
export const percent = () =>
  parsed(parsePercent, (share) =>
    share >= 0 && share <= 1 ? undefined : 'must be between 0% and 100%',
  );

/** Which way of the connection is meant; `up` is from client to target. */
export type Where = 'both' | 'up' | 'down';

export const where = () =>
  z
    .enum(['both', 'up', 'down'])
    .optional()
    .describe('which way it applies: up (client to target), down (target to client) or both');

/** Whether a setting for `where` (default both) applies to a direction. */
export function appliesTo(direction: Direction, where: Where = 'both'): boolean {
  return where === 'both' || (where === 'up') === (direction === 'client_to_target');
}

/** Complains unless exactly one of the keys is given. */
export function exactlyOneOf<Key extends string>(...keys: Key[]) {
  return (value: Partial<Record<Key, unknown>>, context: z.core.$RefinementCtx): void => {
    const given = keys.filter((key) => value[key] !== undefined);
    if (given.length === 1) return;
    const list = `${keys.slice(0, -1).join(', ')} or ${keys.at(-1)}`;
    context.addIssue({
      code: 'custom',
      input: value,
      message:
        given.length === 0
          ? `one of ${list} is needed`
          : `only one of ${list} may be given, not ${given.join(' and ')}`,
    });
  };
}
