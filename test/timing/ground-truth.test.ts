/**
 * The client's times against the mock's. Both sides run in this process on one clock, so that only
 * scheduling noise separates them: half of all events within 4 ms, 90 % within 60 ms. A stamp taken at the
 * wrong place is off by a whole gap (20 ms) or a whole first-token time (60 ms) in *every* event, which
 * the median shows.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startMock, type MockServer } from '../../mock-server/index.ts';
import { compareWithMock, groundTruthArms } from '../helpers/ground-truth.ts';

let mock: MockServer;

beforeAll(async () => {
  mock = await startMock({ ttft: '60ms', itl: '20ms', tokens: 20, tls: true, seed: '7' });
});
afterAll(() => mock.close());

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

const comparable = Object.entries(groundTruthArms).filter(
  ([, { dialectOptions }]) => dialectOptions?.['modality'] !== 'audio',
);

it.each(comparable)('%s', async (name, overrides) => {
  const differences = (await compareWithMock(mock, name, overrides)).map(Math.abs);
  expect(quantile(differences, 0.5)).toBeLessThan(4);
  expect(quantile(differences, 0.9)).toBeLessThan(60);
});
