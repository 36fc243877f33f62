/** Labels on axes. */
import { unitFor, type TimeUnit } from '../../../../format/duration.ts';

/** One unit for an axis of times, and its labels: at most one decimal more than they need. */
export function timeAxisFormat(largestMs: number): {
  unit: TimeUnit;
  format: (valueMs: number) => string;
} {
  // An axis has few labels, so it changes to seconds earlier than a column of numbers.
  const unit = largestMs >= 2000 && largestMs < 600_000 ? 's' : unitFor([largestMs]);
  const factor = { µs: 1000, ms: 1, s: 1 / 1000, min: 1 / 60_000 }[unit];
  return { unit, format: (value) => String(Number((value * factor).toPrecision(3))) };
}

/** A label with its unit, where an axis spans several. */
export function timeTick(ms: number): string {
  if (ms < 1) return `${Number((ms * 1000).toPrecision(3))} µs`;
  return ms < 1000 ? `${Number(ms.toPrecision(3))} ms` : `${Number((ms / 1000).toPrecision(3))} s`;
}

/** A count: `500`, `20k`. */
export function countTick(value: number): string {
  return value >= 10_000 ? `${value / 1000}k` : String(value);
}
