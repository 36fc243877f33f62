/** Reads members of a request body, with the API's complaints. A null member counts as absent. */
import { badRequest, invalidType, missingParameter } from './api-problem.ts';

export type Body = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function requiredString(body: Body, name: string): string {
  const value = body[name];
  if (value === undefined || value === null) throw missingParameter(name);
  if (typeof value !== 'string') throw invalidType(name, 'a string', value);
  if (value === '') throw badRequest(`Invalid '${name}': empty string.`, name, 'empty_string');
  return value;
}

export function optionalString(body: Body, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalidType(name, 'a string', value);
  return value;
}

export function optionalBoolean(body: Body, name: string): boolean | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw invalidType(name, 'a boolean', value);
  return value;
}

export function optionalNumber(
  body: Body,
  name: string,
  range: { low: number; high: number; integer?: boolean },
): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number') throw invalidType(name, 'a number', value);
  if (range.integer && !Number.isInteger(value)) throw invalidType(name, 'an integer', value);
  if (value < range.low) {
    throw badRequest(
      `Invalid '${name}': ${value} is below the minimum of ${range.low}.`,
      name,
      range.integer ? 'integer_below_min_value' : 'decimal_below_min_value',
    );
  }
  if (value > range.high) {
    throw badRequest(
      `Invalid '${name}': ${value} is above the maximum of ${range.high}.`,
      name,
      range.integer ? 'integer_above_max_value' : 'decimal_above_max_value',
    );
  }
  return value;
}

export function optionalObject(body: Body, name: string): Body | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw invalidType(name, 'an object', value);
  return value;
}

export function optionalArray(body: Body, name: string): readonly unknown[] | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw invalidType(name, 'an array', value);
  return value;
}

/** The text of a message's content: a string, or the `text` (or transcript) of its parts, joined. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: unknown) => {
      if (!isObject(part)) return '';
      const text = part['text'] ?? part['transcript'] ?? part['refusal'];
      return typeof text === 'string' ? text : '';
    })
    .join('');
}
