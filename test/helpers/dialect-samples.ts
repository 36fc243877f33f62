/** The samples of the dialects, one file for each member, found by listing their folder. */
import fs from 'node:fs';
import path from 'node:path';
import type { DialectSample, DialectSetUp } from '../../src/contract/index.ts';
import { dialects } from '../../src/dialect/registry.ts';

const folder = path.resolve(import.meta.dirname, '../contract/dialect-samples');

export const sampleNames = fs
  .readdirSync(folder)
  .map((file) => path.basename(file, '.ts'))
  .sort();

async function sampleOf(name: string): Promise<DialectSample> {
  const module = (await import(path.join(folder, `${name}.ts`))) as { sample: DialectSample };
  return module.sample;
}

/** Every dialect with its sample. */
export const setUps: readonly DialectSetUp[] = await Promise.all(
  dialects.map(async (dialect) => ({ dialect, sample: await sampleOf(dialect.name) })),
);
