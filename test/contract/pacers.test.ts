/** What every pacer promises: the suite for each sample in samples/pacers/. */
import { expect, it } from 'vitest';
import { loadKinds } from '../../src/load/registry.ts';
import { samplesIn } from '../helpers/samples.ts';
import { pacerSuite, type PacerSample } from './suites/pacer-suite.ts';

const samples = await samplesIn<PacerSample>('pacers');

it('has a sample of every pacer', () => {
  expect(samples.map(([, { pacer }]) => pacer.kind).sort()).toEqual([...loadKinds].sort());
});

for (const [, sample] of samples) pacerSuite(sample);
