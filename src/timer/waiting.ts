/** Waiting, repeating and time limits, made from a `Scheduler`. Spans are in ms. */
import type { Scheduled, Scheduler } from './scheduler.ts';

const msNs = 1e6;

/** The part of a scheduler that waiting needs. */
export type Timing = Pick<Scheduler, 'now' | 'at'>;

/** Runs `action` after `ms`; what is below 0 counts as 0. */
export function after(time: Timing, ms: number, action: () => void): Scheduled {
  return time.at(time.now() + Math.max(0, ms) * msNs, action);
}

/** The same time, in which nothing that is to come keeps the process alive. */
export function background(time: Scheduler): Timing {
  return {
    now: () => time.now(),
    at: (dueNs, action) => time.inBackground(dueNs, action),
  };
}

/**
 * Runs `action` every `periodMs`, first after one period, until it is cancelled.
 *
 * The grid is kept: a late run does not move the next. Periods that were missed altogether are left out,
 * so that no burst of runs follows a pause.
 */
export function every(time: Timing, periodMs: number, action: () => void): Scheduled {
  const periodNs = periodMs * msNs;
  let dueNs = time.now();
  let next: Scheduled;
  const arm = (): void => {
    const missed = Math.floor((time.now() - dueNs) / periodNs);
    dueNs += periodNs * Math.max(1, missed + 1);
    next = time.at(dueNs, run);
  };
  const run = (): void => {
    // First the next: the action may cancel it.
    arm();
    action();
  };
  arm();
  return { cancel: () => next.cancel() };
}

/**
 * Resolves after `ms`, or as soon as the signal is aborted. It never rejects: who must know which of the
 * two it was asks the signal.
 */
export function sleep(time: Timing, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = after(time, ms, done);
    function done(): void {
      timer.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done);
  });
}

/**
 * The value, or undefined where it does not come within `ms`.
 *
 * @throws what `value` rejects with in that time; a later rejection is ignored.
 */
export async function within<T>(
  time: Timing,
  value: Promise<T>,
  ms: number,
): Promise<T | undefined> {
  let timer: Scheduled | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = after(time, ms, () => resolve(undefined));
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    timer?.cancel();
  }
}
