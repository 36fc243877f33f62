/** Looking into a zod schema: which keys an object may have. */
import type { z } from 'zod';
import { isObject, type Path } from './problem.ts';

/** The parts of zod's definitions that are looked at. */
interface Definition {
  type: string;
  shape?: Record<string, z.core.$ZodType>;
  innerType?: z.core.$ZodType;
  element?: z.core.$ZodType;
  valueType?: z.core.$ZodType;
  options?: readonly z.core.$ZodType[];
  discriminator?: string;
  values?: readonly unknown[];
}

export function definitionOf(schema: z.core.$ZodType): Definition {
  let definition = (schema as z.ZodType).def as unknown as Definition;
  while (definition.innerType) {
    definition = (definition.innerType as z.ZodType).def;
  }
  return definition;
}

/**
 * Keys that an object at `path` may have; of a union, those of the option that the value has chosen
 * by its `kind`, else of all options.
 */
export function allowedKeys(schema: z.core.$ZodType, path: Path, value: unknown): string[] {
  const definition = definitionOf(schema);
  if (definition.options) {
    const options = definition.options.filter((option) => chosen(option, definition, value));
    return [...new Set(options.flatMap((option) => allowedKeys(option, path, value)))];
  }
  const [part, ...rest] = path;
  if (part === undefined) return definition.shape ? Object.keys(definition.shape) : [];
  const inner = (value as Record<string | number, unknown> | undefined)?.[part];
  const next = definition.shape?.[part] ?? definition.element ?? definition.valueType;
  return next ? allowedKeys(next, rest, inner) : [];
}

function chosen(option: z.core.$ZodType, union: Definition, value: unknown): boolean {
  if (union.discriminator === undefined || !isObject(value)) return true;
  const kind = definitionOf(option).shape?.[union.discriminator];
  const values = kind ? definitionOf(kind).values : undefined;
  return values === undefined || values.includes(value[union.discriminator]);
}
