/** What all open models share: start times that are known beforehand and never look at the target. */
import type { Pacer } from './pacer.ts';

/** Intended start of session `index` (from 0), ms, never descending; Infinity where there is none. */
export type StartTimes = (index: number) => number;

/**
 * A pacer over a fixed list of start times. A session whose time has passed is still started, with
 * its intended time: an open load that falls behind catches up instead of quietly becoming smaller.
 */
export function openPacer(parts: {
  startOf: StartTimes;
  durationMs: number;
  rateAt(elapsedMs: number): number;
  describe(): string;
}): Pacer {
  const { startOf, durationMs } = parts;
  return {
    durationMs,
    next({ elapsedMs, scheduled }) {
      const atMs = startOf(scheduled);
      if (!(atMs < durationMs)) return { kind: 'stop' };
      return atMs <= elapsedMs ? { kind: 'start', atMs } : { kind: 'wait', untilMs: atMs };
    },
    rateAt: (elapsedMs) => (elapsedMs < 0 || elapsedMs >= durationMs ? 0 : parts.rateAt(elapsedMs)),
    sessionsAt: () => undefined,
    mostSessions: Number.POSITIVE_INFINITY,
    describe: () => parts.describe(),
  };
}
