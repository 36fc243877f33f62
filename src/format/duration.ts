/**
 * Durations for people. One number takes the unit that suits it; a column of numbers takes one unit
 * for all, so that they can be compared by eye.
 */
import { formatCount, missing } from './number.ts';

export type TimeUnit = 'µs' | 'ms' | 's' | 'min';

const perMs: Record<TimeUnit, number> = { µs: 1000, ms: 1, s: 1 / 1000, min: 1 / 60_000 };

/** The unit in which a typical value of a column has one to four integer digits. */
export function unitFor(valuesMs: readonly number[]): TimeUnit {
  const sizes = valuesMs
    .filter((value) => Number.isFinite(value) && value > 0)
    .sort((a, b) => a - b);
  const middle = sizes[Math.floor(sizes.length / 2)];
  if (middle === undefined) return 'ms';
  if (middle < 0.5) return 'µs';
  if (middle < 10_000) return 'ms';
  return middle < 600_000 ? 's' : 'min';
}

/**
 * A formatter for a column: one unit, as many decimals as its smallest value needs.
 *
 * @param valuesMs - everything the column shows; what is not finite is shown as –.
 */
export function durationColumn(valuesMs: readonly number[]): {
  unit: TimeUnit;
  format(valueMs: number): string;
} {
  const unit = unitFor(valuesMs);
  const sizes = valuesMs
    .filter((value) => Number.isFinite(value) && value !== 0)
    .map((value) => Math.abs(value * perMs[unit]));
  const smallest = Math.min(...sizes, Number.POSITIVE_INFINITY);
  let decimals = 0;
  if (smallest < 10) decimals = 2;
  else if (smallest < 100) decimals = 1;
  return {
    unit,
    format: (valueMs) => {
      if (!Number.isFinite(valueMs)) return missing;
      const value = valueMs * perMs[unit];
      return decimals === 0 ? formatCount(value) : value.toFixed(decimals);
    },
  };
}

/** One duration with its unit: `0.42 ms`, `184 ms`, `1.63 s`, `2 min 5 s`. */
export function formatDuration(valueMs: number): string {
  if (!Number.isFinite(valueMs)) return missing;
  const size = Math.abs(valueMs);
  if (size === 0) return '0 ms';
  if (size < 0.1) return `${(valueMs * 1000).toFixed(size < 0.01 ? 1 : 0)} µs`;
  if (size < 10) return `${valueMs.toFixed(2)} ms`;
  if (size < 99.95) return `${valueMs.toFixed(1)} ms`;
  if (size < 999.5) return `${valueMs.toFixed(0)} ms`;
  if (size < 9995) return `${(valueMs / 1000).toFixed(2)} s`;
  if (size < 59_950) return `${(valueMs / 1000).toFixed(1)} s`;
  return formatLong(valueMs);
}

/** A long duration in whole seconds: `5 s`, `1 min 30 s`, `2 h 5 min`. */
export function formatLong(valueMs: number): string {
  const seconds = Math.round(valueMs / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min${seconds % 60 === 0 ? '' : ` ${seconds % 60} s`}`;
  const hours = Math.floor(minutes / 60);
  return `${hours} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;
}
