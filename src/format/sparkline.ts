/** Small charts made of block characters. */

const levels = '▁▂▃▄▅▆▇█';

/** One character per value, scaled from 0 to the largest; a gap where there is none. */
export function sparkline(values: readonly (number | null)[]): string {
  const largest = Math.max(0, ...values.map((value) => value ?? 0));
  return values
    .map((value) => {
      if (value === null || !Number.isFinite(value)) return ' ';
      if (largest === 0) return levels[0];
      return levels[Math.min(levels.length - 1, Math.floor((value / largest) * levels.length))];
    })
    .join('');
}

/** Averages neighbouring values so that at most `width` remain. */
export function thin(values: readonly (number | null)[], width: number): (number | null)[] {
  if (values.length <= width) return [...values];
  return Array.from({ length: width }, (_, index) => {
    const from = Math.floor((index * values.length) / width);
    const to = Math.floor(((index + 1) * values.length) / width);
    const some = values.slice(from, to).filter((value): value is number => value !== null);
    return some.length === 0 ? null : some.reduce((sum, value) => sum + value, 0) / some.length;
  });
}
