/** Settings that come from outside, checked where they enter. */
import type { z } from 'zod';
import { StreamgaugeError, StreamgaugeErrors, type ErrorDetails } from '../errors.ts';
import { problemsOf, type ProblemWords } from './schema-problems.ts';

/**
 * The value, as the schema gives it.
 *
 * @param details - of the errors; its hints stand behind those of each mistake.
 * @throws StreamgaugeErrors with everything that is wrong.
 */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  words: ProblemWords,
  details: Pick<ErrorDetails, 'code' | 'exit' | 'hints'>,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = problemsOf(schema, value, words).map(
    ({ message, hints = [] }) =>
      new StreamgaugeError(message, { ...details, hints: [...hints, ...(details.hints ?? [])] }),
  );
  throw new StreamgaugeErrors(errors as [StreamgaugeError, ...StreamgaugeError[]]);
}
