/**
 * Remembers what would prove that a loss was none: the echoed timestamp of an original (the Eifel
 * detection of RFC 3522), or duplicate reports for all retransmissions (RFC 3708).
 */
export class FalseAlarm {
  /** First unacknowledged number when the alarm was raised; -1: nothing to take back. */
  private from = -1;
  /** Retransmissions not yet proven needless; -1: none was made. */
  private count = -1;
  /** When the first retransmission was sent, ns; 0: none since all was well. */
  private firstNs = 0;

  /** @param inFlight - retransmissions already under way. */
  raise(from: number, inFlight: number): void {
    this.from = from;
    this.count = inFlight === 0 ? -1 : inFlight;
  }

  /** Nothing left to take back. */
  clear(): void {
    this.from = -1;
  }

  /** All is well: the next retransmission is a first one. */
  restart(): void {
    this.firstNs = 0;
  }

  noteResent(nowNs: number): void {
    if (this.firstNs === 0) this.firstNs = nowNs;
  }

  noteRetransmission(): void {
    this.count = Math.max(this.count, 0) + 1;
  }

  noteDuplicate(end: number): void {
    if (this.from >= 0 && this.count > 0 && end > this.from) this.count--;
  }

  get raised(): boolean {
    return this.from >= 0;
  }

  /** Every retransmission was reported as a duplicate. */
  get allNeedless(): boolean {
    return this.from >= 0 && this.count === 0;
  }

  /** @param echoNs - when the segment was sent whose timestamp came back. */
  originalArrived(echoNs: number): boolean {
    return this.from >= 0 && (this.firstNs === 0 || echoNs < this.firstNs);
  }

  proven(echoNs: number): boolean {
    return this.allNeedless || this.originalArrived(echoNs);
  }
}
