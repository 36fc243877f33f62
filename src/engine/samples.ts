/**
 * The streams that are kept whole for the waterfall: a fair sample and the worst, so that a reader
 * sees both the usual and the outlier. Bounded, whatever the length of the run.
 */
import type { Rng } from '../random/rng.ts';
import type { StreamSample } from '../result/schema.ts';
import type { Continuity } from '../session/stream-ledger.ts';
import type { TurnRecord } from '../session/turn-record.ts';
import { landmarkTimes } from './landmark-times.ts';
import { outputTokensOf } from './phase-recorder.ts';

const fairCount = 16;
const worstCount = 6;

export class SampleKeeper {
  private readonly rng: Rng;
  private readonly originNs: number;
  private readonly fair: TurnRecord[] = [];
  private worst: TurnRecord[] = [];
  private seen = 0;

  /** @param originNs - when the load began; sample times count from it. */
  constructor(rng: Rng, originNs: number) {
    this.rng = rng;
    this.originNs = originNs;
  }

  offer(turn: TurnRecord): void {
    this.seen++;
    // Vitter's algorithm R (1985): every turn has the same chance to be in the sample.
    if (this.fair.length < fairCount) this.fair.push(turn);
    else {
      const place = Math.floor(this.rng() * this.seen);
      if (place < fairCount) this.fair[place] = turn;
    }
    const last = this.worst.at(-1);
    if (this.worst.length < worstCount || badness(turn) > badness(last!)) {
      this.worst.push(turn);
      this.worst.sort((a, b) => badness(b) - badness(a));
      this.worst = this.worst.slice(0, worstCount);
    }
  }

  /** Kept streams by start time. */
  toResult(): StreamSample[] {
    const kept = [...new Set([...this.fair, ...this.worst])];
    kept.sort((a, b) => a.startedAt - b.startedAt);
    return kept.map((turn) => toSample(turn, this.originNs));
  }
}

/** Failures first, then by the time to the first token or the longest gap, whichever is larger. */
function badness(turn: TurnRecord): number {
  if (turn.outcome !== 'completed') return Number.MAX_VALUE;
  return Math.max((turn.firstTokenAt - turn.writtenAt) / 1e6, turn.reading.longestGapMs);
}

/** One turn as it is written to result files and in per-stream records; times in ms. */
export function toSample(turn: TurnRecord, originNs: number): StreamSample {
  const relative = (ns: number): number => round((ns - originNs) / 1e6);
  const orNull = (ns: number): number | null => (Number.isNaN(ns) ? null : relative(ns));
  const base = Number.isNaN(turn.writtenAt) ? turn.startedAt : turn.writtenAt;
  return {
    stream: turn.streamId,
    intended_at: relative(turn.intendedAt),
    started_at: relative(turn.startedAt),
    connected_at: orNull(turn.connectedAt),
    written_at: orNull(turn.writtenAt),
    head_at: orNull(turn.headAt),
    first_event_at: orNull(turn.firstEventAt),
    first_token_at: orNull(turn.firstTokenAt),
    first_output_at: orNull(turn.firstOutputAt),
    last_token_at: orNull(turn.lastTokenAt),
    ended_at: relative(turn.endedAt),
    outcome: turn.outcome,
    detail: turn.detail,
    output_tokens: outputTokensOf(turn),
    token_events: turn.tokenEvents,
    reads: turn.tokenReads,
    bytes: turn.bytes,
    arrivals: Array.from(turn.arrivals.times, (at) => round((at - base) / 1e6)),
    kinds: turn.arrivals.kinds,
    ...(turn.landmarks && {
      landmarks: Object.fromEntries(landmarkTimes(turn).map(([name, ms]) => [name, round(ms)])),
    }),
    ...(turn.continuity ? { continuity: continuityOf(turn.continuity) } : {}),
  };
}

function continuityOf(continuity: Continuity): NonNullable<StreamSample['continuity']> {
  return {
    resumes: continuity.resumes,
    failed_resumes: continuity.failedResumes,
    resume_latencies: continuity.resumeLatenciesMs.map(round),
    gaps: continuity.gaps,
    duplicates: continuity.duplicates,
    reorders: continuity.reorders,
    merged_events: continuity.merged,
    cursor_errors: continuity.cursorErrors,
  };
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
