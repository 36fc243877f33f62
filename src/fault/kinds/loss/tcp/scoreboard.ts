/**
 * Reads an acknowledgement against what is outstanding: marks and removes segments, tells RACK of every
 * delivery, and says what was new.
 */
import type { Rack } from './rack.ts';
import type { Acknowledgement } from './receiver.ts';
import type { RttEstimator } from './rtt-estimator.ts';
import type { Outstanding } from './segment.ts';

/** What one acknowledgement turned out to say. */
export interface News {
  /** Segments newly known to have arrived. */
  delivered: number;
  /** The cumulative number moved. */
  advanced: boolean;
  /** Something beyond a hole arrived. */
  sacked: boolean;
  /** Data sent only once, of before the present state began, was delivered. */
  original: boolean;
  /** A segment arrived twice. */
  duplicate: boolean;
  /** The sender's timer must be set again. */
  resetTimer: boolean;
  echoNs: number;
}

export class Scoreboard {
  private readonly outstanding: Outstanding;
  private readonly rack: Rack;
  private readonly trips: RttEstimator;

  constructor(outstanding: Outstanding, rack: Rack, trips: RttEstimator) {
    this.outstanding = outstanding;
    this.rack = rack;
    this.trips = trips;
  }

  /**
   * @param acknowledged - what was cumulatively acknowledged before.
   * @param stateEnd - end of the data that the sender's present state is about.
   * @param next - next sequence number to send.
   */
  read(
    ack: Acknowledgement,
    acknowledged: number,
    stateEnd: number,
    next: number,
    now: number,
  ): News {
    const news: News = {
      delivered: 0,
      advanced: ack.cumulative > acknowledged,
      sacked: false,
      original: false,
      duplicate: ack.duplicateEnd > 0,
      resetTimer: false,
      echoNs: ack.echoNs,
    };
    if (ack.duplicateEnd > ack.cumulative) this.takeDuplicate(ack);
    const sackedRttNs = ack.sacked.length > 0 ? this.takeSacks(ack, news, stateEnd, now) : -1;
    const rttNs = this.takeCumulative(ack, news, stateEnd, now, sackedRttNs);
    if (rttNs >= 0) this.trips.sample(rttNs, ack.cumulative, next);
    const head = this.outstanding.first;
    // Data sent before the head's last transmission says nothing new about the head.
    news.resetTimer =
      news.advanced || (head !== undefined && sackedRttNs >= 0 && sackedRttNs > now - head.sentNs);
    return news;
  }

  /** Beyond a hole: the retransmission is what was reported twice, so it is no longer on its way. */
  private takeDuplicate(ack: Acknowledgement): void {
    for (let i = 0; i < this.outstanding.count; i++) {
      const segment = this.outstanding.at(i);
      if (segment.start !== ack.duplicateStart || !segment.sacked) continue;
      this.outstanding.clearRetransmitting(segment);
    }
  }

  /** @returns the round trip of the oldest newly reported segment that was sent once, ns; or -1. */
  private takeSacks(ack: Acknowledgement, news: News, stateEnd: number, now: number): number {
    const { outstanding } = this;
    let oldestSentNs = Infinity;
    for (let block = 0; block < ack.sacked.length; block += 2) {
      const start = ack.sacked[block] as number;
      const end = ack.sacked[block + 1] as number;
      for (let i = 0; i < outstanding.count; i++) {
        const segment = outstanding.at(i);
        if (segment.start >= end) break;
        if (segment.start < start || segment.sacked) continue;
        if (!segment.retransmitting) {
          if (!segment.resent) {
            oldestSentNs = Math.min(oldestSentNs, segment.sentNs);
            if (segment.end <= stateEnd) news.original = true;
          }
          outstanding.clearLost(segment);
        } else if (segment.lost) {
          outstanding.clearRetransmitting(segment);
          outstanding.clearLost(segment);
        }
        // Otherwise it is no longer considered lost, and its retransmission is still on its way.
        outstanding.markSacked(segment);
        news.sacked = true;
        news.delivered++;
        this.rack.advance(segment, now, this.trips);
      }
    }
    return oldestSentNs === Infinity ? -1 : now - oldestSentNs;
  }

  /** @returns a sample of the round trip, ns; -1 where there is none. */
  private takeCumulative(
    ack: Acknowledgement,
    news: News,
    stateEnd: number,
    now: number,
    sackedRttNs: number,
  ): number {
    const { outstanding, trips } = this;
    let oldestSentNs = -1;
    let newestSentNs = -1;
    let resentAcknowledged = false;
    for (;;) {
      const segment = outstanding.first;
      if (!segment || segment.end > ack.cumulative) break;
      if (segment.resent) {
        resentAcknowledged = true;
      } else if (!segment.sacked) {
        newestSentNs = segment.sentNs;
        if (oldestSentNs < 0) oldestSentNs = segment.sentNs;
        if (segment.end <= stateEnd) news.original = true;
      }
      if (!segment.sacked) {
        news.delivered++;
        // An echo older than the retransmission means that the original arrived (RFC 3522).
        const originalArrived = segment.resent && ack.echoNs < segment.sentNs;
        if (!originalArrived) this.rack.advance(segment, now, trips);
      }
      outstanding.shift();
    }
    // Karn's rule; where it leaves no sample, the echoed timestamp gives one (RFC 7323).
    if (oldestSentNs >= 0 && !resentAcknowledged) {
      trips.noteMinimum(now - newestSentNs);
      return now - oldestSentNs;
    }
    if (sackedRttNs >= 0) {
      trips.noteMinimum(sackedRttNs);
      return sackedRttNs;
    }
    return news.advanced ? now - ack.echoNs : -1;
  }
}
