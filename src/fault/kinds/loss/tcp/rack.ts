/**
 * RACK (RFC 8985): a segment is lost when one sent sufficiently later was delivered. This is why a lost
 * token costs a round trip and one token interval rather than a timeout: the next token exposes it.
 */
import type { Outstanding, Segment } from './segment.ts';

/** Duplicate acknowledgements that end patience with reordering. */
const duplicateThreshold = 3;

/** Round trips as the caller knows them, ns. */
export interface RoundTrips {
  readonly srttNs: number;
  readonly minRttNs: number;
}

export class Rack {
  /** Whether something was delivered since the last detection. */
  advanced = false;
  /** Transmission time and end of the most recently sent segment known to be delivered. */
  private latestNs = 0;
  private latestEnd = 0;
  /** Round trip of the last delivery, ns. */
  private rttNs = 0;

  /** Notes a delivery. An acknowledgement faster than the path allows is of an earlier transmission. */
  advance(segment: Segment, nowNs: number, trips: RoundTrips): void {
    const rttNs = nowNs - segment.sentNs;
    if (segment.resent && rttNs < trips.minRttNs) return;
    this.advanced = true;
    this.rttNs = rttNs;
    if (
      segment.sentNs > this.latestNs ||
      (segment.sentNs === this.latestNs && segment.end > this.latestEnd)
    ) {
      this.latestNs = segment.sentNs;
      this.latestEnd = segment.end;
    }
  }

  /**
   * How much reordering is allowed for, ns: a quarter of the shortest round trip; none while losses are
   * being repaired or after three segments beyond the hole (no reordering having been seen: the path
   * keeps order).
   */
  private toleranceNs(recovering: boolean, outstanding: Outstanding, trips: RoundTrips): number {
    if (recovering || outstanding.sackedCount >= duplicateThreshold) return 0;
    return Math.min(trips.minRttNs / 4, trips.srttNs);
  }

  /** Time until a segment must be considered lost, ns; 0 or less: it is. */
  remainingNs(
    segment: Segment,
    nowNs: number,
    recovering: boolean,
    outstanding: Outstanding,
    trips: RoundTrips,
  ): number {
    const tolerance = this.toleranceNs(recovering, outstanding, trips);
    return segment.sentNs + this.rttNs + tolerance - nowNs;
  }

  /**
   * Marks what is lost by now.
   *
   * @returns the wait until the next verdict is due, ns; 0 where none is.
   */
  detect(outstanding: Outstanding, nowNs: number, recovering: boolean, trips: RoundTrips): number {
    const tolerance = this.toleranceNs(recovering, outstanding, trips);
    let wait = 0;
    for (let i = 0; i < outstanding.count; i++) {
      const segment = outstanding.at(i);
      const sentBefore =
        segment.sentNs < this.latestNs ||
        (segment.sentNs === this.latestNs && segment.end < this.latestEnd);
      if (!sentBefore) {
        // Without retransmissions, segments lie in the order in which they were sent.
        if (outstanding.resentCount === 0) break;
        continue;
      }
      if (segment.sacked || (segment.lost && !segment.retransmitting)) continue;
      const remaining = segment.sentNs + this.rttNs + tolerance - nowNs;
      if (remaining <= 0) outstanding.markLost(segment);
      else if (remaining > wait) wait = remaining;
    }
    return wait;
  }
}
