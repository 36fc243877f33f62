/** Arguments for a tool call that fit the tool's JSON Schema, so that strict clients accept them. */
import type { Rng } from '../../src/random/rng.ts';
import { tokenText } from './made-up-words.ts';

type Schema = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function word(rng: Rng): string {
  return tokenText(3 + Math.floor(rng() * 6), rng).trim();
}

function numberFor(schema: Schema, rng: Rng): number {
  const low = typeof schema['minimum'] === 'number' ? schema['minimum'] : 0;
  const high = typeof schema['maximum'] === 'number' ? schema['maximum'] : low + 100;
  const value = low + (high - low) * rng();
  return schema['type'] === 'integer'
    ? Math.ceil(low + (high - low) * 0.5)
    : Number(value.toFixed(2));
}

function valueFor(schema: unknown, rng: Rng, depth: number): unknown {
  if (!isObject(schema) || depth > 5) return word(rng);
  if ('const' in schema) return schema['const'];
  const { enum: options, anyOf, oneOf } = schema;
  if (Array.isArray(options) && options.length > 0) {
    return options[Math.floor(rng() * options.length)];
  }
  const union = Array.isArray(anyOf) ? anyOf : oneOf;
  if (Array.isArray(union) && union.length > 0) return valueFor(union[0], rng, depth + 1);
  const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type'];
  switch (type) {
    case 'integer':
    case 'number':
      return numberFor({ ...schema, type }, rng);
    case 'boolean':
      return rng() < 0.5;
    case 'null':
      return null;
    case 'array':
      return [valueFor(schema['items'], rng, depth + 1)];
    case 'object':
      return objectFor(schema, rng, depth + 1);
    default:
      return typeof schema['format'] === 'string' && schema['format'].startsWith('date')
        ? '2030-01-02T03:04:05Z'.slice(0, schema['format'] === 'date' ? 10 : undefined)
        : word(rng);
  }
}

function objectFor(schema: Schema, rng: Rng, depth: number): Record<string, unknown> {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, valueFor(property, rng, depth)]),
  );
}

/** The first free-text property: the one that may be made longer. */
function freeText(parameters: unknown): string | undefined {
  if (!isObject(parameters) || !isObject(parameters['properties'])) return undefined;
  const found = Object.entries(parameters['properties']).find(
    ([, property]) =>
      isObject(property) &&
      property['type'] === 'string' &&
      !['enum', 'const', 'format', 'maxLength', 'pattern'].some((key) => key in property),
  );
  return found?.[0];
}

/**
 * JSON text of a tool call's arguments.
 *
 * @param parameters - the tool's JSON Schema; without one, a single `input` member is made up.
 * @param bytes - wanted length. Met by lengthening a free-text property where there is one; never
 *   met by breaking the schema, so that the text can be longer, and shorter without such a property.
 */
export function toolArguments(parameters: unknown, bytes: number, rng: Rng): string {
  const known = isObject(parameters) && isObject(parameters['properties']);
  const values: Record<string, unknown> = known
    ? objectFor(parameters, rng, 0)
    : { input: word(rng) };
  const stretchy = known ? freeText(parameters) : 'input';
  let text = JSON.stringify(values);
  if (stretchy !== undefined && text.length < bytes) {
    let filler = String(values[stretchy]);
    const wanted = filler.length + bytes - text.length;
    while (filler.length < wanted) {
      filler += tokenText(Math.min(8, wanted - filler.length), rng);
    }
    text = JSON.stringify({ ...values, [stretchy]: filler });
  }
  return text;
}
