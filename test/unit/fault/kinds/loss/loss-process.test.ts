import { describe, expect, it } from 'vitest';

import {
  createLossProcess,
  meanLoss,
  type LossProcessOptions,
} from '../../../../../src/fault/kinds/loss/loss-process.ts';
import { seededRng } from '../../../../../src/random/rng.ts';

function lossesOf(options: LossProcessOptions, packets: number, everyMs: number): boolean[] {
  const process = createLossProcess(options, seededRng('losses'), 0);
  return Array.from({ length: packets }, (_, index) => process.lost(index * everyMs * 1e6));
}

const share = (losses: boolean[]) => losses.filter(Boolean).length / losses.length;

/** Mean length of runs of losses, packets. */
function burst(losses: boolean[]): number {
  let runs = 0;
  let lost = 0;
  for (const [index, isLost] of losses.entries()) {
    if (!isLost) continue;
    lost++;
    if (!losses[index - 1]) runs++;
  }
  return lost / runs;
}

describe('Bernoulli loss', () => {
  it('loses its share, independently', () => {
    const losses = lossesOf({ kind: 'bernoulli', p: 0.05 }, 200_000, 1);
    expect(share(losses)).toBeCloseTo(0.05, 2);
    expect(burst(losses)).toBeCloseTo(1 / 0.95, 1);
  });

  it('loses nothing at 0', () => {
    expect(share(lossesOf({ kind: 'bernoulli', p: 0 }, 1000, 1))).toBe(0);
  });
});

describe('Gilbert–Elliott loss', () => {
  const options: LossProcessOptions = {
    kind: 'gilbert_elliott',
    goodMs: 900,
    badMs: 100,
    lossGood: 0.001,
    lossBad: 0.5,
  };

  it('has the long-run loss that its states imply', () => {
    expect(meanLoss(options)).toBeCloseTo(0.9 * 0.001 + 0.1 * 0.5, 12);
    expect(share(lossesOf(options, 400_000, 5))).toBeCloseTo(meanLoss(options), 2);
    expect(meanLoss({ kind: 'gilbert_elliott', goodMs: 980, badMs: 20 })).toBeCloseTo(0.02, 12);
  });

  it('loses in bursts that last as long as the bad state, whatever the rate of packets', () => {
    const black: LossProcessOptions = { kind: 'gilbert_elliott', goodMs: 2000, badMs: 100 };
    for (const everyMs of [1, 5, 20]) {
      const lengthMs = burst(lossesOf(black, 400_000, everyMs)) * everyMs;
      expect(lengthMs).toBeGreaterThan(85);
      expect(lengthMs).toBeLessThan(125);
    }
  });

  it('moves on while nothing is sent: a silence leaves no memory', () => {
    const black: LossProcessOptions = { kind: 'gilbert_elliott', goodMs: 900, badMs: 100 };
    let stillBad = 0;
    let bad = 0;
    for (let trial = 0; trial < 4000; trial++) {
      const process = createLossProcess(black, seededRng(`silence/${trial}`), 0);
      if (!process.lost(0)) continue;
      bad++;
      if (process.lost(3_000e6)) stillBad++;
    }
    expect(bad / 4000).toBeCloseTo(0.1, 1);
    expect(stillBad / bad).toBeLessThan(0.2);
  });
});
