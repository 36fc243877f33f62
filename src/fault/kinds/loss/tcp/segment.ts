/** A sent piece of the stream and what the sender knows of it. Sequence numbers are byte offsets. */
export interface Segment {
  readonly start: number;
  /** Exclusive. The end of the stream (FIN) takes one number after the last byte. */
  readonly end: number;
  /** Last transmission, monotonic ns. */
  sentNs: number;
  /** Selectively acknowledged (RFC 2018). */
  sacked: boolean;
  /** Considered lost. */
  lost: boolean;
  /** A retransmission is in flight. */
  retransmitting: boolean;
  /** Was ever sent again: its acknowledgement is ambiguous (Karn's rule). */
  resent: boolean;
}

/** Sent and not yet cumulatively acknowledged segments, in order, with the counts TCP keeps of them. */
export class Outstanding {
  private readonly items: Segment[] = [];
  private head = 0;
  sackedCount = 0;
  lostCount = 0;
  retransmittingCount = 0;
  /** How many of them were ever sent again. */
  resentCount = 0;

  get count(): number {
    return this.items.length - this.head;
  }

  /** Packets believed to be in the network (RFC 6675's pipe, as Linux counts it). */
  get inFlight(): number {
    return this.count - this.sackedCount - this.lostCount + this.retransmittingCount;
  }

  get first(): Segment | undefined {
    return this.items[this.head];
  }

  get last(): Segment | undefined {
    return this.count > 0 ? this.items[this.items.length - 1] : undefined;
  }

  /** @param index - 0 is the oldest. */
  at(index: number): Segment {
    return this.items[this.head + index] as Segment;
  }

  push(segment: Segment): void {
    this.items.push(segment);
  }

  /** Removes the oldest, taking it out of all counts. */
  shift(): void {
    const segment = this.items[this.head] as Segment;
    if (segment.sacked) this.sackedCount--;
    this.clearLost(segment);
    this.clearRetransmitting(segment);
    if (segment.resent) this.resentCount--;
    this.head++;
    if (this.head === this.items.length) {
      this.items.length = 0;
      this.head = 0;
    } else if (this.head >= 512) {
      this.items.splice(0, this.head);
      this.head = 0;
    }
  }

  markSacked(segment: Segment): void {
    segment.sacked = true;
    this.sackedCount++;
  }

  markLost(segment: Segment): void {
    if (!segment.lost) {
      segment.lost = true;
      this.lostCount++;
    }
    this.clearRetransmitting(segment);
  }

  clearLost(segment: Segment): void {
    if (!segment.lost) return;
    segment.lost = false;
    this.lostCount--;
  }

  markRetransmitting(segment: Segment): void {
    segment.retransmitting = true;
    this.retransmittingCount++;
  }

  clearRetransmitting(segment: Segment): void {
    if (!segment.retransmitting) return;
    segment.retransmitting = false;
    this.retransmittingCount--;
  }

  markResent(segment: Segment): void {
    if (segment.resent) return;
    segment.resent = true;
    this.resentCount++;
  }
}
