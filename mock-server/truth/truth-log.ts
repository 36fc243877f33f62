import type { TranscriptDigest } from '../../src/transcript.ts';
import { StreamRecorder, type RecorderListener } from './stream-recorder.ts';
import type { StreamEnd, StreamIdentity, StreamStop, StreamTruth } from './stream-truth.ts';

/** Totals since the start. */
export interface TruthTotals {
  streamsOpen: number;
  streamsDone: number;
  /** Of the done ones. */
  endings: Partial<Record<StreamEnd, number>>;
  eventsSent: number;
  tokensSent: number;
  /** Requests that were refused before they became a stream, by HTTP status. */
  refused: Record<string, number>;
  /** How much of the record is kept; older streams are dropped when a cap is reached. */
  log: { kept: number; dropped: number; maxStreams: number; maxEvents: number };
}

/** About 80 MB of numbers: with it, the log's memory is bounded whatever a stream's length. */
const defaultMaxEvents = 2_000_000;

/** Some 15 MB: far more streams than the whole record is kept of. */
const maxStops = 100_000;

/** About 20 MB. */
const mostDigests = 100_000;

/** The record of every stream, bounded: the oldest finished streams go first. */
export class TruthLog {
  private readonly maxStreams: number;
  private readonly maxEvents: number;
  private readonly kept = new Set<StreamRecorder>();
  private readonly stopped = new Set<StreamStop>();
  private readonly listener: RecorderListener;
  private readonly digests = new Map<string, TranscriptDigest>();
  private keptEvents = 0;
  private sequence = 0;
  private open = 0;
  private done = 0;
  private events = 0;
  private tokens = 0;
  private dropped = 0;
  private readonly endings: Partial<Record<StreamEnd, number>> = {};
  private readonly refusals: Record<string, number> = {};

  constructor(maxStreams: number, maxEvents: number = defaultMaxEvents) {
    this.maxStreams = maxStreams;
    this.maxEvents = maxEvents;
    this.listener = {
      eventRecorded: (tokens) => {
        this.events += 1;
        this.tokens += tokens;
        this.keptEvents += 1;
      },
      streamEnded: (recorder) => {
        this.open -= 1;
        this.done += 1;
        const end = recorder.end!;
        this.endings[end] = (this.endings[end] ?? 0) + 1;
        this.stopped.add(recorder.stop());
        if (this.stopped.size > maxStops) {
          const [oldest] = this.stopped;
          this.stopped.delete(oldest!);
        }
        this.evict();
      },
    };
  }

  /** A request has become a stream. */
  begin(identity: StreamIdentity): StreamRecorder {
    this.sequence += 1;
    this.open += 1;
    const recorder = new StreamRecorder(this.sequence, identity, this.listener);
    this.kept.add(recorder);
    this.evict();
    return recorder;
  }

  /** A request was answered with an HTTP error (or its WebSocket counterpart). */
  refused(status: number): void {
    this.refusals[status] = (this.refusals[status] ?? 0) + 1;
  }

  totals(): TruthTotals {
    return {
      streamsOpen: this.open,
      streamsDone: this.done,
      endings: { ...this.endings },
      eventsSent: this.events,
      tokensSent: this.tokens,
      refused: { ...this.refusals },
      log: {
        kept: this.kept.size,
        dropped: this.dropped,
        maxStreams: this.maxStreams,
        maxEvents: this.maxEvents,
      },
    };
  }

  /**
   * What each named stream has said so far, by its name; of a stream that was continued over several
   * connections, all of it. Outlives the stream's full record, so that a long run can be checked.
   */
  transcripts(): Map<string, TranscriptDigest> {
    const all = new Map(this.digests);
    for (const recorder of this.kept) this.addDigest(all, recorder);
    return all;
  }

  /** Streams still kept whose sequence is above `since`, oldest first, running ones included. */
  streams(since = 0): StreamTruth[] {
    return [...this.kept]
      .filter((recorder) => recorder.sequence > since)
      .map((recorder) => recorder.truth());
  }

  /**
   * What happened to the streams whose sequence is above `since`: of those that ended the last 100,000,
   * and all that run.
   */
  stops(since = 0): StreamStop[] {
    const running = [...this.kept].filter((recorder) => recorder.running);
    return [...this.stopped, ...running.map((recorder) => recorder.stop())].filter(
      ({ sequence }) => sequence > since,
    );
  }

  private addDigest(to: Map<string, TranscriptDigest>, recorder: StreamRecorder): void {
    const { name } = recorder;
    // A name that is used again is a retry: its last answer is the one that was read.
    if (name !== undefined) to.set(name, recorder.digest());
  }

  private evict(): void {
    if (this.kept.size <= this.maxStreams && this.keptEvents <= this.maxEvents) return;
    for (const recorder of this.kept) {
      if (recorder.running) continue;
      this.kept.delete(recorder);
      if (this.digests.size < mostDigests) this.addDigest(this.digests, recorder);
      this.keptEvents -= recorder.eventCount;
      this.dropped += 1;
      if (this.kept.size <= this.maxStreams && this.keptEvents <= this.maxEvents) return;
    }
  }
}
