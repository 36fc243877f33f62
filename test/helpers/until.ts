/** Waiting for what sockets, timers and other processes bring about. */
import { inspect } from 'node:util';

export interface Waiting {
  /** What is waited for, in words: it is what a failure says. */
  what: string;
  /** What there is to see meanwhile; default what the condition last gave. */
  seen?: () => unknown;
  /** ms until it fails; default 30 s. A safety net and no bound: what must be quick is measured. */
  deadline?: number;
}

/** ms between two looks. */
const everyMs = 5;
const longestMs = 30_000;

/**
 * Looks again and again until the condition gives something (not false, undefined or null).
 *
 * @returns what it gave.
 * @throws Error that says what it waited for, how long, and what it saw last. What the condition throws
 *   goes through immediately.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { what, seen, deadline = longestMs }: Waiting,
): Promise<Exclude<T, false | undefined | null | void>> {
  const started = performance.now();
  for (;;) {
    const value = await condition();
    if (value !== false && value !== undefined && value !== null) {
      return value as Exclude<T, false | undefined | null | void>;
    }
    const waitedMs = performance.now() - started;
    if (waitedMs > deadline) {
      const last = inspect(seen ? seen() : value, { breakLength: Infinity, maxStringLength: 500 });
      throw new Error(`waited ${Math.round(waitedMs)} ms for ${what}; seen last: ${last}`);
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
