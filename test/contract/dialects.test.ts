/** What every dialect must do, whatever its API; a new one brings a file in `samples/dialects/`. */
import { describe, expect, it } from 'vitest';
import { describeDialect } from '../../src/contract/index.ts';
import { dialectNames } from '../../src/dialect/registry.ts';
import { setUps } from '../helpers/dialect-samples.ts';

it('every dialect has a sample, and every sample a dialect', () => {
  expect(setUps.map(({ dialect }) => dialect.name)).toEqual([...dialectNames].sort());
});

for (const setUp of setUps) describeDialect(setUp, { describe, it });
