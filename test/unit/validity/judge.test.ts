import { describe, expect, test } from 'vitest';
import { MetricHistogram } from '../../../src/metric/histogram.ts';
import type { DistributionName } from '../../../src/metric/catalogue.ts';
import type { ArmResult } from '../../../src/result/schema.ts';
import { judge, mockLatenessP99 } from '../../../src/validity/judge-run.ts';
import { percentileSupport, samplesNeeded } from '../../../src/validity/percentile-support.ts';
import { warningCodes } from '../../../src/validity/warnings.ts';
import { sampleArms, sampleResult } from '../../helpers/sample-result.ts';

/** One clean arm with enough samples that nothing is to be said about it. */
function clean(): ArmResult[] {
  const arm = { ...sampleArms[1]!, failures: {} };
  return sampleResult({ arms: [arm] }).arms;
}

function judged(change: (arm: ArmResult) => void) {
  const arms = clean();
  change(arms[0]!);
  const judgement = judge({ arms, partial: false });
  return { ...judgement, codes: judgement.warnings.map((warning) => warning.code) };
}

function constant(metric: DistributionName, value: number, count = 1000) {
  const histogram = new MetricHistogram(metric);
  for (let index = 0; index < count; index++) histogram.record(value);
  return histogram.encode();
}

const trialOf = (arm: ArmResult) => arm.trials[0]!;

describe('judge', () => {
  test('a clean run is valid and silent', () => {
    expect(judged(() => undefined)).toMatchObject({ valid: true, reasons: [], codes: [] });
  });

  test('broken bookkeeping is invalid and named', () => {
    const { valid, reasons } = judged((arm) => {
      trialOf(arm).measured.counts.sessions_dropped += 1;
    });
    expect(valid).toBe(false);
    expect(reasons[0]).toMatch(/websocket, trial 1, measured: \d+ sessions were scheduled/);
  });

  test.each([
    ['loop delay', (arm: ArmResult) => (trialOf(arm).health.event_loop_delay_ms.p99 = 20.1)],
    ['loop busy', (arm: ArmResult) => (trialOf(arm).health.event_loop_utilization = 0.951)],
    [
      'schedule lag',
      (arm: ArmResult) =>
        (trialOf(arm).measured.histograms.schedule_lag = constant('schedule_lag', 260)),
    ],
  ])('%s past its limit is invalid', (_, change) => {
    expect(judged(change)).toMatchObject({ valid: false, reasons: [expect.any(String)] });
  });

  test.each<[string, (arm: ArmResult) => unknown]>([
    ['loop-delay', (arm) => (trialOf(arm).health.event_loop_delay_ms.p99 = 12)],
    ['loop-busy', (arm) => (trialOf(arm).health.event_loop_utilization = 0.8)],
    [
      'schedule-lag',
      (arm) => (trialOf(arm).measured.histograms.schedule_lag = constant('schedule_lag', 80)),
    ],
    [
      'coalesced',
      (arm) => (trialOf(arm).measured.histograms.events_per_read = constant('events_per_read', 4)),
    ],
    [
      'buffered',
      (arm) => {
        // Five bursts of 4096 bytes; what events_per_read says is explained by it.
        trialOf(arm).measured.histograms.events_per_read = constant('events_per_read', 14);
        trialOf(arm).measured.bursts = {
          count: 5,
          events: 70,
          bytes: 20_480,
          bytes_squared: 5 * 4096 ** 2,
          ms: 1400,
          ms_squared: 5 * 280 ** 2,
          at_once: 0,
        };
      },
    ],
    [
      'multi-token-events',
      (arm) =>
        (trialOf(arm).measured.histograms.tokens_per_event = constant('tokens_per_event', 3)),
    ],
    ['hidden-waiting', (arm) => (trialOf(arm).measured.counts.sessions_waited = 200)],
    [
      'dropped-sessions',
      (arm) => {
        trialOf(arm).measured.counts.sessions_dropped += 5;
        trialOf(arm).measured.counts.sessions_scheduled += 5;
      },
    ],
    ['tool-results-skipped', (arm) => (trialOf(arm).measured.counts.tool_results_skipped = 1)],
    ['fault-never-fired', (arm) => trialOf(arm).faults.push({ fault: 'disconnect', fired: 0 })],
    ['mock-late', (arm) => (trialOf(arm).mock = { scheduler: { recent: { p99: 5.5 } } })],
    [
      'instrument-error',
      (arm) =>
        (trialOf(arm).measured.histograms.instrument_error = constant('instrument_error', 6)),
    ],
    ['few-samples', (arm) => (trialOf(arm).measured.histograms.ttft = constant('ttft', 100, 399))],
    ['token-count-guessed', (arm) => (trialOf(arm).measured.counts.tokens_from_usage -= 1)],
    [
      'all-connects-failed',
      (arm) => {
        const { counts } = trialOf(arm).measured;
        counts.turn_outcomes = { connect_failed: counts.turns_started };
      },
    ],
    [
      'all-failed',
      (arm) => {
        const { counts } = trialOf(arm).measured;
        counts.turn_outcomes = { http_error: counts.turns_started };
      },
    ],
  ])('warns of %s and stays valid', (code, change) => {
    const { valid, codes, warnings } = judged(change);
    expect(codes).toEqual([code]);
    expect(valid).toBe(true);
    expect(warnings[0]!.remedy).not.toBe('');
    expect(warningCodes).toContain(code);
  });

  test('does not wonder at streams that a disconnect was to end', () => {
    const arms = clean();
    const trial = trialOf(arms[0]!);
    const { counts } = trial.measured;
    counts.turn_outcomes = { reset: counts.turns_started };
    const fault = 'disconnect how=rst after=tokens:5';
    const codes = (fired: number): string[] => {
      trial.faults = [{ fault, fired }];
      return judge({ arms, partial: false }).warnings.map((warning) => warning.code);
    };
    expect(codes(counts.turns_started)).toEqual([]);
    expect(codes(counts.turns_started - 1)).toEqual(['all-failed']);
  });

  test('warns where nothing was measured, and where the run was interrupted', () => {
    const arms = clean();
    const { counts } = trialOf(arms[0]!).measured;
    counts.turns_started = 0;
    counts.turn_outcomes = {};
    trialOf(arms[0]!).measured.histograms = {};
    const { warnings } = judge({ arms, partial: true });
    expect(warnings.map((warning) => warning.code)).toEqual(['partial-run', 'nothing-measured']);
  });

  test('the mock’s lateness is read from its stats, and from nothing else', () => {
    expect(mockLatenessP99({ scheduler: { recent: { p99: 1.5 } } })).toBe(1.5);
    expect(mockLatenessP99({ scheduler: 'late' })).toBeNull();
    expect(mockLatenessP99({})).toBeNull();
    expect(mockLatenessP99(null)).toBeNull();
  });
});

describe('support of a percentile', () => {
  test.each([
    [2000, 99, 'ok'],
    [1999, 99, 'weak'],
    [100, 99, 'weak'],
    [99, 99, 'none'],
    [400, 95, 'ok'],
    [40, 50, 'ok'],
    [0, 50, 'none'],
  ] as const)('%d samples, p%d: %s', (samples, percent, support) => {
    expect(percentileSupport(samples, percent)).toBe(support);
  });

  test('samples needed are exactly enough', () => {
    for (const percent of [50, 90, 95, 99, 99.9, 99.99]) {
      const needed = samplesNeeded(percent);
      expect(percentileSupport(needed, percent)).toBe('ok');
      expect(percentileSupport(needed - 1, percent)).toBe('weak');
    }
  });
});
