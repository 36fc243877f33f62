/** Options of an API: keys that only arms of its dialect may have. */
import type { z } from 'zod';

export interface DialectOption<Value = unknown> {
  /** What the key may hold. Its description documents it, and names the default. */
  readonly schema: z.ZodType<Value>;
  /**
   * Its default: the value under which the API does what one without the option would do. It may stand
   * in an arm of any dialect.
   */
  readonly neutral: Value;
}

/** Values of a dialect's options by key; what they are, only the dialect knows. */
export type DialectOptions = Readonly<Record<string, unknown>>;

/** The values that a set of options stands for. */
export type OptionValues<Set extends Readonly<Record<string, DialectOption>>> = {
  readonly [Key in keyof Set]: z.infer<Set[Key]['schema']>;
};

/** One option. @param neutral - its default, see {@link DialectOption}. */
export function option<Schema extends z.ZodType>(
  schema: Schema,
  neutral: z.infer<Schema>,
): { readonly schema: Schema; readonly neutral: z.infer<Schema> } {
  return { schema, neutral };
}

/** Every option at its default. */
export function neutralOptions(options: Readonly<Record<string, DialectOption>>): DialectOptions {
  return Object.fromEntries(Object.entries(options).map(([key, { neutral }]) => [key, neutral]));
}
