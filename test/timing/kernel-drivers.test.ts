/**
 * `network: { driver: kernel }` compared with the model: the same scenario, and delays that are distributed
 * alike. Needs root; says so where it skips.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { kernelSupport } from '../../src/fault/network/kernel/support.ts';
import { summarize, type Result } from '../../src/index.ts';
import { mergeArm } from '../../src/result/merge.ts';
import { readResult } from '../../src/result/read.ts';
import { realWorld } from '../../src/world.ts';

const { missing } = kernelSupport();

const intervalMs = 100;
/** What a busy machine adds to a gap is not TCP's doing. */
const noiseMs = 40;

/** Gaps that loss made longer or shorter, as cumulative shares over fixed edges. */
function distribution(result: Result, arm: number): { shares: number[]; late: number } {
  const gaps = mergeArm(result.arms[arm]!).histograms.get('itl')!;
  const edges = [noiseMs, intervalMs, 170, 230, 270, 330, 370, 430, 600];
  const clipped = gaps.buckets().map(({ from, to, count }) => {
    const middle = (from + to) / 2;
    return { gapMs: Math.abs(middle - intervalMs) < noiseMs ? intervalMs : middle, count };
  });
  const share = (keep: (gapMs: number) => boolean): number =>
    clipped.reduce((sum, { gapMs, count }) => sum + (keep(gapMs) ? count : 0), 0) / gaps.count;
  return {
    shares: edges.map((edge) => share((gapMs) => gapMs <= edge)),
    late: share((gapMs) => gapMs > intervalMs),
  };
}

const program = fileURLToPath(new URL('../../bin/streamgauge.js', import.meta.url));

/** Through the program, where client, relay and mock have separate processes. */
async function drivers(): Promise<Result> {
  const folder = mkdtempSync(path.join(tmpdir(), 'kernel-network-'));
  try {
    const file = path.join(folder, 'scenario.json');
    const scenario = {
      name: 'drivers',
      target: 'mock',
      arms: {
        kernel: { network: { driver: 'kernel', loss: '5%' } },
        model: { network: { driver: 'model', loss: '5%' } },
      },
      load: { kind: 'closed', sessions: 30, iterations: 30, duration: '30s' },
      prompt: 'Hello',
      mock: { ttft: '30ms', itl: `${intervalMs}ms`, tokens: 80 },
    };
    writeFileSync(file, JSON.stringify(scenario));
    await promisify(execFile)(process.execPath, [program, 'run', file, '--out', folder]);
    return readResult(path.join(folder, 'result.json'), realWorld());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const title = missing ? ` (skipped: ${missing.reason}; ${missing.hint})` : '';
describe.skipIf(missing)(`a network made by the kernel${title}`, () => {
  it('delays tokens as the model does, and says which was which', async () => {
    const result = await drivers();
    const [kernel, model] = [distribution(result, 0), distribution(result, 1)];
    const figures = {
      distance: Math.max(
        ...kernel.shares.map((share, index) => Math.abs(share - model.shares[index]!)),
      ),
      kernelLate: kernel.late,
      modelLate: model.late,
      dropped: result.arms[0]!.trials[0]!.faults[0]!.fired,
    };
    process.stderr.write(`kernel-drivers: ${JSON.stringify(figures)}\n`);
    // 2,370 gaps, of which about 5 % are late: without any loss, the distance would be 0.05.
    // Chance alone makes it 0.015.
    expect(figures.distance).toBeLessThanOrEqual(0.03);
    expect(figures.kernelLate).toBeGreaterThan(0.03);
    expect(figures.kernelLate).toBeLessThan(0.08);

    for (const arm of summarize(result).arms) expect(arm.outcomes).toEqual({ completed: 30 });
    expect(result.arms.map((arm) => arm.network)).toEqual([
      'kernel: loss 5 % (nftables)',
      'model: loss rtt=0ms rate=5%',
    ]);
    const [dropped] = result.arms[0]!.trials[0]!.faults;
    expect(dropped!.fault).toBe('kernel loss 5 % (nftables)');
    // 30 requests and 30 × 80 tokens.
    expect(dropped!.fired).toBeGreaterThan(0.03 * 2400);
    expect(dropped!.fired).toBeLessThan(0.08 * 2400);
  }, 150_000);
});
