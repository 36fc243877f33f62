/** A whole arm against a real mock: phases, counts that add up, the cap, the two-stage stop. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMock, type MockServer } from '../../../mock-server/index.ts';
import { dialectNamed } from '../../../src/dialect/registry.ts';
import { ArmRun, type ArmRunResult } from '../../../src/engine/arm-run.ts';
import { TwoStageStop } from '../../../src/engine/run-control.ts';
import { makePacer } from '../../../src/load/registry.ts';
import { checkCounts } from '../../../src/result/conservation.ts';
import type { LiveSnapshot } from '../../../src/result/live-snapshot.ts';
import { MetricHistogram } from '../../../src/metric/histogram.ts';
import type { ArmPlan } from '../../../src/scenario/plan.ts';
import { monotonicNow } from '../../../src/world.ts';
import { armPlan, endpointFor } from '../../helpers/arm.ts';

let mock: MockServer;
beforeAll(async () => {
  mock = await startMock({ ttft: '20ms', itl: '5ms', tokens: 10 });
});
afterAll(() => mock.close());

type Seen = Omit<LiveSnapshot, 'arm' | 'armIndex' | 'armCount' | 'trial' | 'trialCount'>;

function start(
  overrides: Partial<ArmPlan>,
  baseUrl = mock.baseUrl,
): { done: Promise<ArmRunResult>; stop: TwoStageStop; snapshots: Seen[]; streams: string[] } {
  const arm = armPlan(overrides);
  const { shape, warmupMs, durationMs, cooldownMs } = arm.load;
  const stop = new TwoStageStop();
  const snapshots: Seen[] = [];
  const streams: string[] = [];
  const run = new ArmRun({
    arm,
    pacer: makePacer(shape, { durationMs: warmupMs + durationMs + cooldownMs, seed: '1' }),
    shared: {
      arm,
      dialect: dialectNamed(arm.dialect),
      endpoint: endpointFor(arm, baseUrl, { groundTruth: true }),
      seed: '1',
      streamPrefix: 'arm/0',
      audioFiles: new Map(),
      now: monotonicNow,
      limits: { readingPaceMs: 100, maxArrivals: 100 },
    },
    control: stop,
    sentTranscripts: () => Promise.resolve(undefined),
    onSnapshot: (snapshot) => snapshots.push(snapshot),
    onStream: (sample) => streams.push(sample.stream),
  });
  return { done: run.run(), stop, snapshots, streams };
}

function expectConserved(result: ArmRunResult): void {
  for (const phase of [result.warmup, result.measured, result.cooldown]) {
    expect(checkCounts(phase.counts)).toEqual([]);
  }
}

const load = armPlan().load;

describe('ArmRun', () => {
  it('keeps warm-up, measurement and cool-down apart, and loses nothing', async () => {
    const { done, snapshots, streams } = start({
      load: {
        ...load,
        shape: { kind: 'closed', sessions: 4 },
        warmupMs: 400,
        durationMs: 800,
        cooldownMs: 400,
      },
    });
    const result = await done;
    expectConserved(result);
    const { warmup, measured, cooldown } = result;
    for (const phase of [warmup, measured, cooldown]) {
      expect(phase.counts.sessions_completed).toBeGreaterThan(4);
      expect(phase.counts.turn_outcomes).toEqual({ completed: phase.counts.turns_started });
    }
    const total =
      warmup.counts.turns_started + measured.counts.turns_started + cooldown.counts.turns_started;
    expect(streams).toHaveLength(total);
    expect(new Set(streams).size).toBe(total);
    expect(mock.log().filter((stream) => streams.includes(stream.streamId))).toHaveLength(total);
    expect(measured.seconds).toBeGreaterThan(0.7);
    expect(measured.seconds).toBeLessThan(1.5);
    const ttft = MetricHistogram.decode('ttft', measured.histograms['ttft']!);
    expect(ttft.count).toBe(measured.counts.turns_started);
    expect(ttft.percentile(50)).toBeGreaterThan(18);
    expect(measured.histograms['instrument_error']!.count).toBeGreaterThan(0);
    expect(result.partial).toBe(false);
    expect(snapshots.at(-1)!.phase).toBe('done');
    expect(snapshots.map((one) => one.phase)).toContain('measuring');
    expect(result.ticks.reduce((sum, tick) => sum + tick.completed, 0)).toBe(total);
    expect(result.samples.length).toBeGreaterThan(5);
  });

  it('counts the wait under the cap, and drops what may not wait', async () => {
    const { done } = start({
      load: {
        ...load,
        shape: { kind: 'constant', rate: 100 },
        durationMs: 600,
        maxConcurrency: 2,
        maxWaiting: 5,
      },
    });
    const result = await done;
    expectConserved(result);
    const { counts, histograms } = result.measured;
    expect(counts.sessions_scheduled).toBe(60);
    expect(counts.sessions_dropped).toBeGreaterThan(10);
    expect(counts.sessions_waited).toBeGreaterThan(5);
    const wait = MetricHistogram.decode('queue_wait', histograms['queue_wait']!);
    expect(wait.count).toBe(counts.sessions_started);
    expect(wait.max).toBeGreaterThan(20);
    // The wait is part of what a user sees.
    const response = MetricHistogram.decode('response_time', histograms['response_time']!);
    const e2e = MetricHistogram.decode('e2e', histograms['e2e']!);
    expect(response.max).toBeGreaterThan(e2e.min + 20);
  });

  it('lets running sessions finish at the first stop', async () => {
    const { done, stop } = start({
      load: { ...load, shape: { kind: 'closed', sessions: 3 }, durationMs: 60_000 },
    });
    setTimeout(() => stop.request(), 300);
    const result = await done;
    expectConserved(result);
    expect(result.partial).toBe(true);
    expect(result.measured.counts.turn_outcomes).toEqual({
      completed: result.measured.counts.turns_started,
    });
  });

  it('ends running sessions at the second, and says so', async () => {
    const slow = await startMock({ ttft: '20ms', itl: '50ms', tokens: 1000 });
    const { done, stop } = start(
      {
        load: {
          ...load,
          shape: { kind: 'closed', sessions: 3 },
          durationMs: 60_000,
          gracefulStopMs: 60_000,
        },
      },
      slow.baseUrl,
    );
    setTimeout(() => stop.request(), 200);
    setTimeout(() => stop.request(), 400);
    const result = await done;
    await slow.close();
    expectConserved(result);
    expect(result.partial).toBe(true);
    expect(result.measured.counts.turn_outcomes).toEqual({ aborted: 3 });
    expect(result.measured.counts.token_events).toBeGreaterThan(3);
    expect(result.measured.scalars['errors']).toBe(0);
  });

  it('aborts what outlives the graceful stop', async () => {
    const slow = await startMock({ ttft: '20ms', itl: '50ms', tokens: 1000 });
    const { done } = start(
      {
        load: {
          ...load,
          shape: { kind: 'closed', sessions: 2 },
          durationMs: 300,
          gracefulStopMs: 200,
        },
      },
      slow.baseUrl,
    );
    const result = await done;
    await slow.close();
    expectConserved(result);
    expect(result.measured.counts.turn_outcomes).toEqual({ aborted: 2 });
    expect(result.partial).toBe(false);
  });
});
