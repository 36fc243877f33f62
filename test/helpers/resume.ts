/** Sessions whose streams are cut at random bytes, held against what the mock says it sent. */
import type { ResumeBug } from '../../mock-server/settings/options.ts';
import { startMock, type MockOptions, type StreamTruth } from '../../mock-server/index.ts';
import { dialectNamed } from '../../src/dialect/registry.ts';
import { seededRng } from '../../src/random/rng.ts';
import type { ReconnectPlan } from '../../src/scenario/plan.ts';
import type { TurnRecord } from '../../src/session/turn-record.ts';
import { digestOf } from '../../src/transcript.ts';
import { armPlan, askOnce, endpointFor, runSession } from './arm.ts';
import { cuttingRelay } from './cutting-relay.ts';

/** How each protocol is asked and its mock set up, so that its streams can be continued. */
export const resumable: Readonly<
  Record<
    string,
    {
      transport: 'sse' | 'websocket';
      dialectOptions?: Record<string, unknown>;
      mock?: MockOptions;
    }
  >
> = {
  'openai-chat': { transport: 'sse', mock: { resume: { sse: true } } },
  'openai-responses': { transport: 'sse', dialectOptions: { background: true } },
  'stream-chat': { transport: 'websocket' },
  'text-streams': { transport: 'sse' },
};

export const atOnce: ReconnectPlan = {
  policy: 'immediate',
  baseMs: 0,
  maxMs: 0,
  jitter: 0,
  attempts: 50,
  stalled: true,
};

export interface CutRun {
  turns: readonly TurnRecord[];
  /** What the mock produced, by stream id. */
  truth: ReadonlyMap<string, StreamTruth>;
  cuts: number;
}

export interface CutOptions {
  seed: string;
  sessions: number;
  /** Bytes between two cuts: uniform from 1 to this, after the first event has had room to come. */
  mostBytes: number;
  /** Of these many connections; later ones pass. */
  mostCuts?: number;
  how?: 'fin' | 'rst';
  mock?: MockOptions;
  reconnect?: Partial<ReconnectPlan>;
  /** Idle timeout, ms; default 30 s, which nothing here should reach. */
  idleMs?: number;
}

/** Room for the head and the first event, which names the stream: without it nothing can continue. */
const firstRoom = 1500;

/** Runs sessions in parallel through a relay that cuts their connections at seeded random bytes. */
export async function runWithCuts(name: string, options: CutOptions): Promise<CutRun> {
  const how = resumable[name]!;
  const mock = await startMock({
    profile: 'instant',
    ttft: '1ms',
    itl: '0.3ms',
    tokens: 120,
    seed: options.seed,
    ...how.mock,
    ...options.mock,
    resume: { ...how.mock?.resume, ...options.mock?.resume },
  });
  const turns: TurnRecord[] = [];
  let cuts = 0;
  try {
    const run = async (session: number): Promise<void> => {
      const rng = seededRng(`${options.seed}/cuts/${session}`);
      const { mostCuts = Number.POSITIVE_INFINITY, mostBytes } = options;
      const relay = await cuttingRelay(
        mock.port,
        (connection) =>
          connection >= mostCuts
            ? undefined
            : (connection === 0 ? firstRoom : 0) + 1 + Math.floor(rng() * mostBytes),
        options.how,
      );
      const arm = armPlan({
        name: 'cut',
        dialect: name,
        transport: how.transport,
        dialectOptions: how.dialectOptions ?? {},
        reconnect: { ...atOnce, ...options.reconnect },
        verify: true,
        timeouts: { connectMs: 30_000, idleMs: options.idleMs ?? 30_000, totalMs: 120_000 },
        session: { steps: [askOnce], prompts: [], promptOrder: 'sequential', variables: {} },
      });
      const endpoint = endpointFor(arm, mock.baseUrl, {
        connectTo: { host: '127.0.0.1', port: relay.port, handshakeMs: 0 },
        groundTruth: true,
        headers: dialectNamed(name).authorize('key'),
      });
      const outcome = await runSession(arm, endpoint, { session, seed: options.seed });
      turns.push(...outcome.turns);
      cuts += relay.cuts;
      await relay.close();
    };
    await Promise.all(Array.from({ length: options.sessions }, (_, session) => run(session)));
    const truth = new Map<string, StreamTruth>();
    for (const stream of mock.log()) {
      if (stream.resumedAfter === undefined) truth.set(stream.streamId, stream);
    }
    return { turns, truth, cuts };
  } finally {
    await mock.close();
  }
}

/** Whether a turn holds exactly what an uninterrupted client would. */
export function holdsAll(turn: TurnRecord, truth: ReadonlyMap<string, StreamTruth>): boolean {
  const sent = truth.get(turn.streamId);
  if (!sent || !turn.continuity) return false;
  const { transcript } = turn.continuity;
  const wanted = digestOf({
    content: sent.transcript,
    reasoning: sent.reasoning,
    tool_arguments: sent.toolCalls.map((call) => call.arguments).join(''),
  });
  return transcript.hash === wanted.hash && transcript.length === wanted.length;
}

/** One counter over all turns. */
export function total(
  turns: readonly TurnRecord[],
  counter:
    | 'resumes'
    | 'failedResumes'
    | 'gaps'
    | 'duplicates'
    | 'reorders'
    | 'merged'
    | 'cursorErrors',
): number {
  return turns.reduce((sum, turn) => sum + (turn.continuity?.[counter] ?? 0), 0);
}

/** Everything that a correct server must not show. */
export function faultsOf({ turns, truth }: CutRun): Record<string, number> {
  return {
    gaps: total(turns, 'gaps'),
    duplicates: total(turns, 'duplicates'),
    reorders: total(turns, 'reorders'),
    merged: total(turns, 'merged'),
    cursorErrors: total(turns, 'cursorErrors'),
    mismatches: turns.filter((turn) => !holdsAll(turn, truth)).length,
    unfinished: turns.filter((turn) => turn.outcome !== 'completed').length,
  };
}

/** Streams of a server that resumes wrongly, cut as they are produced. */
export function runWithBug(name: string, bug: ResumeBug): Promise<CutRun> {
  return runWithCuts(name, {
    seed: `bug-${bug}`,
    sessions: 4,
    mostBytes: 3000,
    // A stream must outlast its first cuts.
    mock: { resume_bug: bug, itl: '6ms', tokens: 160 },
    // A server that forgets the end of a stream leaves a WebSocket open and silent.
    idleMs: 600,
    reconnect: { attempts: 3 },
  });
}
