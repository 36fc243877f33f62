/**
 * Text that carries a unit, as a zod schema. It is checked and not converted, so that what a user
 * writes and what the library takes have one type; code that uses it converts with the same parser.
 */
import { z } from 'zod';
import { messageOf } from '../errors.ts';

export interface UnitTextOptions {
  /** What is wrong with a value that can be read; undefined where nothing is. */
  mistake?: (value: number) => string | undefined;
  /** For the JSON Schema, and so for editors and the reference. */
  examples?: string[];
}

/** @param parse - throws where the text cannot be read; its message is the user's. */
export function unitText(
  parse: (text: string) => unknown,
  { mistake, examples }: UnitTextOptions = {},
) {
  const schema = z
    .string({
      error: ({ input }) => (typeof input === 'number' ? withoutUnit(input, parse) : undefined),
    })
    .superRefine((text, context) => {
      try {
        const value = parse(text);
        const wrong = typeof value === 'number' ? mistake?.(value) : undefined;
        if (wrong !== undefined) throw new Error(`"${text}" ${wrong}`);
      } catch (error) {
        context.addIssue({ code: 'custom', message: messageOf(error) });
      }
    });
  return examples === undefined ? schema : schema.meta({ examples });
}

/** The parser knows which units there are. */
function withoutUnit(value: number, parse: (text: string) => unknown): string {
  try {
    parse(String(value));
  } catch (error) {
    return messageOf(error);
  }
  return `${value} must be written with its unit, as text`;
}

/** A mistake for {@link UnitTextOptions}. */
export function aboveZero(value: number): string | undefined {
  return value > 0 ? undefined : 'must be above 0';
}
