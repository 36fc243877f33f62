/** Driving a pacer by hand. */
import type { Pacer } from '../../src/load/pacer.ts';

/**
 * Start times of an open pacer, asked only at the moments it named itself; each session ends immediately.
 *
 * @param stepMs - ask at these intervals instead, as a late engine would.
 */
export function startTimes(pacer: Pacer, stepMs?: number): number[] {
  const starts: number[] = [];
  let elapsedMs = 0;
  for (let asked = 0; asked < 1_000_000; asked++) {
    const pace = pacer.next({
      elapsedMs,
      scheduled: starts.length,
      active: 0,
      lastEndedMs: starts.length === 0 ? -1 : elapsedMs,
    });
    if (pace.kind === 'stop') return starts;
    if (pace.kind === 'start') starts.push(pace.atMs);
    else elapsedMs = stepMs === undefined ? pace.untilMs : elapsedMs + stepMs;
  }
  throw new Error('the pacer never stops');
}
