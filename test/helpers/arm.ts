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
import type { TurnRecord } from '../../src/session/turn.ts';
import type { Endpoint } from '../../src/transport/transport.ts';
import { monotonicNow } from '../../src/world.ts';

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
    timeouts: { connectMs: 2000, idleMs: 2000, totalMs: 10_000 },
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

/** Runs one session to its end, sweeping its timeouts as the engine does. */
export async function runSession(
  arm: ArmPlan,
  endpoint: Endpoint,
  options: { session?: number; seed?: string; onSession?: (session: Session) => void } = {},
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
  const dialect = dialectNamed(arm.dialect);
  const shared: SessionShared = {
    arm,
    dialect,
    sdk: arm.via === 'sdk' ? await dialect.supports.sdk!() : undefined,
    endpoint,
    seed: options.seed ?? '42',
    streamPrefix: `${arm.name}/0`,
    audioFiles: new Map(),
    now: monotonicNow,
    limits: { readingPaceMs: arm.objectives.readingPaceMs, maxArrivals: 10_000 },
  };
  const session = new Session(shared, listener, options.session ?? 0, monotonicNow());
  options.onSession?.(session);
  const sweep = setInterval(() => session.checkTimeouts(monotonicNow()), 20);
  outcome.record = await session.run();
  clearInterval(sweep);
  return outcome;
}
