/**
 * Values with units in the settings of a proxy. As in scenarios, they are checked and not converted,
 * so that what a user writes and what the library takes have one type.
 */
import { z } from 'zod';
import { messageOf } from '../errors.ts';
import { parseBytes, parseDuration } from '../units.ts';

function parsed(parse: (text: string) => number, above: number, what: string) {
  return z
    .string({
      error: ({ input }) =>
        typeof input === 'number' ? `${input} must be written with its unit` : undefined,
    })
    .superRefine((text, context) => {
      try {
        if (!(parse(text) > above)) throw new Error(`"${text}" must be above 0 for ${what}`);
      } catch (error) {
        context.addIssue({ code: 'custom', message: messageOf(error) });
      }
    });
}

/** `200ms`, `60s`; above zero. */
export const someTime = () => parsed(parseDuration, 0, 'a duration that something lasts');
/** As {@link someTime}, zero allowed. */
export const duration = () => parsed(parseDuration, -1, 'a duration');
/** `4KiB`, `16kB`; above zero. */
export const someBytes = () => parsed(parseBytes, 0, 'a size');
/** `on` or `off`, as proxies write it. */
export const onOff = () => z.enum(['on', 'off']);

/** When a proxy that holds a body back sends the head of the response. */
export const headers = () => z.enum(['with_first_burst', 'early']);
