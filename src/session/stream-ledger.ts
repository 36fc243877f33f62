/**
 * Whether a stream arrived complete: which of its numbered events arrived, in which order, how often, and
 * what text they carried. One per turn, only where the plan asks for it.
 *
 * Events are numbered by the mock's index where it stamps them, else by the protocol (a sequence
 * number, an event id that ends in one). Where neither numbers them, only the text can be compared.
 */
import type { TokenKind } from '../dialect/dialect.ts';
import { TranscriptHasher, type TranscriptDigest } from '../transcript.ts';

/** What a turn's ledger says at its end. */
export interface Continuity {
  /** Connections that carried the turn on after a break. */
  resumes: number;
  /** Tries to carry it on that brought nothing: refused, not connected, broken before an event. */
  failedResumes: number;
  /** From each loss to the first new event after it, ms. */
  resumeLatenciesMs: readonly number[];
  /** Events that never arrived although later ones did. */
  gaps: number;
  /** Events that arrived again. */
  duplicates: number;
  /** Events that arrived after a later one. */
  reorders: number;
  /** First events of a resumed stream that could not be read. */
  merged: number;
  /** Resumed streams that were refused for their cursor, or began elsewhere than right after it. */
  cursorErrors: number;
  /** Bytes of resumed streams, and of the new events among them. */
  resumedBytes: number;
  newBytes: number;
  /** Whether events bore numbers: without them gaps, duplicates and reorders were not looked for. */
  numbered: boolean;
  transcript: TranscriptDigest;
  /** Audio cannot be compared with what was said. */
  comparable: boolean;
}

/** Numbers further apart are counted as missing without being remembered one by one. */
const mostMissing = 10_000;

export class StreamLedger {
  private readonly hasher = new TranscriptHasher();
  private readonly missing = new Set<number>();
  private beyond = 0;
  private highest = -1;
  /** Place of the last event by the protocol's numbers, NaN before the first. */
  private lastPosition = Number.NaN;
  private numbered = false;
  private comparable = true;
  private resumes = 0;
  private failedResumes = 0;
  private readonly latencies: number[] = [];
  private fresh = 0;
  private lostAt = Number.NaN;
  private lastNumber = Number.NaN;
  private awaitingFirst = false;
  private duplicates = 0;
  private reorders = 0;
  private merged = 0;
  private cursorErrors = 0;
  private resumedBytes = 0;
  private newBytes = 0;

  /** Events that had not arrived before; where nothing numbers them, all. */
  get newEvents(): number {
    return this.fresh;
  }

  text(kind: TokenKind, text: string): void {
    if (kind === 'audio') this.comparable = false;
    else this.hasher.add(kind, text);
  }

  /**
   * An event was dispatched.
   *
   * @param position - its number in the protocol, NaN where it has none.
   * @param truthIndex - the mock's index, −1 where it has none.
   * @param at - arrival, monotonic ns.
   */
  event(position: number, truthIndex: number, bytes: number, at: number): void {
    const number = truthIndex >= 0 ? truthIndex : position;
    if (this.awaitingFirst) this.firstAfterResume(position, number);
    if (position === position) this.lastPosition = position;
    this.lastNumber = number;
    const isNew = number === number ? this.place(number, truthIndex >= 0) : true;
    if (isNew) this.fresh++;
    if (this.resumes > 0) {
      this.resumedBytes += bytes;
      if (isNew) this.newBytes += bytes;
    }
    if (isNew && this.lostAt === this.lostAt) {
      this.latencies.push((at - this.lostAt) / 1e6);
      this.lostAt = Number.NaN;
    }
  }

  /** The connection was lost. @param at - when that was noticed, monotonic ns. */
  lost(at: number): void {
    if (this.awaitingFirst) this.failedResumes++;
    this.awaitingFirst = false;
    // A second loss before anything new prolongs the first.
    if (this.lostAt !== this.lostAt) this.lostAt = at;
  }

  /** A try to continue begins. */
  resuming(): void {
    this.awaitingFirst = true;
  }

  /** The server does not know the place, or the stream, any more. */
  refusedCursor(): void {
    this.cursorErrors++;
  }

  /** What was dispatched could not be read, or was an error. */
  unreadable(kind: 'malformed' | 'error'): void {
    if (!this.awaitingFirst) return;
    if (kind === 'malformed') this.merged++;
    else this.cursorErrors++;
    this.awaitingFirst = false;
  }

  close(): Continuity {
    return {
      resumes: this.resumes,
      failedResumes: this.failedResumes,
      resumeLatenciesMs: this.latencies,
      gaps: this.missing.size + this.beyond,
      duplicates: this.duplicates,
      reorders: this.reorders,
      merged: this.merged,
      cursorErrors: this.cursorErrors,
      resumedBytes: this.resumedBytes,
      newBytes: this.newBytes,
      numbered: this.numbered,
      transcript: this.hasher.digest(),
      comparable: this.comparable,
    };
  }

  /** A resumed stream must begin right after what was dispatched last, by its own numbers or the ledger's. */
  private firstAfterResume(position: number, number: number): void {
    this.awaitingFirst = false;
    this.resumes++;
    const [first, last] =
      position === position ? [position, this.lastPosition] : [number, this.lastNumber];
    if (first === first && last === last && first !== last + 1) this.cursorErrors++;
  }

  /** @returns whether the number is new. */
  private place(number: number, fromZero: boolean): boolean {
    const first = !this.numbered;
    this.numbered = true;
    // Only the mock's index is known to begin at 0; a protocol may begin where it likes.
    if (first && !fromZero) this.highest = number - 1;
    if (number > this.highest) {
      const skipped = number - this.highest - 1;
      if (skipped > 0) this.miss(this.highest + 1, skipped);
      this.highest = number;
      return true;
    }
    if (this.missing.delete(number)) {
      this.reorders++;
      return true;
    }
    this.duplicates++;
    return false;
  }

  private miss(from: number, count: number): void {
    const remembered = Math.min(count, Math.max(0, mostMissing - this.missing.size));
    for (let i = 0; i < remembered; i++) this.missing.add(from + i);
    this.beyond += count - remembered;
  }
}
