/**
 * Values with units in the settings of a proxy, and words that several kinds share.
 */
import { z } from 'zod';
import { aboveZero, unitText } from '../settings/unit-text.ts';
import { parseBytes, parseDuration } from '../settings/units.ts';

/** `200ms`, `60s`; above zero. */
export const someTime = () =>
  unitText(parseDuration, { mistake: aboveZero(), examples: ['200ms'] });
/** As {@link someTime}, zero allowed. */
export const duration = () => unitText(parseDuration, { examples: ['50ms'] });
/** `4KiB`, `16kB`; above zero. */
export const someBytes = () => unitText(parseBytes, { mistake: aboveZero(), examples: ['16KiB'] });
/** `on` or `off`, as proxies write it. */
export const onOff = () => z.enum(['on', 'off']);

/** When a proxy that holds a body back sends the head of the response. */
export const headers = () => z.enum(['with_first_burst', 'early']);
