/** A whole arm in virtual time: phases, counts that add up, the cap, the two-stage stop. */
import { describe, expect, it } from 'vitest';
import { startMock } from '../../../mock-server/index.ts';
import { dialectNamed } from '../../../src/dialect/registry.ts';
import { ArmRun, type ArmRunOptions, type ArmRunResult } from '../../../src/engine/arm-run.ts';
import { TwoStageStop } from '../../../src/engine/run-control.ts';
import { makePacer } from '../../../src/load/registry.ts';
import { checkCounts } from '../../../src/result/conservation.ts';
import type { LiveSnapshot } from '../../../src/result/live-snapshot.ts';
import { MetricHistogram } from '../../../src/metric/histogram.ts';
import type { ArmPlan } from '../../../src/scenario/plan.ts';
import { RealScheduler } from '../../../src/timer/real-scheduler.ts';
import type { Scheduler } from '../../../src/timer/scheduler.ts';
import { VirtualScheduler } from '../../../src/timer/virtual-scheduler.ts';
import { after } from '../../../src/timer/waiting.ts';
import { openChannel } from '../../../src/transport/registry.ts';
import { armPlan, endpointFor } from '../../helpers/arm.ts';
import {
  body,
  ends,
  head,
  repeated,
  ScriptedWire,
  type Script,
} from '../../helpers/scripted-wire.ts';
import { chatDelta, chatFinish } from '../../helpers/scripted-server.ts';

type Snapshot = Omit<LiveSnapshot, 'arm' | 'armIndex' | 'armCount' | 'trial' | 'trialCount'>;

interface Started {
  run: ArmRun;
  stop: TwoStageStop;
  snapshots: Snapshot[];
  streams: string[];
}

function make(
  overrides: Partial<ArmPlan>,
  time: Scheduler,
  open: ArmRunOptions['shared']['openChannel'],
  pacing = time,
  baseUrl = 'http://scripted.invalid/v1',
): Started {
  const arm = armPlan(overrides);
  const { shape, warmupMs, durationMs, cooldownMs } = arm.load;
  const stop = new TwoStageStop();
  const snapshots: Snapshot[] = [];
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
      time,
      openChannel: open,
      limits: { readingPaceMs: 100, maxArrivals: 100 },
    },
    clock: { wall: () => Date.parse('2026-01-15T10:00:00Z') },
    pacing,
    control: stop,
    sentTranscripts: () => Promise.resolve(undefined),
    onSnapshot: (snapshot) => snapshots.push(snapshot),
    onStream: (sample) => streams.push(sample.stream),
  });
  return { run, stop, snapshots, streams };
}

/** The first token 20 ms after the request, the others after `itlMs` each, then the end. */
const answer = (itlMs: number, tokens: number): Script => [
  head(20),
  body(0, chatDelta('t')),
  ...repeated(tokens - 1, itlMs, (afterMs) => body(afterMs, chatDelta('t'))),
  body(0, `${chatFinish()}data: [DONE]\n\n`),
  ends(),
];
/** Of ten tokens, 5 ms each. */
const answerMs = 20 + 9 * 5;

function inVirtualTime(
  overrides: Partial<ArmPlan>,
  script: Script = answer(5, 10),
): Omit<Started, 'run'> & {
  time: VirtualScheduler;
  wire: ScriptedWire;
  done: () => Promise<ArmRunResult>;
} {
  const time = new VirtualScheduler(3e9);
  const wire = new ScriptedWire(time, () => script);
  const { run, ...rest } = make(overrides, time, wire.open);
  return { ...rest, time, wire, done: () => time.until(run.run()) };
}

function expectConserved(result: ArmRunResult): void {
  for (const phase of [result.warmup, result.measured, result.cooldown]) {
    expect(checkCounts(phase.counts)).toEqual([]);
  }
}

function histogram(
  result: ArmRunResult,
  name: Parameters<typeof MetricHistogram.decode>[0],
): MetricHistogram {
  return MetricHistogram.decode(name, result.measured.histograms[name]!);
}

const load = armPlan().load;
/** HDR histograms keep three digits. */
const digits = (value: number): { low: number; high: number } => ({
  low: value * 0.999,
  high: value * 1.001,
});

describe('ArmRun', () => {
  it('keeps warm-up, measurement and cool-down apart, and loses nothing', async () => {
    const { done, snapshots, streams, wire } = inVirtualTime({
      load: {
        ...load,
        shape: { kind: 'closed', sessions: 4 },
        warmupMs: 400,
        durationMs: 800,
        cooldownMs: 400,
      },
    });
    const result = await done();
    expectConserved(result);
    const { warmup, measured, cooldown } = result;
    // Each of four users starts a session every 65 ms: 0 … 390, 455 … 1170, 1235 … 1560.
    expect([warmup, measured, cooldown].map(({ counts }) => counts.turns_started)).toEqual([
      4 * 7,
      4 * 12,
      4 * 6,
    ]);
    for (const phase of [warmup, measured, cooldown]) {
      expect(phase.counts.turn_outcomes).toEqual({ completed: phase.counts.turns_started });
    }
    expect(streams).toHaveLength(100);
    expect(new Set(streams).size).toBe(100);
    expect(wire.exchanges.map(({ request }) => request.streamId).toSorted()).toEqual(
      streams.toSorted(),
    );
    expect(measured.seconds).toBe(0.8);
    const ttft = histogram(result, 'ttft');
    expect(ttft.count).toBe(48);
    expect(ttft.min).toBeGreaterThan(digits(20).low);
    expect(ttft.max).toBeLessThan(digits(20).high);
    expect(histogram(result, 'schedule_lag').max).toBe(0);
    expect(result.started).toBe('2026-01-15T10:00:00.000Z');
    expect(result.partial).toBe(false);
    expect(snapshots.at(-1)!.phase).toBe('done');
    expect(snapshots.map((one) => [one.elapsedMs, one.phase])).toEqual([
      [250, 'warmup'],
      [500, 'measuring'],
      [750, 'measuring'],
      [1000, 'measuring'],
      [1250, 'cooldown'],
      [1500, 'cooldown'],
      [1625, 'done'],
    ]);
    expect(result.ticks.map((tick) => tick.completed)).toEqual([4 * 15, 4 * 10]);
    expect(result.samples.length).toBeGreaterThan(5);
  });

  it('starts sessions when the pacer says, to the instant', async () => {
    const { done, wire } = inVirtualTime({
      load: { ...load, shape: { kind: 'trace', startsMs: [0, 0.25, 3.125, 3.125, 700] } },
    });
    const result = await done();
    expect(wire.exchanges.map(({ writtenAtMs }) => writtenAtMs)).toEqual([
      0, 0.25, 3.125, 3.125, 700,
    ]);
    expect(histogram(result, 'schedule_lag').max).toBe(0);
  });

  it('counts as lag what sessions start too late', async () => {
    const { done, wire, time } = inVirtualTime({
      load: { ...load, shape: { kind: 'trace', startsMs: [0, 100, 110, 300] } },
    });
    after(time, 99, () => time.stall(50));
    const result = await done();
    expect(wire.exchanges.map(({ writtenAtMs }) => writtenAtMs)).toEqual([0, 149, 149, 300]);
    const lag = histogram(result, 'schedule_lag');
    expect(lag.count).toBe(4);
    expect(lag.max).toBeGreaterThan(digits(49).low);
    expect(lag.max).toBeLessThan(digits(49).high);
    // What a user sees counts from when the session was due.
    expect(histogram(result, 'response_time').max).toBeGreaterThan(digits(answerMs + 49).low);
  });

  it('counts the wait under the cap, and drops what may not wait', async () => {
    const { done, wire } = inVirtualTime({
      load: {
        ...load,
        shape: { kind: 'constant', rate: 100 },
        durationMs: 600,
        maxConcurrency: 2,
        maxWaiting: 5,
      },
    });
    const result = await done();
    expectConserved(result);
    // Two slots, each free again after 65 ms; one session is due every 10 ms, the last at 590 ms, with
    // which the load is over.
    expect(wire.exchanges.map(({ writtenAtMs }) => writtenAtMs)).toEqual(
      Array.from({ length: 10 }, (_, i) => [i * answerMs, i * answerMs + 10])
        .flat()
        .filter((ms) => ms < 590),
    );
    const { counts } = result.measured;
    expect(counts).toMatchObject({
      sessions_scheduled: 60,
      sessions_started: 19,
      sessions_dropped: 41,
    });
    const wait = histogram(result, 'queue_wait');
    expect(wait.count).toBe(19);
    expect(wait.min).toBe(0);
    // The wait is part of what a user sees.
    const response = histogram(result, 'response_time');
    const e2e = histogram(result, 'e2e');
    expect(e2e.max).toBeLessThan(digits(answerMs).high);
    expect(response.max).toBeGreaterThan(digits(answerMs + wait.max).low);
  });

  it('lets running sessions finish at the first stop', async () => {
    const { done, stop, time, wire } = inVirtualTime({
      load: { ...load, shape: { kind: 'closed', sessions: 3 }, durationMs: 60_000 },
    });
    after(time, 300, () => stop.request());
    const result = await done();
    expectConserved(result);
    expect(wire.nowMs).toBe(5 * answerMs);
    expect(result.partial).toBe(true);
    expect(result.measured.counts.turn_outcomes).toEqual({ completed: 3 * 5 });
  });

  it('ends running sessions at the second, and says so', async () => {
    const { done, stop, time, wire } = inVirtualTime(
      {
        load: {
          ...load,
          shape: { kind: 'closed', sessions: 3 },
          durationMs: 60_000,
          gracefulStopMs: 60_000,
        },
      },
      answer(50, 1000),
    );
    after(time, 200, () => stop.request());
    after(time, 400, () => stop.request());
    const result = await done();
    expectConserved(result);
    expect(wire.nowMs).toBe(400);
    expect(result.partial).toBe(true);
    expect(result.measured.counts.turn_outcomes).toEqual({ aborted: 3 });
    // At 20, 70 … 370 ms.
    expect(result.measured.counts.token_events).toBe(3 * 8);
    expect(result.measured.scalars['errors']).toBe(0);
  });

  it('aborts what outlives the graceful stop', async () => {
    const { done, wire } = inVirtualTime(
      {
        load: {
          ...load,
          shape: { kind: 'closed', sessions: 2 },
          durationMs: 300,
          gracefulStopMs: 200,
        },
      },
      answer(50, 1000),
    );
    const result = await done();
    expectConserved(result);
    expect(wire.nowMs).toBe(500);
    expect(wire.exchanges.map(({ cancelled }) => cancelled)).toEqual([
      { atMs: 500, how: 'rst', code: undefined },
      { atMs: 500, how: 'rst', code: undefined },
    ]);
    expect(result.measured.counts.turn_outcomes).toEqual({ aborted: 2 });
    expect(result.partial).toBe(false);
  });

  it('ends what is silent for too long at the next sweep', async () => {
    const { done, wire } = inVirtualTime(
      {
        load: { ...load, durationMs: 100 },
        timeouts: { connectMs: 100, idleMs: 320, totalMs: 10_000 },
      },
      [head(10), body(5, chatDelta('t'))],
    );
    const result = await done();
    expect(result.measured.counts.turn_outcomes).toEqual({ stalled: 1 });
    // The last byte came at 15 ms, and sweeps are 50 ms apart.
    expect(wire.nowMs).toBe(350);
  });
});

describe('ArmRun on sockets', () => {
  it('measures a mock in real time, with the instrument’s error', async () => {
    const mock = await startMock({ ttft: '20ms', itl: '5ms', tokens: 10 });
    const { run, streams } = make(
      { load: { ...load, shape: { kind: 'closed', sessions: 3 }, durationMs: 250 } },
      new RealScheduler({ pollShare: 0 }),
      openChannel,
      new RealScheduler({ earlyMs: 0, pollShare: 1 }),
      mock.baseUrl,
    );
    const result = await run.run();
    expectConserved(result);
    expect(result.measured.counts.turn_outcomes).toEqual({ completed: streams.length });
    expect(mock.log().filter((stream) => streams.includes(stream.streamId))).toHaveLength(
      streams.length,
    );
    expect(histogram(result, 'ttft').percentile(50)).toBeGreaterThan(18);
    expect(result.measured.histograms['instrument_error']!.count).toBeGreaterThan(0);
    await mock.close();
  });
});
