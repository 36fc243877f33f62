/**
 * Smoothed round-trip time and retransmission timeout: RFC 6298 as Linux runs it.
 *
 * Two departures of Linux matter to a token stream: the floor of 200 ms applies to the variance term,
 * not to the sum, so that RTO = SRTT + 200 ms on a steady path; and a shrinking sample that deviates
 * widely is given an eighth of its weight, so that a path which got faster does not raise the timeout.
 */
import { toJiffies } from './kernel-timer.ts';

const rtoMinNs = 200e6;
const rtoMaxJiffies = toJiffies(120e9);

/** The floor of the variance term and of the wait for a lone packet's acknowledgement, ns. */
export const rtoFloorNs = rtoMinNs;

export class RttEstimator {
  /** Smoothed round trip, ns. */
  srttNs: number;
  /** Shortest round trip seen, ns. RFC 8985 lets reordering take a quarter of it. */
  minRttNs: number;
  /** Current timeout with its backoff, jiffies. */
  rtoJiffies = 0;
  /** Four times the mean deviation, as Linux keeps it. */
  private deviationNs: number;
  /** Largest deviation since the last round trip began, and the slower value the timeout uses. */
  private deviationMaxNs: number;
  private varianceNs: number;
  /** Sequence number that ends the current round trip of the variance filter. */
  private roundEnd = 0;

  /** @param rttNs - the first sample, which a connection takes from its handshake. */
  constructor(rttNs: number) {
    this.srttNs = rttNs;
    this.minRttNs = rttNs;
    this.deviationNs = 2 * rttNs;
    this.varianceNs = Math.max(this.deviationNs, rtoMinNs);
    this.deviationMaxNs = this.varianceNs;
    this.updateTimeout();
  }

  /**
   * Takes a sample; clears any backoff.
   *
   * @param acknowledged - first sequence number not yet acknowledged.
   * @param next - next sequence number to send: when it is acknowledged, a round trip has passed.
   */
  sample(rttNs: number, acknowledged: number, next: number): void {
    const error = rttNs - this.srttNs;
    this.srttNs += error / 8;
    let deviation = Math.abs(error) - this.deviationNs / 4;
    if (error < 0 && deviation > 0) deviation /= 8;
    this.deviationNs += deviation;
    if (this.deviationNs > this.deviationMaxNs) {
      this.deviationMaxNs = this.deviationNs;
      if (this.deviationMaxNs > this.varianceNs) this.varianceNs = this.deviationMaxNs;
    }
    if (acknowledged > this.roundEnd) {
      if (this.deviationMaxNs < this.varianceNs) {
        this.varianceNs -= (this.varianceNs - this.deviationMaxNs) / 4;
      }
      this.roundEnd = next;
      this.deviationMaxNs = rtoMinNs;
    }
    this.updateTimeout();
  }

  /** Notes a round trip of data that was sent once, for the minimum. */
  noteMinimum(rttNs: number): void {
    if (rttNs < this.minRttNs) this.minRttNs = rttNs;
  }

  /** Doubles the timeout after it fired (RFC 6298, 5.5). */
  backOff(): void {
    this.rtoJiffies = Math.min(this.rtoJiffies * 2, rtoMaxJiffies);
  }

  private updateTimeout(): void {
    this.rtoJiffies = Math.min(toJiffies(this.srttNs + this.varianceNs), rtoMaxJiffies);
  }
}
