/**
 * Values with units as zod schemas, for whatever a user may set. They check and do not convert, so that
 * what a user writes and what the library takes have one type; code that uses a value converts it with
 * the parser of the same name.
 *
 * Examples go into the JSON Schema, and so to editors and the reference. Give others where they fit the
 * setting better.
 */
import { z } from 'zod';
import { parseDistribution, type Distribution } from '../random/distribution.ts';
import { aboveZero, unitText } from './unit-text.ts';
import {
  parseBitRate,
  parseBytes,
  parseCount,
  parseDuration,
  parsePercent,
  parseRate,
} from './units.ts';

/** `20ms` or `lognormal(20ms, 0.5)` → ms. @throws Error saying what was expected. */
export const parseDurations = (text: string): Distribution =>
  parseDistribution(text, parseDuration);
/** `20B` or `uniform(1B, 40B)` → bytes. @throws Error saying what was expected. */
export const parseByteCounts = (text: string): Distribution => parseDistribution(text, parseBytes);
/** `64` or `uniform(32, 128)`. @throws Error saying what was expected. */
export const parseCounts = (value: number | string): Distribution =>
  typeof value === 'number' ? { kind: 'constant', value } : parseDistribution(value, parseCount);

const someDurations = ['250ms', '30s', '1m30s'];

/** `250ms`, `30s`, `1m30s`; zero allowed. */
export const duration = (examples = someDurations) => unitText(parseDuration, { examples });
/** As {@link duration}, above zero. */
export const someTime = (examples = someDurations) =>
  unitText(parseDuration, { mistake: aboveZero, examples });
/** `250ms` or `lognormal(180ms, 0.4)`. */
export const durations = (examples = ['250ms', 'lognormal(2s, 0.5)']) =>
  unitText(parseDurations, { examples });
/** `0/s` allowed: a pause. */
export const rate = () => unitText(parseRate, { examples: ['20/s', '0/s'] });
/** `50/s`, above zero. */
export const someRate = () =>
  unitText(parseRate, { mistake: aboveZero, examples: ['20/s', '90/m'] });
/** `64` or `uniform(32, 128)`. */
export const counts = () =>
  z.union([z.int().positive(), unitText(parseCounts, { examples: ['uniform(32, 128)'] })]);
/** `16KiB`; zero allowed. */
export const byteCount = () => unitText(parseBytes, { examples: ['16KiB'] });
/** As {@link byteCount}, above zero. */
export const someBytes = () => unitText(parseBytes, { mistake: aboveZero, examples: ['16KiB'] });
/** `20B` or `uniform(1B, 40B)`. */
export const byteCounts = () =>
  unitText(parseByteCounts, { examples: ['20B', 'uniform(1B, 40B)'] });
/** `1.6Mbps`. */
export const bitRate = () => unitText(parseBitRate, { examples: ['1.6Mbps'] });
/** `2%`, from 0 % to 100 %. */
export const percent = () =>
  unitText(parsePercent, {
    examples: ['2%'],
    mistake: (share) => (share >= 0 && share <= 1 ? undefined : 'must be between 0% and 100%'),
  });

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
