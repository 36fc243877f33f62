/**
 * Pauses that are made up for. When a packet is lost, TCP holds everything behind it until it has been sent
 * again: the client sees a pause, and then immediately all the events of that time. A buffer does this
 * always; loss does it now and then, in a stream that otherwise keeps its beat.
 */
import type { Observation } from '../observe/observation.ts';
import { median, spreadOf } from './statistics.ts';

export interface Stalls {
  /** Pauses of at least three beats and 15 ms that were made up for within two beats. */
  count: number;
  /** Share of events that came in the bursts after them. */
  share: number;
  /** Median length of these pauses, ms; NaN where there are none. */
  medianMs: number;
  longestMs: number;
  /** Pauses that were not made up for: the source of the events paused. */
  plain: number;
  /** Share of the other gaps that are within half of their middle: how well it keeps its beat. */
  calm: number;
}

export function stallsOf(
  observation: Pick<Observation, 'events' | 'processPauses'>,
  beatMs: number,
  thresholdMs: number,
): Stalls {
  const events = observation.events.filter((event) => event.token);
  const lengths: number[] = [];
  let caught = 0;
  let plain = 0;
  const others: number[] = [];
  for (let at = 1; at < events.length; at++) {
    const gap = events[at]!.at - events[at - 1]!.at;
    if (!(gap >= 3 * beatMs && gap >= 15)) {
      others.push(gap);
      continue;
    }
    if (isProcessPause(observation, events[at - 1]!.at, events[at]!.at)) continue;
    let together = 1;
    while (at + together < events.length) {
      const step = events[at + together]!.at - events[at + together - 1]!.at;
      if (step > thresholdMs) break;
      together += 1;
    }
    // What should have come during the pause, and did right after it.
    const missed = gap / beatMs - 1;
    if (together >= 2 && Math.abs(together - 1 - missed) <= Math.max(1.5, missed * 0.35)) {
      lengths.push(gap);
      caught += together;
    } else plain += 1;
    at += together - 1;
  }
  return {
    count: lengths.length,
    share: events.length === 0 ? 0 : caught / events.length,
    medianMs: median(lengths),
    longestMs: lengths.length === 0 ? 0 : Math.max(...lengths),
    plain,
    calm: spreadOf(others, 0.5).near,
  };
}

/** Whether most of a gap was streamgauge's process standing still. */
function isProcessPause(
  { processPauses }: Pick<Observation, 'processPauses'>,
  from: number,
  to: number,
): boolean {
  const own = processPauses.reduce((sum, pause) => {
    const overlap = Math.min(to, pause.at + pause.length + 10) - Math.max(from, pause.at);
    return sum + Math.max(0, overlap);
  }, 0);
  return own > (to - from) / 2;
}
