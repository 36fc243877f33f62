/**
 * Values with units, as zod schemas. They check and do not convert, so that what a user writes and
 * what the library takes have one type; `build-*.ts` converts with the same parsers.
 */
import { z } from 'zod';
import { parseDistribution, type Distribution } from '../random/distribution.ts';
import { aboveZero, unitText } from './unit-text.ts';
import { parseCount, parseDuration, parseRate } from './units.ts';

/** `250ms`, `30s`, `1m30s`; zero allowed. */
export const duration = () => unitText(parseDuration, { examples: ['250ms', '30s', '1m30s'] });
/** As {@link duration}, above zero. */
export const someTime = () =>
  unitText(parseDuration, {
    mistake: aboveZero('for a duration that something lasts'),
    examples: ['250ms', '30s', '1m30s'],
  });
/** `50/s`, above zero. */
export const someRate = () =>
  unitText(parseRate, { mistake: aboveZero('for a rate'), examples: ['20/s', '90/m'] });
/** `0/s` allowed: a pause. */
export const rate = () => unitText(parseRate, { examples: ['20/s', '0/s'] });
/** `250ms` or `lognormal(180ms, 0.4)`. */
export const durations = () =>
  unitText(parseDurations, { examples: ['250ms', 'lognormal(2s, 0.5)'] });
/** `64` or `uniform(32, 128)`. */
export const counts = () =>
  z.union([
    z.int().positive(),
    unitText((text) => parseDistribution(text, parseCount), { examples: ['uniform(32, 128)'] }),
  ]);

export const parseDurations = (text: string): Distribution =>
  parseDistribution(text, parseDuration);

export const parseCounts = (value: number | string): Distribution =>
  typeof value === 'number' ? { kind: 'constant', value } : parseDistribution(value, parseCount);
