/** Horizontal bars of block characters. */

/** A progress bar of exactly `width` cells. */
export function progressBar(fraction: number, width: number): string {
  const full = Math.round(Math.max(0, Math.min(1, fraction)) * width);
  return '█'.repeat(full) + '░'.repeat(Math.max(0, width - full));
}
