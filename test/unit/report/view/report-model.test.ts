import { describe, expect, test } from 'vitest';
import { MetricHistogram } from '../../../../src/metric/histogram.ts';
import { buildReportModel } from '../../../../src/report/view/build-report-model.ts';
import { chooseSamples, samplesPerArm } from '../../../../src/report/view/choose-samples.ts';
import { verdictOf } from '../../../../src/report/view/verdict.ts';
import type { GateResult, Result } from '../../../../src/result/schema.ts';
import { sampleArms, sampleResult } from '../../../helpers/sample-result.ts';

const result = sampleResult();
const model = buildReportModel(result);

function withGates(...verdicts: GateResult['verdict'][]): Result {
  const gates = verdicts.map((verdict, index) => ({
    ...result.gates[0]!,
    text: `gate ${index}`,
    arm: null,
    verdict,
  }));
  return { ...result, gates };
}

test('stalls and events per read come forward where events come in bunches', () => {
  const primary = (of: Result): string[] =>
    buildReportModel(of)
      .metrics.filter((row) => row.primary)
      .map((row) => row.name);
  const withEventsPerRead = (events: number): Result => {
    const changed = structuredClone(result);
    const histogramOf = (name: 'events_per_read' | 'itl', value: number) => {
      const histogram = new MetricHistogram(name);
      for (let sample = 0; sample < 20; sample++) histogram.record(value);
      return histogram.encode();
    };
    for (const [index, { trials }] of changed.arms.entries()) {
      for (const { measured } of trials) {
        measured.histograms.events_per_read = histogramOf('events_per_read', events);
        measured.histograms.itl = histogramOf('itl', 10 + index);
      }
    }
    return changed;
  };
  const bestGap = (of: Result): unknown =>
    buildReportModel(of).metrics.find((row) => row.name === 'itl')!.best;
  expect(bestGap(withEventsPerRead(1))).not.toBeNull();
  expect(bestGap(withEventsPerRead(12))).toBeNull();
  expect(primary(withEventsPerRead(1))).not.toContain('longest_stall');
  expect(primary(withEventsPerRead(12))).toEqual(
    expect.arrayContaining(['longest_stall', 'events_per_read']),
  );
});

test('the path of an arm has a name for headings and a text in full', () => {
  const pathOf = (network: string, proxy: string): string => {
    const changed = structuredClone(result);
    Object.assign(changed.arms[0]!, { network, proxy });
    const [arm] = buildReportModel(changed).arms;
    expect(arm!.network).toContain(network);
    return arm!.path;
  };
  expect(pathOf('direct', 'none')).toBe('');
  expect(pathOf('lte-driving (delay rtt=60ms)', 'none')).toBe('lte-driving');
  expect(pathOf('loss rtt=50ms rate=2%', 'none')).toBe('loss rtt=50ms rate=2%');
  expect(pathOf('direct', 'a simulated nginx (buffering=off)')).toBe(
    'behind a simulated nginx (buffering=off)',
  );
});

describe('verdict', () => {
  test.each<[GateResult['verdict'][], string, string]>([
    [[], 'DONE', 'ok'],
    [['pass'], 'PASS', 'ok'],
    [['pass', 'fail', 'inconclusive'], 'FAIL', 'gateFailed'],
    [['pass', 'inconclusive'], 'INCONCLUSIVE', 'inconclusive'],
    [['pass', 'no_data'], 'INCONCLUSIVE', 'inconclusive'],
  ])('%j → %s', (verdicts, word, exit) => {
    expect(verdictOf(withGates(...verdicts))).toMatchObject({ word, exit, partial: false });
  });

  test('an invalid run passes nothing', () => {
    const invalid = { ...withGates('pass'), validity: { valid: false, reasons: ['loop'] } };
    expect(verdictOf(invalid)).toMatchObject({
      word: 'INVALID',
      exit: 'invalid',
      reasons: ['loop'],
    });
  });

  test('an interrupted run says so and ends as one', () => {
    const partial = { ...withGates('pass'), partial: true };
    expect(verdictOf(partial)).toMatchObject({ word: 'PASS', partial: true, exit: 'aborted' });
  });

  test('a target that no session reached is unreachable', () => {
    const unreachable = structuredClone(result);
    for (const arm of unreachable.arms) {
      for (const trial of arm.trials) {
        for (const phase of [trial.warmup, trial.measured, trial.cooldown]) {
          phase.counts.turn_outcomes = { connect_failed: phase.counts.turns_started };
        }
      }
    }
    expect(verdictOf(unreachable)).toMatchObject({ word: 'INVALID', exit: 'unreachable' });
  });

  test('names at most three failed gates', () => {
    expect(verdictOf(withGates('fail', 'fail', 'fail', 'fail')).sentence).toBe(
      '4 of 4 gates failed: gate 0, gate 1, gate 2 and 1 more',
    );
  });
});

describe('model', () => {
  test('marks what few samples support and hides what none does', () => {
    const ttft = model.metrics.find((row) => row.name === 'ttft')!;
    const [p50, , , p99, p999] = ttft.cells[0]!.percentiles;
    expect(p50!.support).toBe('ok');
    expect(p99).toMatchObject({ support: 'weak', value: expect.any(Number) });
    expect(p999).toMatchObject({ support: 'none', value: null });
    expect(model.hasWeakPercentiles).toBe(true);
  });

  test('calls an arm lowest only where it is, and never where it is a tie', () => {
    expect(model.metrics.find((row) => row.name === 'ttft')!.best).toEqual({
      arm: 'websocket',
      label: 'lowest p50',
    });
    const twins = sampleResult({ arms: [sampleArms[0]!] });
    twins.arms.push({ ...twins.arms[0]!, name: 'twin' });
    expect(buildReportModel(twins).metrics.every((row) => row.best === null)).toBe(true);
    expect(buildReportModel(sampleResult({ arms: [sampleArms[0]!] })).metrics[0]!.best).toBeNull();
  });

  test('leaves ttfo out of summaries where it only repeats ttft', () => {
    const audio = buildReportModel(sampleResult({ arms: [sampleArms[2]!] }));
    expect(audio.metrics.find((row) => row.name === 'ttfo')!.primary).toBe(false);
    expect(model.metrics.find((row) => row.name === 'ttfo')!.primary).toBe(true);
  });

  test('lays trials over one another', () => {
    const three = buildReportModel(sampleResult({ trials: 3 })).arms[0]!;
    expect(three.trials).toBe(3);
    expect(three.seconds).toBe(90);
    expect(three.series).toHaveLength(37);
    expect(three.bands).toEqual({ warmupEnd: 5, measuredEnd: 35, end: 37 });
  });

  test('joins a warning that several arms share', () => {
    const shared = structuredClone(result);
    shared.warnings = ['sse', 'websocket'].map((arm) => ({
      code: 'x',
      arm,
      message: 'm',
      remedy: 'r',
    }));
    expect(buildReportModel(shared).warnings).toEqual([
      { code: 'x', remedy: 'r', notes: [{ arms: ['sse', 'websocket'], message: 'm' }] },
    ]);
  });

  test('shows failed and slowest streams among the chosen, in order of their start', () => {
    const base = result.arms[0]!.trials[0]!.samples.find(
      (sample) => sample.outcome === 'completed',
    )!;
    const samples = Array.from({ length: 100 }, (_, index) => ({
      ...base,
      stream: `a/0/${index}.0`,
      started_at: index * 10,
      ended_at: index * 10 + (index === 57 ? 9000 : 1000),
      outcome: index === 80 ? 'reset' : 'completed',
    }));
    const chosen = chooseSamples(samples);
    expect(chosen).toHaveLength(samplesPerArm);
    expect(chosen.map((sample) => sample.stream)).toContain('a/0/57.0');
    expect(chosen.map((sample) => sample.stream)).toContain('a/0/80.0');
    expect(chosen).toEqual([...chosen].sort((a, b) => a.started_at - b.started_at));
  });
});

test('says what modelled senders put on the wire', () => {
  const changed = sampleResult();
  const [arm] = changed.arms;
  const traffic = { packets: 30, bytes: 2660, stream_bytes: 1000 };
  arm!.network = 'loss rtt=100ms rate=2%';
  for (const trial of arm!.trials) trial.faults = [{ fault: arm!.network, fired: 3, traffic }];
  expect(buildReportModel(changed).arms[0]!.network).toBe(
    'loss rtt=100ms rate=2%, 2.66 bytes sent for each to carry',
  );
});
