import { openPacer } from './open-pacer.ts';
import type { PacerFactory } from './pacer.ts';
import { durationInWords, sessionsInWords } from './load-text.ts';

const windowMs = 1000;

/**
 * Start times as recorded, for replaying real traffic with its bursts and pauses.
 *
 *     starts ┃  ┃┃┃   ┃        ┃┃
 *            └─────────────────────▶ t        start(i) = trace[i]
 *
 * The intended rate shown in reports is the count within the second around a moment.
 */
export const tracePacer: PacerFactory<'trace'> = ({ startsMs }, { durationMs }) => {
  const within = startsMs.filter((start) => start < durationMs).length;
  return openPacer({
    durationMs,
    startOf: (index) => startsMs[index] ?? Number.POSITIVE_INFINITY,
    rateAt: (elapsedMs) =>
      ((firstAtOrAfter(startsMs, elapsedMs + windowMs / 2) -
        firstAtOrAfter(startsMs, elapsedMs - windowMs / 2)) *
        1000) /
      windowMs,
    describe: () =>
      `${sessionsInWords(within)} at recorded times over ${durationInWords(
        Math.min(durationMs, startsMs.at(-1) ?? 0),
      )}`,
  });
};

/** Index of the first start ≥ `ms` in ascending starts. */
function firstAtOrAfter(startsMs: readonly number[], ms: number): number {
  let low = 0;
  let high = startsMs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (startsMs[middle]! < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
