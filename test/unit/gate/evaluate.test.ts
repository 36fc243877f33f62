import { describe, expect, it } from 'vitest';
import { evaluateGates } from '../../../src/gate/evaluate.ts';
import { parseGate } from '../../../src/gate/grammar.ts';
import { MetricHistogram } from '../../../src/metric/histogram.ts';
import type { DistributionName } from '../../../src/metric/catalogue.ts';
import { emptyCounts } from '../../../src/result/merge.ts';
import type { ArmResult, PhaseResult, TrialResult } from '../../../src/result/schema.ts';

interface Numbers {
  histograms?: Partial<Record<DistributionName, number[]>>;
  scalars?: Record<string, number>;
  turns?: number;
}

function phase({ histograms = {}, scalars = {}, turns = 10 }: Numbers): PhaseResult {
  return {
    seconds: 10,
    counts: { ...emptyCounts(), turns_started: turns, sessions_scheduled: turns },
    histograms: Object.fromEntries(
      Object.entries(histograms).map(([name, values]) => {
        const histogram = new MetricHistogram(name as DistributionName);
        for (const value of values) histogram.record(value);
        return [name, histogram.encode()];
      }),
    ),
    scalars,
  };
}

function arm(name: string, ...trials: Numbers[]): ArmResult {
  return {
    name,
    trials: trials.map((numbers) => ({ measured: phase(numbers) }) as TrialResult),
  } as ArmResult;
}

const evaluate = (text: string, arms: ArmResult[], valid?: boolean) =>
  evaluateGates([parseGate(text)], arms, valid === undefined ? {} : { valid });

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('evaluateGates', () => {
  it('holds a gate without an arm against every arm', () => {
    const results = evaluate('ttft.p50 < 100ms', [
      arm('a', { histograms: { ttft: [80, 80, 80] } }),
      arm('b', { histograms: { ttft: [120, 120, 120] } }),
    ]);
    expect(results.map(({ arm: name, verdict }) => [name, verdict])).toEqual([
      ['a', 'pass'],
      ['b', 'fail'],
    ]);
    expect(results[0]!.measured).toBeCloseTo(80, 0);
    expect(results[0]!.margin).toBeCloseTo(0.2, 2);
    expect(results[1]!.margin).toBeCloseTo(-0.2, 2);
  });

  it('takes percentiles from the trials together, not as a mean of percentiles', () => {
    const trials = [
      { histograms: { e2e: range(1, 900) } },
      { histograms: { e2e: range(9901, 10_000) } },
    ];
    const [result] = evaluate('e2e.p85 < 2s', [arm('a', ...trials)]);
    expect(result).toMatchObject({ verdict: 'pass', limit: 2000 });
    expect(result!.measured! / 850).toBeCloseTo(1, 2);
    expect(evaluate('e2e.p95 < 2s', [arm('a', ...trials)])[0]!.verdict).toBe('fail');
  });

  it('averages scalars over trials and keeps the direction of >=', () => {
    const [result] = evaluate('goodput >= 5/s', [
      arm('a', { scalars: { goodput: 4 } }, { scalars: { goodput: 8 } }),
    ]);
    expect(result).toMatchObject({ measured: 6, limit: 5, verdict: 'pass', unit: 'per_second' });
    expect(result!.margin).toBeCloseTo(0.2, 12);
  });

  it('compares arms, and an arm with all others', () => {
    const arms = [
      arm('sse', { histograms: { e2e: [1000] } }),
      arm('ws', { histograms: { e2e: [905] } }),
    ];
    expect(evaluate('ws.e2e.p50 < sse.e2e.p50', arms)[0]!.verdict).toBe('pass');
    expect(evaluate('ws.e2e.p50 vs sse <= -5%', arms)[0]!.verdict).toBe('pass');
    expect(evaluate('ws.e2e.p50 vs sse <= -10%', arms)[0]!.verdict).toBe('fail');
    expect(evaluate('e2e.p50 vs sse <= +0%', arms).map((result) => result.arm)).toEqual(['ws']);
  });

  it('pairs the variants of compared arms', () => {
    const arms = [10, 20].flatMap((rtt) => [
      arm(`sse @ rtt=${rtt}ms`, { histograms: { e2e: [100 * rtt] } }),
      arm(`ws @ rtt=${rtt}ms`, { histograms: { e2e: [90 * rtt] } }),
    ]);
    const results = evaluate('ws.e2e.max vs sse <= -5%', arms);
    expect(results.map(({ against }) => against)).toEqual([
      { arm: 'sse @ rtt=10ms', measured: 1000 },
      { arm: 'sse @ rtt=20ms', measured: 2000 },
    ]);
    expect(evaluate('ws.e2e.max < 9s', arms)[0]).not.toHaveProperty('against');
    expect(results.map(({ arm: name, limit }) => [name, limit])).toEqual([
      ['ws @ rtt=10ms', 950],
      ['ws @ rtt=20ms', 1900],
    ]);
    const [one] = evaluate('"ws @ rtt=20ms".e2e.max < "sse @ rtt=10ms".e2e.max', arms);
    expect(one).toMatchObject({ arm: 'ws @ rtt=20ms', measured: 1800, limit: 1000 });
  });

  it('answers no_data where nothing was measured', () => {
    const empty = [arm('a', { turns: 0, scalars: { errors: 0, dropped: 0 } })];
    expect(evaluate('ttft.p95 < 1s', empty)[0]).toMatchObject({
      verdict: 'no_data',
      measured: null,
      margin: null,
    });
    expect(evaluate('errors < 1%', empty)[0]!.verdict).toBe('no_data');
    expect(evaluate('errors < 1%', [arm('a', { scalars: { errors: 0 } })])[0]!.verdict).toBe(
      'pass',
    );
  });

  it('passes and fails nothing when the measurement is invalid', () => {
    const arms = [arm('a', { histograms: { ttft: [80] } })];
    expect(evaluate('ttft.p50 < 100ms', arms, false)[0]!.verdict).toBe('inconclusive');
    expect(evaluate('ttft.p50 < 10ms', arms, false)[0]!.verdict).toBe('inconclusive');
    expect(evaluate('e2e.p50 < 10ms', arms, false)[0]!.verdict).toBe('no_data');
  });
});
