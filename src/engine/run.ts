/**
 * A whole run: every trial of every arm, each against a fresh embedded mock where that is the target,
 * into one result.
 */
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { startMockProcess, type MockProcess } from '../../mock-server/mock-process.ts';
import { dialectNamed } from '../dialect/registry.ts';
import { messageOf, StreamgaugeError } from '../errors.ts';
import { evaluateGates } from '../gate/evaluate.ts';
import { makePacer } from '../load/registry.ts';
import type { Pacer } from '../load/pacer.ts';
import {
  resultVersion,
  type ArmResult,
  type Result,
  type StreamSample,
  type Warning,
} from '../result/schema.ts';
import type { LiveSnapshot } from '../result/live-snapshot.ts';
import type { ArmPlan, Plan, SessionStep } from '../scenario/plan.ts';
import type { SessionShared } from '../session/session.ts';
import type { Endpoint } from '../transport/transport.ts';
import { judge } from '../validity/judge-run.ts';
import { RealScheduler } from '../timer/real-scheduler.ts';
import type { Scheduler } from '../timer/scheduler.ts';
import { openChannel } from '../transport/registry.ts';
import { isoTime } from '../wall-time.ts';
import type { Clock } from '../world.ts';
import { ParkedConnections } from '../transport/leaving.ts';
import { Aftermath } from './aftermath.ts';
import { ArmRun } from './arm-run.ts';
import type { RunControl } from './run-control.ts';
import { probeSlots, type SlotProbeResult } from './slot-probe.ts';
import { environment, newRunId, toolVersion, scenarioHash } from './fingerprint.ts';
import { checkOpenFiles, checkReachable } from './preflight.ts';
import { describePath, openPath } from './path.ts';
import { describeClient, describeProxy } from '../scenario/describe.ts';

/** Token arrivals kept per turn; beyond, the waterfall shows the beginning. */
const maxArrivals = 4096;

export interface RunOptions {
  /** Wall-clock time, for labels. */
  clock: Pick<Clock, 'wall'>;
  /** Paths in the result are relative to it. */
  cwd: string;
  /** Stops the run early; default: runs to its end. */
  control?: RunControl;
  onSnapshot?: (snapshot: LiveSnapshot) => void;
  /** A line for the user during the run. */
  onNote?: (text: string) => void;
  /** Every turn, for per-stream records. */
  onStream?: (sample: StreamSample) => void;
  /** After each arm, with everything so far: an interrupted run loses nothing. */
  onProgress?: (result: Result) => void;
}

const neverStopped: RunControl = { state: 'running', onChange: () => () => {} };

/** The load of an arm as a pacer; also used for descriptions. */
export function pacerOf(arm: ArmPlan, seed: string): Pacer {
  const { shape, warmupMs, durationMs, cooldownMs } = arm.load;
  return makePacer(shape, { durationMs: warmupMs + durationMs + cooldownMs, seed });
}

/**
 * Runs a plan.
 *
 * @returns the result; `partial` when it was stopped early.
 * @throws StreamgaugeError when nothing could be measured at all: target unreachable, too few file
 *   descriptors, no arm started.
 */
export async function runPlan(plan: Plan, options: RunOptions): Promise<Result> {
  const control = options.control ?? neverStopped;
  const runTime = realTime();
  const started = isoTime(options.clock.wall());
  const arms = new Map<string, ArmResult>();
  const notes: Warning[] = [];
  let partial = false;

  for (const arm of plan.arms) {
    const warning = checkOpenFiles(arm);
    if (warning !== undefined) options.onNote?.(`warning: ${warning}`);
  }

  for (let trial = 0; trial < plan.trials; trial++) {
    for (const [armIndex, arm] of plan.arms.entries()) {
      if (control.state !== 'running') {
        partial = true;
        continue;
      }
      const result = await runArm(plan, arm, trial, control, {
        ...options,
        runTime,
        onSnapshot: (snapshot) =>
          options.onSnapshot?.({
            ...snapshot,
            arm: arm.name,
            armIndex,
            armCount: plan.arms.length,
            trialCount: plan.trials,
          }),
      });
      const known = arms.get(arm.name);
      if (known) known.trials.push(...result.trials);
      else arms.set(arm.name, result);
      partial ||= result.trials.some((one) => one.partial);
      options.onProgress?.(assemble(plan, [...arms.values()], notes, started, true, options));
    }
  }
  if (arms.size === 0) {
    throw new StreamgaugeError('the run was stopped before anything was measured', {
      code: 'nothing-measured',
      exit: 'aborted',
    });
  }
  return assemble(plan, [...arms.values()], notes, started, partial, options);
}

function assemble(
  plan: Plan,
  arms: ArmResult[],
  notes: readonly Warning[],
  started: string,
  partial: boolean,
  options: Pick<RunOptions, 'clock' | 'cwd'>,
): Result {
  const judgement = judge({ arms, partial });
  return {
    version: resultVersion,
    tool: { name: 'streamgauge', version: toolVersion() },
    id: newRunId(),
    started,
    finished: isoTime(options.clock.wall()),
    scenario: {
      name: plan.name,
      description: plan.description ?? '',
      file: plan.file === '' ? '' : path.relative(options.cwd, plan.file),
      sha256: scenarioHash(plan.source),
      seed: plan.seed,
      source: plan.source,
    },
    environment: environment(),
    partial,
    validity: { valid: judgement.valid, reasons: judgement.reasons },
    arms,
    gates: evaluateGates(plan.gates, arms, { valid: judgement.valid }),
    ...(plan.heatmap && { heatmap: [...plan.heatmap] }),
    warnings: [...notes, ...judgement.warnings],
  };
}

/**
 * The two schedulers of a run. Neither is closed at the end: what a connection still waits for then, to
 * be closed for good, must still come, and nothing else is left.
 */
interface RunTime {
  /** Timeouts, pauses and ticks, as exact as a timer of Node and at no further cost. */
  time: Scheduler;
  /** When sessions start: polls, because how late they start is measured. */
  pacing: Scheduler;
}

function realTime(): RunTime {
  return {
    time: new RealScheduler({ pollShare: 0 }),
    pacing: new RealScheduler({ earlyMs: 0, pollShare: 1 }),
  };
}

type ArmOptions = Omit<RunOptions, 'onSnapshot'> & {
  runTime: RunTime;
  onSnapshot: (
    snapshot: Omit<LiveSnapshot, 'arm' | 'armIndex' | 'armCount' | 'trialCount'>,
  ) => void;
};

async function runArm(
  plan: Plan,
  arm: ArmPlan,
  trial: number,
  control: RunControl,
  options: ArmOptions,
): Promise<ArmResult> {
  const mock = arm.target.kind === 'mock' ? await startMockFor(plan, arm) : undefined;
  const closers: (() => Promise<void>)[] = [];
  if (mock) closers.push(() => mock.close());
  try {
    const { time, pacing } = options.runTime;
    const direct = endpointOf(arm, mock);
    await checkReachable(direct, time);
    const path = await openPath(direct, arm, plan, trial, options.clock);
    closers.push(() => path.close());
    const { endpoint } = path;
    const seed = `${plan.seed}/${trial}`;
    const dialect = dialectNamed(arm.dialect);
    const pacer = pacerOf(arm, seed);
    const parked = new ParkedConnections();
    closers.push(() => Promise.resolve(parked.closeAll()));
    const shared: SessionShared = {
      arm,
      dialect,
      sdk: arm.via === 'sdk' ? await dialect.supports.sdk?.() : undefined,
      endpoint,
      seed,
      streamPrefix: `${arm.name}/${trial}`,
      audioFiles: readAudio(arm.session.steps, plan.file),
      time,
      openChannel,
      parked,
      limits: {
        landmarks: new Set(dialect.landmarks.map(({ name }) => name)),
        readingPaceMs: arm.objectives.readingPaceMs,
        firstTokenMs: arm.objectives.ttftMs,
        maxArrivals,
      },
    };
    const aftermath = new Aftermath({
      stops: mock && (() => mock.stops()),
      caller: { endpoint: direct, time, openChannel },
      waitMs: arm.load.gracefulStopMs,
      watchesReaders: arm.reader !== undefined,
      probe: probeOf(shared, () => control.state !== 'running'),
      note: (text) => options.onNote?.(`${arm.name}: ${text}`),
      time,
      isAborted: () => control.state === 'abort',
    });
    const run = new ArmRun({
      aftermath,
      arm,
      pacer,
      shared,
      clock: options.clock,
      pacing,
      control,
      onSnapshot: (snapshot) => options.onSnapshot({ ...snapshot, trial }),
      onStream: options.onStream,
      sentTranscripts: async () => (mock && arm.verify ? mock.transcripts() : undefined),
    });
    const measured = await run.run();
    const stats = mock ? await mock.stats() : null;
    const faults = await path.faults();
    return {
      name: arm.name,
      ...(arm.cell && { cell: { base: arm.cell.base, values: { ...arm.cell.values } } }),
      dialect: arm.dialect,
      ...(dialect.landmarks.length > 0 && {
        landmarks: dialect.landmarks.map((landmark) => ({ ...landmark })),
      }),
      transport: arm.transport,
      via: arm.via,
      http_version: arm.http.version,
      target: arm.target.kind === 'mock' ? 'mock' : arm.target.baseUrl,
      model: arm.model,
      load: pacer.describe(),
      network: describePath(arm),
      proxy: arm.proxy ? describeProxy(arm.proxy) : 'none',
      ...clientOf(arm),
      reading_pace_ms: arm.objectives.readingPaceMs,
      trials: [{ trial, ...measured, faults, mock: stats as Record<string, unknown> | null }],
    };
  } finally {
    // Last opened, first closed: the relay before the mock behind it.
    for (const close of closers.reverse()) await close();
  }
}

function probeOf(
  shared: SessionShared,
  isAborted: () => boolean,
): (() => Promise<SlotProbeResult>) | undefined {
  const { leave } = shared.arm;
  const slots = leave?.probeSlots;
  if (!leave || slots === undefined) return undefined;
  return () => probeSlots(shared, leave, slots, isAborted);
}

/** What the client does on purpose, and what tokens cost, where the plan says so. */
function clientOf(arm: ArmPlan): Pick<ArmResult, 'client' | 'price'> {
  const client = describeClient(arm);
  return {
    ...(client !== '' && { client }),
    ...(arm.price && {
      price: { output_per_million: arm.price.outputPerMillion, currency: arm.price.currency },
    }),
  };
}

function startMockFor(plan: Plan, arm: ArmPlan): Promise<MockProcess> {
  return startMockProcess({
    seed: plan.seed,
    ...plan.mock,
    ...arm.mock,
    port: 0,
    ...(arm.http.version === '2' ? { tls: true } : {}),
  });
}

/** Where and how an arm's sessions connect, before any simulated network. */
function endpointOf(arm: ArmPlan, mock: MockProcess | undefined): Endpoint {
  const secure = mock !== undefined && arm.http.version === '2';
  const base =
    arm.target.kind === 'url'
      ? arm.target.baseUrl
      : ((secure ? mock?.secureBaseUrl : mock?.baseUrl) ?? '');
  const key = arm.apiKey ?? (mock ? 'mock-key' : undefined);
  const ca = arm.tls.ca ?? (secure ? mock?.certificate : undefined);
  return {
    baseUrl: new URL(base),
    headers: {
      ...(key === undefined ? {} : dialectNamed(arm.dialect).authorize(key)),
      ...Object.fromEntries(
        Object.entries(arm.headers).map(([name, value]) => [name.toLowerCase(), value]),
      ),
    },
    tls: { rejectUnauthorized: arm.tls.rejectUnauthorized, ...(ca === undefined ? {} : { ca }) },
    httpVersion: arm.http.version,
    timeouts: { connectMs: arm.timeouts.connectMs },
    groundTruth: mock !== undefined,
  };
}

function readAudio(steps: readonly SessionStep[], scenarioFile: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const visit = (step: SessionStep): void => {
    if (step.kind === 'repeat') step.steps.forEach(visit);
    if (step.kind !== 'speak' || step.source.kind !== 'file') return;
    const { path: file } = step.source;
    const full = path.resolve(path.dirname(scenarioFile || '.'), file);
    try {
      files.set(file, readFileSync(full));
    } catch (error) {
      throw new StreamgaugeError(`cannot read the audio file ${full}: ${messageOf(error)}`, {
        code: 'audio-unreadable',
        exit: 'scenarioInvalid',
        hints: ['it must hold raw 16-bit little-endian mono PCM at 24 kHz'],
      });
    }
  };
  steps.forEach(visit);
  return files;
}
