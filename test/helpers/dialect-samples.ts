/** Every dialect with its sample. */
import type { DialectSample, DialectSetUp } from '../../src/contract/index.ts';
import { dialectNamed } from '../../src/dialect/registry.ts';
import { samplesIn } from './samples.ts';

const samples = await samplesIn<DialectSample>('dialects');

export const setUps: readonly DialectSetUp[] = samples.map(([name, sample]) => ({
  dialect: dialectNamed(name),
  sample,
}));
