/** The published schemas, made from the zod schemas that check the files. */
import { z } from 'zod';
import { resultSchema } from '../result/schema.ts';
import { scenarioSchema } from '../scenario/schema.ts';

const schemas = { scenario: scenarioSchema, result: resultSchema } as const;

export const schemaNames = ['scenario', 'result'] as const satisfies (keyof typeof schemas)[];
export type SchemaName = (typeof schemaNames)[number];

const titles: Record<SchemaName, string> = {
  scenario: 'streamgauge scenario',
  result: 'streamgauge result',
};

/** JSON Schema, draft 2020-12, of what a user writes (`scenario`) or a run leaves behind (`result`). */
export function jsonSchemaOf(name: SchemaName): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(schemas[name], {
    target: 'draft-2020-12',
    io: 'input',
    // What has its own id is described once and referred to.
    reused: 'inline',
  });
  return { $schema, title: titles[name], ...rest };
}
