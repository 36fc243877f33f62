/** Numbers for people: grouped counts, shares, rates, significant digits. Always a point, never locale. */

/** Shown where there is no number. */
export const missing = '–';

/** `12345` → `12,345`. */
export function formatCount(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Decimals that show about three significant digits of a value. */
export function decimalsFor(value: number): number {
  const size = Math.abs(value);
  if (size >= 100 || size === 0) return 0;
  return size >= 10 ? 1 : 2;
}

/** Three significant digits or all integer digits, whichever is more. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return missing;
  const decimals = decimalsFor(value);
  return decimals === 0 ? formatCount(value) : value.toFixed(decimals);
}

/** A fraction as a percentage: 0.0117 → `1.17 %`; what is not quite 0 or 1 never reads as 0 or 100. */
export function formatShare(fraction: number): string {
  if (!Number.isFinite(fraction)) return missing;
  if (fraction === 0) return '0 %';
  if (fraction === 1) return '100 %';
  const percent = fraction * 100;
  if (Math.abs(percent) < 0.01) return percent > 0 ? '<0.01 %' : '>-0.01 %';
  if (percent > 99.9 && percent < 100) return '>99.9 %';
  const size = Math.abs(percent);
  const decimals = size >= 10 ? 1 : 2;
  return `${Number(percent.toFixed(decimals))} %`;
}

/** A relative change with its sign: 0.052 → `+5.2 %`. */
export function formatChange(fraction: number): string {
  if (!Number.isFinite(fraction)) return missing;
  const percent = fraction * 100;
  const text = Math.abs(percent) >= 100 ? percent.toFixed(0) : percent.toFixed(1);
  return `${Number(text) > 0 ? '+' : ''}${Number(text) === 0 ? '0.0' : text} %`;
}

/** Per second: `1,234/s`, `12.5/s`, `0.20/s`. */
export function formatRate(perSecond: number): string {
  return Number.isFinite(perSecond) ? `${formatNumber(perSecond)}/s` : missing;
}

/** Bytes in decimal units. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : formatNumber(value)} ${units[unit]}`;
}

/** A percentile's name: 50 → `p50`, 99.9 → `p99.9`. */
export function percentileName(percent: number): string {
  return `p${percent}`;
}
