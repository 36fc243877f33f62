/** The published schemas, made from the zod schemas that check the files. */
import { z } from 'zod';
import { diagnosisSchema } from '../diagnose/diagnosis.ts';
import { definitionOf, type FaultKind } from '../fault/registry.ts';
import { resultSchema } from '../result/schema.ts';
import { scenarioSchema } from '../scenario/schema.ts';

const schemas = {
  scenario: scenarioSchema,
  result: resultSchema,
  diagnosis: diagnosisSchema,
} as const;

export const schemaNames = [
  'scenario',
  'result',
  'diagnosis',
] as const satisfies (keyof typeof schemas)[];
export type SchemaName = (typeof schemaNames)[number];

const titles: Record<SchemaName, string> = {
  scenario: 'streamgauge scenario',
  result: 'streamgauge result',
  diagnosis: 'streamgauge diagnosis',
};

/** JSON Schema, draft 2020-12, of what a user writes (`scenario`), or a run (`result`) or a diagnosis leaves behind. */
export function jsonSchemaOf(name: SchemaName): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(schemas[name], {
    target: 'draft-2020-12',
    io: 'input',
    // What has its own id is described once and referred to.
    reused: 'inline',
  });
  if (name === 'scenario') addShortFaults(rest);
  return { $schema, title: titles[name], ...rest };
}

interface Json {
  [key: string]: unknown;
}

const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The loader writes out `delay: 25ms` before it checks; editors must accept both forms. */
function addShortFaults(schema: unknown): void {
  if (Array.isArray(schema)) return schema.forEach(addShortFaults);
  if (!isJson(schema)) return;
  const list = isJson(schema['properties']) ? schema['properties']['faults'] : undefined;
  if (isJson(list) && isJson(list['items']) && Array.isArray(list['items']['oneOf'])) {
    const full: unknown[] = list['items']['oneOf'];
    list['items'] = { anyOf: [...full, shortFault(full.filter(isJson))] };
  }
  Object.values(schema).forEach(addShortFaults);
}

function shortFault(full: readonly Json[]): Json {
  const kinds = full.map((fault) => {
    const { kind, ...properties } = fault['properties'] as Json & { kind: { const: string } };
    const required = (fault['required'] as string[]).filter((key) => key !== 'kind');
    const settings = { type: 'object', properties, required, additionalProperties: false };
    const { short } = definitionOf(kind.const as FaultKind);
    const value = short === undefined ? settings : { anyOf: [properties[short], settings] };
    return [kind.const, value];
  });
  return {
    type: 'object',
    description: 'Short form: the kind as the only key',
    properties: Object.fromEntries(kinds),
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 1,
  };
}
