/**
 * The loss model compared with the kernel that runs here: the same chunks at the same times, 2 % of the data
 * segments lost by nftables between two network namespaces, and by the model in virtual time.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { lossFault } from '../../src/fault/kinds/loss/loss.ts';
import { VirtualScheduler } from '../../src/timer/virtual-scheduler.ts';
import {
  KernelPath,
  kernelPathMissing,
  type KernelPattern,
  type KernelStream,
} from '../helpers/kernel-namespaces.ts';
import { measured } from '../helpers/measured.ts';
import { percentile, virtualContext } from '../helpers/virtual-loss.ts';

const missing = kernelPathMissing();
const title = missing ? ` (skipped: ${missing})` : '';

const chunkBytes = 60;
const lossPerMille = 20;
/** Below this, what differs is the machine's noise, not TCP. */
const noiseMs = 3;
/** From here on it is TCP: without a round trip, a loss costs one interval, or 200 ms if that is less. */
const lateFrom = ({ intervalMs }: KernelPattern) => 0.6 * intervalMs;
const patterns: KernelPattern[] = [
  { intervalMs: 20, chunks: 450, connections: 24 },
  { intervalMs: 100, chunks: 90, connections: 48 },
  { intervalMs: 300, chunks: 30, connections: 96 },
];

interface Delays {
  /** Arrival − write. */
  extra: number[];
  /** How much longer the gap between two chunks was at arrival than at writing. */
  stretch: number[];
}

function delaysOf(streams: readonly KernelStream[]): Delays {
  const delays: Delays = { extra: [], stretch: [] };
  for (const { writtenMs, arrivedMs } of streams) {
    for (const [index, arrived] of arrivedMs.entries()) {
      const extra = arrived - writtenMs[index]!;
      delays.extra.push(extra);
      if (index === 0) continue;
      delays.stretch.push(extra - (arrivedMs[index - 1]! - writtenMs[index - 1]!));
    }
  }
  return delays;
}

/** The same writes through the model, `times` over with other losses. */
function modelled(streams: readonly KernelStream[], times: number): KernelStream[] {
  const fault = lossFault({
    rttMs: 0.1,
    process: { kind: 'bernoulli', p: lossPerMille / 1000 },
  });
  const result: KernelStream[] = [];
  for (let round = 0; round < times; round++) {
    for (const [number, { writtenMs }] of streams.entries()) {
      const scheduler = new VirtualScheduler();
      const arrivedMs: number[] = [];
      let bytes = 0;
      const pipe = fault.pipe(
        virtualContext(scheduler, `kernel/${round}/${number}`, (piece) => {
          bytes += piece.length;
          while ((arrivedMs.length + 1) * chunkBytes <= bytes)
            arrivedMs.push(scheduler.now() / 1e6);
        }),
      );
      const shifted = writtenMs.map((at) => at - writtenMs[0]! + 1000);
      for (const at of shifted) {
        scheduler.advanceTo(at * 1e6);
        pipe.write(new Uint8Array(chunkBytes));
      }
      scheduler.advanceMs(600_000);
      result.push({ writtenMs: shifted, arrivedMs });
    }
  }
  return result;
}

/**
 * Kolmogorov–Smirnov distance of two samples. Values below the noise count as none; `slackMs` lets a
 * value of one count as reached by the other if it is that close.
 */
function distance(one: readonly number[], other: readonly number[], slackMs = 0): number {
  const clip = (values: readonly number[]) =>
    values.map((value) => (Math.abs(value) < noiseMs ? 0 : value)).sort((a, b) => a - b);
  const exceed = (from: number[], to: number[]) => {
    let most = 0;
    let below = 0;
    for (const [index, value] of from.entries()) {
      while (below < to.length && to[below]! <= value + slackMs) below++;
      const equals = index + 1 < from.length && from[index + 1] === value;
      if (!equals) most = Math.max(most, (index + 1) / from.length - below / to.length);
    }
    return most;
  };
  const a = clip(one);
  const b = clip(other);
  return Math.max(exceed(a, b), exceed(b, a));
}

describe.skipIf(missing)(`the loss model compared with this kernel${title}`, () => {
  let path: KernelPath | undefined;
  let together: KernelStream[][];
  let lostTogether: number;

  beforeAll(async () => {
    const kernel = new KernelPath(lossPerMille);
    path = kernel;
    together = await Promise.all(patterns.map((pattern) => kernel.measure(pattern, chunkBytes)));
    lostTogether = kernel.drops();
  });

  afterAll(() => path?.close());

  it('the kernel lost what it was told to lose', () => {
    const chunks = patterns.reduce((sum, { chunks, connections }) => sum + chunks * connections, 0);
    const share = lostTogether / chunks;
    expect(share).toBeGreaterThan(0.015);
    expect(share).toBeLessThan(0.026);
    for (const [index, { chunks, connections }] of patterns.entries()) {
      expect(together[index]).toHaveLength(connections);
      for (const stream of together[index]!) expect(stream.arrivedMs).toHaveLength(chunks);
    }
  });

  it.for(patterns.map((pattern, index) => ({ ...pattern, index })))(
    'a chunk every $intervalMs ms',
    async ({ index }, { task }) => {
      const streams = await measured(task, together[index]!, () =>
        path!.measure(patterns[index]!, chunkBytes),
      );
      const kernel = delaysOf(streams);
      const model = delaysOf(modelled(streams, 10));
      // Only what loss did, by far more than noise: a model that delays nothing, or all by a timeout,
      // comes close in the whole distribution, where 98 % of the chunks are on time. Not here.
      const lateMs = lateFrom(patterns[index]!);
      const late = ({ extra }: Delays) => extra.filter((value) => value > lateMs);
      const share = (delays: Delays) => late(delays).length / delays.extra.length;
      const figures = {
        gaps: distance(kernel.stretch, model.stretch),
        delays: distance(kernel.extra, model.extra),
        late: distance(late(kernel), late(model), noiseMs),
        kernelLate: share(kernel),
        modelLate: share(model),
        kernelP99: percentile(kernel.extra, 99),
        modelP99: percentile(model.extra, 99),
      };
      process.stderr.write(`tcp-kernel: ${JSON.stringify(figures)}\n`);
      expect(figures.gaps).toBeLessThanOrEqual(0.08);
      expect(figures.delays).toBeLessThanOrEqual(0.08);
      expect(figures.late).toBeLessThanOrEqual(0.25);
      expect(Math.abs(figures.modelLate - figures.kernelLate)).toBeLessThanOrEqual(0.015);
      expect(figures.modelP99).toBeGreaterThan(figures.kernelP99 * 0.9 - noiseMs);
      expect(figures.modelP99).toBeLessThan(figures.kernelP99 * 1.1 + noiseMs);
    },
  );
});
