/**
 * How one answer reads: stalls, reading deadlines and recoveries, from the gaps between its token
 * events. Pure arithmetic on a handful of numbers, because it runs once for every event.
 *
 * Two ways to look at the same gaps stand side by side, since they answer different questions:
 *
 * - *On the screen*: every gap beyond the reading pace is a stall, whatever was there to read before.
 *   `stalls`, `stall_ratio`, `longest_stall` and `time_to_recover`.
 * - *For a reader who is still busy with what came before*: text that was early is slack that later
 *   gaps may use up. `fluidity_index`, as Etalon has published it (arXiv 2407.07000).
 */

export class Reading {
  /** Gaps beyond the reading pace. */
  stalls = 0;
  /** The parts of those gaps that lie beyond the pace, ms. */
  stalledMs = 0;
  longestGapMs = 0;
  /** Reading deadlines that were met, and those that passed without their token. */
  deadlinesMet = 0;
  deadlinesMissed = 0;

  private readonly paceMs: number;
  private readonly firstDeadlineMs: number | undefined;
  private slackMs = 0;
  private behindMs = 0;
  private recoveringMs = 0;

  /**
   * @param paceMs - time that a reader takes for one token event; above 0.
   * @param firstDeadlineMs - by when the first token is due after the request; without it the first
   *   token sets the schedule and has no deadline of its own.
   */
  constructor(paceMs: number, firstDeadlineMs?: number) {
    this.paceMs = paceMs;
    this.firstDeadlineMs = firstDeadlineMs;
  }

  /** @param sinceRequestMs - from the written request to the first token event. */
  first(sinceRequestMs: number): void {
    if (this.firstDeadlineMs === undefined) return;
    const lateMs = sinceRequestMs - this.firstDeadlineMs;
    if (lateMs <= 0) {
      this.slackMs = -lateMs;
      this.deadlinesMet++;
    } else {
      // Its own deadline, and each that would have followed before it came.
      this.deadlinesMissed += 1 + Math.floor(lateMs / this.paceMs);
    }
  }

  /**
   * A further token event.
   *
   * @returns how long the reader took to catch up when this token ended a recovery, ms; else NaN.
   */
  next(gapMs: number): number {
    const beyondMs = gapMs - this.paceMs;
    if (gapMs > this.longestGapMs) this.longestGapMs = gapMs;
    if (beyondMs > 0) {
      this.stalls++;
      this.stalledMs += beyondMs;
    }
    if (beyondMs <= this.slackMs) {
      this.slackMs -= beyondMs;
      this.deadlinesMet++;
    } else {
      this.deadlinesMissed += Math.floor((gapMs - this.slackMs) / this.paceMs);
      this.slackMs = 0;
    }
    if (this.behindMs === 0) {
      if (beyondMs > 0) this.behindMs = beyondMs;
      return Number.NaN;
    }
    this.recoveringMs += gapMs;
    this.behindMs += beyondMs;
    if (this.behindMs > 0) return Number.NaN;
    const tookMs = this.recoveringMs;
    this.behindMs = 0;
    this.recoveringMs = 0;
    return tookMs;
  }

  /** Time since a stall that has not been caught up with, at the last token, ms; NaN without one. */
  get unrecoveredMs(): number {
    return this.behindMs > 0 ? this.recoveringMs : Number.NaN;
  }

  /** Share of reading deadlines that were met; NaN where there was none. */
  get fluidity(): number {
    const all = this.deadlinesMet + this.deadlinesMissed;
    return all === 0 ? Number.NaN : this.deadlinesMet / all;
  }
}
