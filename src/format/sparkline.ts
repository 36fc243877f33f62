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
