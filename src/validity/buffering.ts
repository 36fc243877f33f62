/**
 * Whether the arrivals of a run look as if something on the way had collected them. A buffer is flushed
 * when it is full or when its time has come, so its bursts agree in size or in distance; chance (packet
 * loss, jitter, a model's rhythm, a busy client) makes bursts that agree in neither.
 */
import type { BurstSums } from '../result/schema.ts';
import { bufferingLimits as limits } from './limits.ts';

export type Buffering =
  /** Bursts of one size, of one distance, or (where events are all alike) of both. */
  | { by: 'size' | 'time' | 'both'; events: number; bytes: number; ms: number }
  /** Long answers that arrived complete, so often. */
  | { by: 'end'; share: number };

/** @param turns - completed ones. */
export function bufferingOf(bursts: BurstSums, turns: number): Buffering | undefined {
  const share = turns > 0 ? bursts.at_once / turns : 0;
  if (share >= limits.atOnceShare) return { by: 'end', share };
  const { count } = bursts;
  const events = bursts.events / count;
  if (count < limits.bursts || events < limits.eventsPerBurst) return undefined;
  const bytes = bursts.bytes / count;
  const ms = bursts.ms / count;
  // Whole events are counted, and where a buffer ends in the middle of one, it counts to the next burst.
  const sizes = spread(bytes, bursts.bytes_squared / count, bytes / events);
  const times = spread(ms, bursts.ms_squared / count, ms / events);
  const sized = sizes <= limits.spread;
  const timed = times <= limits.spread && ms >= limits.periodMs;
  if (!sized && !timed) return undefined;
  return { by: sized && timed ? 'both' : sized ? 'size' : 'time', events, bytes, ms };
}

/** Standard deviation against the mean, less what half an event more or fewer makes of it. */
function spread(mean: number, meanOfSquares: number, perEvent: number): number {
  const deviation = Math.sqrt(Math.max(0, meanOfSquares - mean * mean));
  return Math.max(0, deviation - perEvent / 2) / mean;
}
