/**
 * Values with units in a fault's settings, as zod schemas. They check and do not convert, so that a
 * fault reads the same wherever it is written; `make` converts with the same parsers.
 */
import { z } from 'zod';
import { parseDistribution, type Distribution } from '../random/distribution.ts';
import { aboveZero, unitText } from '../settings/unit-text.ts';
import { parseBitRate, parseBytes, parseDuration, parsePercent } from '../settings/units.ts';
import type { Direction } from './fault.ts';

export const parseDurations = (text: string): Distribution =>
  parseDistribution(text, parseDuration);
export const parseByteCounts = (text: string): Distribution => parseDistribution(text, parseBytes);

/** `50ms`; zero allowed. */
export const duration = () => unitText(parseDuration, { examples: ['50ms'] });
/** As {@link duration}, above zero. */
export const someTime = () => unitText(parseDuration, { mistake: aboveZero(), examples: ['2s'] });
/** `20ms` or `lognormal(20ms, 0.5)`. */
export const durations = () =>
  unitText(parseDurations, { examples: ['20ms', 'lognormal(20ms, 0.5)'] });
/** `16KiB`; zero allowed. */
export const byteCount = () => unitText(parseBytes, { examples: ['16KiB'] });
/** As {@link byteCount}, above zero. */
export const someBytes = () => unitText(parseBytes, { mistake: aboveZero() });
/** `20B` or `uniform(1B, 40B)`. */
export const byteCounts = () => unitText(parseByteCounts);
/** `1.6Mbps`. */
export const bitRate = () => unitText(parseBitRate, { examples: ['1.6Mbps'] });
/** `2%`, from 0 % to 100 %. */
export const percent = () =>
  unitText(parsePercent, {
    examples: ['2%'],
    mistake: (share) => (share >= 0 && share <= 1 ? undefined : 'must be between 0% and 100%'),
  });

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
