/** Plans for tests, without going through a scenario file. */
import { neutralOptions } from '../../src/dialect/options.ts';
import { dialectNamed } from '../../src/dialect/registry.ts';
import type { ArmPlan, SessionStep } from '../../src/scenario/plan.ts';
import {
  Session,
  type SessionListener,
  type SessionRecord,
  type SessionShared,
} from '../../src/session/session.ts';
import type { TurnRecord } from '../../src/session/turn-record.ts';
import type { Endpoint, WireRequest } from '../../src/transport/transport.ts';
import { ScriptedWire, type Script } from './scripted-wire.ts';
import { RealScheduler } from '../../src/timer/real-scheduler.ts';
import type { Scheduler } from '../../src/timer/scheduler.ts';
import { VirtualScheduler } from '../../src/timer/virtual-scheduler.ts';
import { every } from '../../src/timer/waiting.ts';
import { openChannel } from '../../src/transport/registry.ts';

export const askOnce: Extract<SessionStep, { kind: 'ask' }> = {
  kind: 'ask',
  prompt: 'Hello {{session}}',
  maxTokens: undefined,
  tools: [],
  toolChoice: undefined,
};

/** Options of the dialect that are not overridden stand at their defaults. */
export function armPlan(overrides: Partial<ArmPlan> = {}): ArmPlan {
  const { dialect = 'openai-chat', dialectOptions } = overrides;
  return {
    name: 'arm',
    cell: undefined,
    target: { kind: 'url', baseUrl: 'http://127.0.0.1:1/v1' },
    transport: 'sse',
    via: 'wire',
    http: { version: '1.1' },
    tls: { rejectUnauthorized: true, ca: undefined, terminate: false },
    model: 'gpt-test',
    apiKey: undefined,
    headers: {},
    extraBody: {},
    instructions: undefined,
    history: 'keep',
    load: {
      shape: { kind: 'closed', sessions: 1 },
      durationMs: 1000,
      warmupMs: 0,
      cooldownMs: 0,
      gracefulStopMs: 5000,
      maxConcurrency: undefined,
      maxWaiting: undefined,
    },
    session: { steps: [askOnce], prompts: [], promptOrder: 'sequential', variables: {} },
    network: undefined,
    faults: [],
    proxy: undefined,
    objectives: { ttftMs: undefined, e2eMs: undefined, maxGapMs: undefined, readingPaceMs: 100 },
    // Safety nets: a busy machine is not to look like a silent server.
    timeouts: { connectMs: 30_000, idleMs: 30_000, totalMs: 60_000 },
    leave: undefined,
    reader: undefined,
    price: undefined,
    reconnect: undefined,
    verify: false,
    mock: {},
    ...overrides,
    dialect,
    dialectOptions: { ...neutralOptions(dialectNamed(dialect).options), ...dialectOptions },
  };
}

export function endpointFor(
  arm: ArmPlan,
  baseUrl: string,
  extra: Partial<Endpoint> = {},
): Endpoint {
  return {
    baseUrl: new URL(baseUrl),
    headers: { authorization: 'Bearer key', ...arm.headers },
    tls: {
      rejectUnauthorized: arm.tls.rejectUnauthorized,
      ...(arm.tls.ca ? { ca: arm.tls.ca } : {}),
    },
    httpVersion: arm.http.version,
    timeouts: { connectMs: arm.timeouts.connectMs },
    groundTruth: false,
    ...extra,
  };
}

export interface SessionOutcome {
  record: SessionRecord;
  turns: TurnRecord[];
  gaps: number[];
  instrumentErrors: number[];
  skippedToolResults: number;
}

export interface SessionRunOptions {
  session?: number;
  seed?: string;
  onSession?: (session: Session, time: Scheduler) => void;
  /** Default: the machine's time. */
  time?: Scheduler;
  /** Default: sockets. */
  open?: typeof openChannel;
}

/** Runs one session to its end, sweeping its timeouts as the engine does. */
export async function runSession(
  arm: ArmPlan,
  endpoint: Endpoint,
  options: SessionRunOptions = {},
): Promise<SessionOutcome> {
  const outcome: SessionOutcome = {
    record: undefined as unknown as SessionRecord,
    turns: [],
    gaps: [],
    instrumentErrors: [],
    skippedToolResults: 0,
  };
  const listener: SessionListener = {
    onGap: (gap) => outcome.gaps.push(gap),
    onInstrumentError: (error) => outcome.instrumentErrors.push(error),
    onEvent: () => {},
    onFirstToken: () => {},
    onConnected: () => {},
    onTurnStarted: () => {},
    onTurnEnded: (turn) => outcome.turns.push(turn),
    onToolResultSkipped: () => outcome.skippedToolResults++,
  };
  const { time = new RealScheduler(), open = openChannel } = options;
  const dialect = dialectNamed(arm.dialect);
  const shared: SessionShared = {
    arm,
    dialect,
    sdk: arm.via === 'sdk' ? await dialect.supports.sdk!() : undefined,
    endpoint,
    seed: options.seed ?? '42',
    streamPrefix: `${arm.name}/0`,
    audioFiles: new Map(),
    time,
    openChannel: open,
    limits: { readingPaceMs: arm.objectives.readingPaceMs, maxArrivals: 10_000 },
  };
  const session = new Session(shared, listener, options.session ?? 0, time.now());
  options.onSession?.(session, time);
  const sweep = every(time, 20, () => session.checkTimeouts(time.now()));
  outcome.record = await session.run();
  sweep.cancel();
  return outcome;
}

export interface VirtualOutcome extends SessionOutcome {
  wire: ScriptedWire;
  /** A time of a record as ms since the session began. */
  at: (ns: number) => number;
}

/** Runs one session to its end in virtual time, against a script instead of a socket. */
export async function runVirtually(
  arm: ArmPlan,
  script: (number: number, request: WireRequest) => Script,
  options: Omit<SessionRunOptions, 'time' | 'open'> & {
    setUp?: (wire: ScriptedWire) => void;
  } = {},
): Promise<VirtualOutcome> {
  const { setUp, ...rest } = options;
  // Not from 0, so that no time is right by chance.
  const startNs = 7e9;
  const time = new VirtualScheduler(startNs);
  const wire = new ScriptedWire(time, script);
  setUp?.(wire);
  const endpoint = endpointFor(arm, 'http://scripted.invalid/v1');
  const outcome = await time.until(runSession(arm, endpoint, { ...rest, time, open: wire.open }));
  return { ...outcome, wire, at: (ns) => (ns - startNs) / 1e6 };
}
