/**
 * One event late: every event waits for the next one. Where whole events are held, nothing in the
 * arrivals of one stream shows it. What shows it is that the first event comes later when events are slower,
 * or that each comes one beat later than it does directly.
 */
import { median, quantile } from '../analyse/statistics.ts';
import { pairs, type Stream } from './probe-results.ts';

export interface Lag {
  lagMs: number;
  confirmed: boolean;
  by: 'tails' | 'interval' | 'direct';
}

/** Token times after the head: what the network adds to both cancels out. */
function afterHead({ observation }: Stream): number[] {
  const { headersMs } = observation;
  if (headersMs === null) return [];
  return observation.events.filter((event) => event.token).map((event) => event.at - headersMs);
}

/** How irregular a stream is: the middle eight tenths of its gaps, ms. */
function unrest(times: readonly number[]): number {
  const gaps = times.slice(1).map((at, index) => at - times[index]!);
  return quantile(gaps, 0.9) - quantile(gaps, 0.1);
}

/**
 * @param asked - the streams as asked, not held otherwise.
 * @param slow - the same with the interval × 4.
 */
export function lagByInterval(asked: readonly Stream[], slow: readonly Stream[]): Lag | undefined {
  const lags: number[] = [];
  for (const [one, other] of pairs(asked, slow)) {
    const times = afterHead(one);
    const slowTimes = afterHead(other);
    const beat = one.shape.beatMs;
    const added = other.shape.beatMs - beat;
    if (!(added >= 15) || unrest(times) > added / 2) return undefined;
    // The first event of a stream does not depend on the interval, unless it waits for the second.
    const later = slowTimes[0]! - times[0]!;
    if (!(later >= 0.7 * added && later <= 1.4 * added)) return undefined;
    lags.push(beat);
  }
  if (lags.length === 0) return undefined;
  return { lagMs: median(lags), confirmed: lags.length >= 2, by: 'interval' };
}

/**
 * Whether the last event came with the end of the answer, as it must where only the end lets it go. A far
 * path delays it as it does all others.
 */
function lastMeetsEnd(url: Stream, direct: Stream, beatMs: number): boolean {
  const { lastTokenMs, endedMs, complete } = url.shape;
  if (!complete || lastTokenMs === null || endedMs === null) return false;
  if (endedMs - lastTokenMs > 0.3 * beatMs) return false;
  const [times, directTimes] = [afterHead(url), afterHead(direct)];
  if (!direct.shape.complete || times.length !== directTimes.length) return true;
  const later = times.at(-1)! - directTimes.at(-1)!;
  const directTail = direct.shape.endedMs! - direct.shape.lastTokenMs!;
  return later < 0.5 * beatMs || directTail > 0.6 * beatMs;
}

/** Every event comes one beat later than directly, by its number. */
export function lagByDirect(url: readonly Stream[], direct: readonly Stream[]): Lag | undefined {
  const lags: number[] = [];
  let ends = 0;
  for (const [one, other] of pairs(url, direct)) {
    const times = afterHead(one);
    const directTimes = afterHead(other);
    const beat = other.shape.beatMs;
    // The last one has nothing to wait for but the end.
    const count = Math.min(times.length, directTimes.length) - 1;
    if (!(beat >= 8) || count < 8) return undefined;
    const later = Array.from({ length: count }, (_, index) => times[index]! - directTimes[index]!);
    if (quantile(later, 0.1) < 0.6 * beat || quantile(later, 0.9) > 1.5 * beat) return undefined;
    lags.push(median(later));
    if (lastMeetsEnd(one, other, beat)) ends += 1;
  }
  if (lags.length === 0) return undefined;
  return { lagMs: median(lags), confirmed: ends >= 2, by: 'direct' };
}
