/**
 * The loss model against Linux: the same writes, the same loss rate, the percentiles that the kernel
 * was measured to have (test/fixtures/tcp/kernel-distributions.json). The median of the model's runs
 * must be within a tenth of the kernel's figure; on a cliff, the kernel's figure must lie between the
 * model's percentiles a little to either side.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { seededRng } from '../../src/random/rng.ts';
import { driveLoss, percentile } from '../helpers/virtual-loss.ts';

interface Row {
  name: string;
  rttMs: number;
  intervalMs: number;
  exponential?: boolean;
  loss: number;
  ackLoss?: number;
  p98: number;
  p99: number;
  cliffs?: { percentile: number; why: string }[];
}

const fixture = JSON.parse(
  readFileSync(new URL('../fixtures/tcp/kernel-distributions.json', import.meta.url), 'utf8'),
) as { tolerance: number; cliffWidth: number; rows: Row[] };
const { rows, tolerance, cliffWidth } = fixture;

/** Runs of the size of the kernel's; percentiles of one run scatter, as those of the kernel do. */
const runs = 15;
const connections = 40;
const chunks = 1000;

describe('extra delay under loss, as measured in Linux', () => {
  it.each(rows)('$name', (row) => {
    const found = { 98: [] as number[], 99: [] as number[] };
    const all: number[] = [];
    for (let run = 0; run < runs; run++) {
      const rng = seededRng(`intervals/${row.name}/${run}`);
      const { extraMs } = driveLoss({
        options: {
          rttMs: row.rttMs,
          process: { kind: 'bernoulli', p: row.loss },
          ...(row.ackLoss && { ackLoss: { kind: 'bernoulli', p: row.ackLoss } }),
        },
        chunks,
        chunkBytes: 60,
        gapMs: () => (row.exponential ? -row.intervalMs * Math.log(1 - rng()) : row.intervalMs),
        connections,
        seed: `${row.name}/${run}`,
      });
      if (row.cliffs) for (const value of extraMs) all.push(value);
      const sorted = Float64Array.from(extraMs).sort();
      for (const p of [98, 99] as const) found[p].push(percentile(sorted, p));
    }
    for (const p of [98, 99] as const) {
      const kernel = p === 98 ? row.p98 : row.p99;
      const cliff = row.cliffs?.find((known) => known.percentile === p);
      const median = percentile(found[p], 50);
      const low = cliff ? percentile(all, p - cliffWidth) : median;
      const high = cliff ? percentile(all, p + cliffWidth) : median;
      if (cliff) expect(high, `p${p} is not a cliff: ${cliff.why}`).toBeGreaterThan(low * 1.25);
      expect(kernel, `p${p}`).toBeGreaterThanOrEqual(low * (1 - tolerance));
      expect(kernel, `p${p}`).toBeLessThanOrEqual(high * (1 + tolerance));
    }
  });
});
