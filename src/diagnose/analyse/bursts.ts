/**
 * What arrived together. A burst is a run of reads with less than a threshold between them; the
 * threshold follows the stream's beat, so that a fast stream is not one long burst.
 */
import type { BodyRead, ObservedEvent } from '../observe/observation.ts';

export interface Burst {
  /** When its first and last bytes came, ms. */
  at: number;
  until: number;
  bytes: number;
  /** Events that it completed. */
  events: number;
  /** Whether it ends where an event ends. */
  aligned: boolean;
}

/** Reads this close to each other came together, whatever the beat, ms. */
const least = 0.5;
const most = 10;

/** A quarter of the mean time between events, from 0.5 to 10 ms. */
export function burstThreshold(beatMs: number): number {
  return Number.isFinite(beatMs) ? Math.min(most, Math.max(least, beatMs / 4)) : 2;
}

/** Mean time between events from the first to the last, ms; NaN for fewer than two. */
export function beatOf(events: readonly ObservedEvent[]): number {
  if (events.length < 2) return Number.NaN;
  return (events.at(-1)!.at - events[0]!.at) / (events.length - 1);
}

/** Groups reads, and says for each which burst it is in. */
export function burstsOf(
  reads: readonly BodyRead[],
  events: readonly ObservedEvent[],
  thresholdMs: number,
): { bursts: Burst[]; burstOfRead: readonly number[] } {
  const bursts: Burst[] = [];
  const burstOfRead: number[] = [];
  for (const read of reads) {
    const last = bursts.at(-1);
    if (last && read.at - last.until <= thresholdMs) {
      last.until = read.at;
      last.bytes += read.bytes;
      last.events += read.events;
    } else {
      bursts.push({
        at: read.at,
        until: read.at,
        bytes: read.bytes,
        events: read.events,
        aligned: true,
      });
    }
    burstOfRead.push(bursts.length - 1);
  }
  for (const event of events) {
    const first = burstOfRead[event.firstRead]!;
    // Every burst in which it had begun and not ended.
    for (let at = first; at < burstOfRead[event.read]!; at++) bursts[at]!.aligned = false;
  }
  return { bursts, burstOfRead };
}
