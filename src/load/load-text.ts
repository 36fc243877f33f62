/** Numbers in the sentences that pacers say about themselves. */

/** `250 ms`, `30 s`, `2 min`, `1.5 h`; at most two decimals. */
export function durationInWords(ms: number): string {
  const [size, unit] =
    ms < 1000
      ? [ms, 'ms']
      : ms < 120_000
        ? [ms / 1000, 's']
        : ms < 7_200_000
          ? [ms / 60_000, 'min']
          : [ms / 3_600_000, 'h'];
  return `${plain(size)} ${unit}`;
}

/** `50 sessions/s`; a rate below one per second is said per minute: `12 sessions/min`. */
export function rateInWords(perSecond: number): string {
  return perSecond > 0 && perSecond < 1
    ? `${plain(perSecond * 60)} ${noun(perSecond * 60)}/min`
    : `${plain(perSecond)} ${noun(perSecond)}/s`;
}

/** `1 session`, `200 sessions`. */
export function sessionsInWords(count: number): string {
  return `${plain(count)} ${noun(count)}`;
}

/** ` for 30 s`, or nothing where no time ends the load. */
export function forDuration(ms: number): string {
  return Number.isFinite(ms) ? ` for ${durationInWords(ms)}` : '';
}

function noun(count: number): string {
  return count === 1 ? 'session' : 'sessions';
}

function plain(value: number): string {
  return String(Math.round(value * 100) / 100);
}
