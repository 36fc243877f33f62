/** How much later each event comes than directly, where both paths carried the same events. */
import { quantile } from '../analyse/statistics.ts';
import { pairs, type Stream } from './probe-results.ts';

export interface Delays {
  events: number;
  p50Ms: number;
  p95Ms: number;
  maxMs: number;
}

/** So many of the events must have their fellow's size: other answers have other events. */
const sameShare = 0.9;

/**
 * By number: the first event of a repeat with the first of the same repeat directly, and so on. A target whose
 * answers differ from one request to the next has no such pairs.
 */
export function delaysOf(url: readonly Stream[], direct: readonly Stream[]): Delays | undefined {
  const delays: number[] = [];
  for (const [one, other] of pairs(url, direct)) {
    const [events, directEvents] = [one.observation.events, other.observation.events];
    const count = Math.min(events.length, directEvents.length);
    const same = events
      .slice(0, count)
      .filter((event, index) => event.size === directEvents[index]!.size).length;
    if (count < 8 || same < sameShare * count) continue;
    for (let index = 0; index < count; index++) {
      delays.push(events[index]!.at - directEvents[index]!.at);
    }
  }
  if (delays.length === 0) return undefined;
  return {
    events: delays.length,
    p50Ms: quantile(delays, 0.5),
    p95Ms: quantile(delays, 0.95),
    maxMs: quantile(delays, 1),
  };
}
