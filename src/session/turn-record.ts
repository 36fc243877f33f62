/** What is known of one turn: filled while it runs, read when it has its outcome. */
import type { Retrieval, Usage } from '../dialect/dialect.ts';
import type { LandmarkName } from '../metric/landmark.ts';
import type { Outcome } from '../metric/outcome.ts';
import type { ConnectTiming } from '../transport/transport.ts';
import { ArrivalLog } from './arrival-log.ts';
import { Bursts } from './bursts.ts';
import type { Departure } from './departure.ts';
import { Reading } from './reading.ts';
import type { Continuity } from './stream-ledger.ts';

export interface TurnLimits {
  /** Gap that a reader does not notice, ms. */
  readingPaceMs: number;
  /** By when the first token is due, ms after the request; counts in the fluidity index. */
  firstTokenMs?: number | undefined;
  /** Names of the landmarks that the dialect declares; others are not kept. */
  landmarks?: ReadonlySet<string> | undefined;
  /** How many arrivals are kept for the waterfall and the records. */
  maxArrivals: number;
}

/** When a turn was to start, and when it did; monotonic ns. */
export interface TurnStart {
  intendedAt: number;
  startedAt: number;
}

/** Everything known of one turn. Times are monotonic ns, NaN where the thing did not happen. */
export interface TurnRecord {
  streamId: string;
  intendedAt: number;
  startedAt: number;
  connect: ConnectTiming | undefined;
  connectedAt: number;
  writtenAt: number;
  headAt: number;
  status: number;
  firstEventAt: number;
  firstTokenAt: number;
  firstOutputAt: number;
  lastTokenAt: number;
  lastAt: number;
  terminalAt: number;
  endedAt: number;
  events: number;
  tokenEvents: number;
  tokenReads: number;
  bytes: number;
  usage: Usage | undefined;
  outcome: Outcome;
  detail: string;
  reading: Reading;
  bursts: Bursts;
  audioMs: number;
  arrivals: ArrivalLog;
  /** When each landmark was reached first; undefined where none was. */
  landmarks: Map<LandmarkName, number> | undefined;
  /** Whether the stream came whole; undefined where the plan does not ask. */
  continuity: Continuity | undefined;
  /** The client left for good, as planned. */
  left: LeftTurn | undefined;
}

/** What the client had when it left. */
export interface LeftTurn {
  how: Departure['how'];
  /** Monotonic ns. */
  at: number;
  tokenEvents: number;
  /** Asks the target what became of it, where the API keeps it. */
  retrieve: Retrieval | undefined;
}

/** A turn of which nothing has happened yet. */
export function newTurnRecord(streamId: string, start: TurnStart, limits: TurnLimits): TurnRecord {
  return {
    streamId,
    intendedAt: start.intendedAt,
    startedAt: start.startedAt,
    connect: undefined,
    connectedAt: Number.NaN,
    writtenAt: Number.NaN,
    headAt: Number.NaN,
    status: 0,
    firstEventAt: Number.NaN,
    firstTokenAt: Number.NaN,
    firstOutputAt: Number.NaN,
    lastTokenAt: Number.NaN,
    lastAt: start.startedAt,
    terminalAt: Number.NaN,
    endedAt: Number.NaN,
    events: 0,
    tokenEvents: 0,
    tokenReads: 0,
    bytes: 0,
    usage: undefined,
    outcome: 'aborted',
    detail: '',
    reading: new Reading(limits.readingPaceMs, limits.firstTokenMs),
    bursts: new Bursts(),
    audioMs: 0,
    arrivals: new ArrivalLog(limits.maxArrivals),
    landmarks: undefined,
    continuity: undefined,
    left: undefined,
  };
}
