import { describe, expect, test } from 'vitest';
import { checkConservation, checkCounts } from '../../../src/result/conservation.ts';
import { emptyCounts, histogramOf, mergeArm, mergeFailures } from '../../../src/result/merge.ts';
import { sampleResult } from '../../helpers/sample-result.ts';

const result = sampleResult({ trials: 3 });
const arm = result.arms[0]!;

describe('conservation', () => {
  test('the sample holds it', () => {
    expect(checkConservation(result)).toEqual([]);
    expect(checkCounts(emptyCounts())).toEqual([]);
  });

  test.each([
    [
      'sessions were scheduled',
      { sessions_scheduled: 3, sessions_started: 1, sessions_dropped: 1 },
    ],
    ['sessions started, but', { sessions_scheduled: 1, sessions_started: 1 }],
    ['turns started, but', { turns_started: 2, turn_outcomes: { completed: 1 } }],
    ['only 0 started', { sessions_completed: 1 }],
    ['only 0 completed', { sessions_good: 1 }],
    ['among only 1 events', { events: 1, token_events: 2 }],
  ])('%s', (message, change) => {
    expect(checkCounts({ ...emptyCounts(), ...change }).join('\n')).toContain(message);
  });

  test('more samples than turns are found', () => {
    const broken = structuredClone(arm);
    const phase = broken.trials[1]!.measured;
    phase.histograms.ttft!.count = phase.counts.turns_started + 1;
    expect(checkConservation({ arms: [broken] })[0]).toMatch(
      /^sse, trial 2, measured: \d+ samples of ttft/,
    );
  });
});

describe('merging trials', () => {
  const merged = mergeArm(arm);

  test('sums counters, seconds and samples', () => {
    const started = arm.trials.map((trial) => trial.measured.counts.turns_started);
    expect(merged.counts.turns_started).toBe(started.reduce((a, b) => a + b, 0));
    expect(merged.seconds).toBe(90);
    const samples = arm.trials.map((trial) => histogramOf(trial.measured, 'itl')!.count);
    expect(merged.histograms.get('itl')!.count).toBe(samples.reduce((a, b) => a + b, 0));
    const outcomes = Object.values(merged.counts.turn_outcomes).reduce<number>(
      (a, b) => a + (b ?? 0),
      0,
    );
    expect(outcomes).toBe(merged.counts.turns_started);
  });

  test('averages scalars over trials', () => {
    const rates = arm.trials.map((trial) => trial.measured.scalars.token_rate!);
    expect(merged.scalars.get('token_rate')).toBeCloseTo(
      (rates[0]! + rates[1]! + rates[2]!) / 3,
      9,
    );
  });

  test('does not change its input', () => {
    const before = structuredClone(arm);
    mergeArm(arm);
    mergeFailures(arm);
    expect(arm).toEqual(before);
  });

  test('adds up equal failures, most frequent first', () => {
    const failures = mergeFailures(arm);
    const all = arm.trials.flatMap((trial) => trial.failures);
    expect(failures.reduce((sum, f) => sum + f.count, 0)).toBe(
      all.reduce((sum, f) => sum + f.count, 0),
    );
    expect(new Set(failures.map((f) => f.detail)).size).toBe(failures.length);
    expect(failures.map((f) => f.count)).toEqual(
      failures.map((f) => f.count).sort((a, b) => b - a),
    );
  });
});
