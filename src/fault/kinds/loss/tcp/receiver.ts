/**
 * The virtual receiver: puts segments in order and says what it has.
 *
 * Every segment is acknowledged immediately. Linux does so for small segments that an application reads as
 * they come, which is a token stream; delayed acknowledgements would need a reader that lags.
 */

/** What an acknowledgement carries. */
export interface Acknowledgement {
  /** Everything below has arrived. */
  cumulative: number;
  /** Ranges beyond it: start, end, start, end, …; the newest first, at most three (RFC 2018 with timestamps). */
  sacked: readonly number[];
  /** A range that had arrived before (D-SACK, RFC 2883); both 0 where there is none. */
  duplicateStart: number;
  duplicateEnd: number;
  /** Transmission time of the segment whose timestamp is echoed, monotonic ns (RFC 7323). */
  echoNs: number;
}

const none: readonly number[] = [];
const blocks = 3;

export class Receiver {
  /** First byte not yet received in order. */
  next = 0;
  private echoNs = 0;
  /** Ranges beyond `next`, newest first, disjoint and not adjacent. */
  private ranges: { start: number; end: number }[] = [];

  /** Takes a segment and returns its acknowledgement. */
  accept(start: number, end: number, sentNs: number): Acknowledgement {
    let duplicateStart = 0;
    let duplicateEnd = 0;
    // RFC 7323: the echoed timestamp is of a segment at the left edge, so that a hole keeps it old.
    if (start <= this.next && sentNs > this.echoNs) this.echoNs = sentNs;
    if (end <= this.next || this.ranges.some((range) => range.start <= start && end <= range.end)) {
      duplicateStart = start;
      duplicateEnd = end;
      // A duplicate beyond a hole makes its range the newest, as the sender's D-SACK rule expects.
      if (start > this.next) this.insert(start, end);
    } else if (start <= this.next) {
      this.next = end;
      if (this.ranges.length > 0) this.absorb();
    } else {
      this.insert(start, end);
    }
    return {
      cumulative: this.next,
      sacked: this.ranges.length === 0 ? none : this.newest(),
      duplicateStart,
      duplicateEnd,
      echoNs: this.echoNs,
    };
  }

  /** Takes over ranges that the in-order part has reached. */
  private absorb(): void {
    for (let found = true; found;) {
      found = false;
      this.ranges = this.ranges.filter((range) => {
        if (range.start > this.next) return true;
        if (range.end > this.next) {
          this.next = range.end;
          found = true;
        }
        return false;
      });
    }
  }

  private insert(start: number, end: number): void {
    const merged = { start, end };
    this.ranges = this.ranges.filter((range) => {
      if (range.end < merged.start || range.start > merged.end) return true;
      merged.start = Math.min(merged.start, range.start);
      merged.end = Math.max(merged.end, range.end);
      return false;
    });
    this.ranges.unshift(merged);
  }

  private newest(): number[] {
    const flat: number[] = [];
    for (const range of this.ranges) {
      if (flat.length === 2 * blocks) break;
      flat.push(range.start, range.end);
    }
    return flat;
  }
}
