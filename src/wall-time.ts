/**
 * Wall-clock time as text and back. `Date` is used here and in world.ts alone, so that the linter can
 * tell everywhere else that code asks the machine for the time. Times are ms since 1970.
 */

/** ISO 8601 in UTC, to the millisecond: `2026-01-15T10:00:00.000Z`. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** A time in ISO 8601 or as RFC 9110 writes it; NaN where the text is none. */
export function timeOf(text: string): number {
  return Date.parse(text);
}

/** For packages that need a `Date`. */
export function dateAt(ms: number): Date {
  return new Date(ms);
}
