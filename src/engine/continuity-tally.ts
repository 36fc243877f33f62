/**
 * Whether the streams of one phase arrived complete: what the turns' ledgers counted, and, where the
 * target is the mock, which transcripts are what it sent.
 */
import type { ScalarName } from '../metric/catalogue.ts';
import type { MetricHistogram } from '../metric/histogram.ts';
import type { TurnRecord } from '../session/turn-record.ts';
import type { TranscriptDigest } from '../transcript.ts';

/** What each stream said, by stream id, from the server that sent it; undefined for an external target. */
export type SentTranscripts = ReadonlyMap<string, TranscriptDigest> | undefined;

/** Transcripts of one phase that are kept to be compared; further ones count as unchecked. */
const mostPending = 100_000;

interface Pending {
  streamId: string;
  transcript: TranscriptDigest;
  /** Every number came once and in order: a wrong text has another cause. */
  inOrder: boolean;
}

export class ContinuityTally {
  private used = false;
  private resumes = 0;
  private failed = 0;
  private gaps = 0;
  private duplicates = 0;
  private reorders = 0;
  private merged = 0;
  private cursorErrors = 0;
  private unnumbered = 0;
  private unchecked = 0;
  private checked: number | undefined;
  private mismatched = 0;
  private pending: Pending[] = [];

  /** @param histogram - gives the histogram of a metric, made on first use. */
  turnEnded(
    turn: TurnRecord,
    histogram: (metric: 'resume_latency' | 'replay_amplification') => MetricHistogram,
  ): void {
    const { continuity } = turn;
    if (!continuity) return;
    this.used = true;
    this.resumes += continuity.resumes;
    this.failed += continuity.failedResumes;
    this.gaps += continuity.gaps;
    this.duplicates += continuity.duplicates;
    this.reorders += continuity.reorders;
    this.merged += continuity.merged;
    this.cursorErrors += continuity.cursorErrors;
    if (!continuity.numbered && turn.events > 0) this.unnumbered++;
    for (const latency of continuity.resumeLatenciesMs) histogram('resume_latency').record(latency);
    if (continuity.resumes > 0 && continuity.numbered && continuity.newBytes > 0) {
      histogram('replay_amplification').record(continuity.resumedBytes / continuity.newBytes);
    }
    if (turn.outcome !== 'completed') return;
    if (!continuity.comparable || this.pending.length >= mostPending) {
      this.unchecked++;
      return;
    }
    const inOrder = continuity.gaps + continuity.duplicates + continuity.reorders === 0;
    this.pending.push({ streamId: turn.streamId, transcript: continuity.transcript, inOrder });
  }

  /** Compares the completed turns with what was sent. Call it once, at the end. */
  compare(sent: SentTranscripts): void {
    if (!this.used) return;
    if (!sent) {
      this.unchecked += this.pending.length;
      this.pending = [];
      return;
    }
    this.checked = 0;
    for (const { streamId, transcript, inOrder } of this.pending) {
      const wanted = sent.get(streamId);
      if (!wanted) {
        this.unchecked++;
        continue;
      }
      this.checked++;
      if (wanted.hash === transcript.hash && wanted.length === transcript.length) continue;
      this.mismatched++;
      // Nothing is missing and nothing came twice, so an event is not what it was.
      if (inOrder) this.merged++;
    }
    this.pending = [];
  }

  /** Empty where no turn kept a ledger. */
  scalars(): Partial<Record<ScalarName, number>> {
    if (!this.used) return {};
    return {
      resumes: this.resumes,
      failed_resumes: this.failed,
      gaps: this.gaps,
      duplicates: this.duplicates,
      reorders: this.reorders,
      merged_events: this.merged,
      cursor_errors: this.cursorErrors,
      unnumbered_streams: this.unnumbered,
      ...(this.checked === undefined
        ? {}
        : { transcripts_checked: this.checked, transcript_mismatches: this.mismatched }),
      transcripts_unchecked: this.unchecked,
    };
  }
}
