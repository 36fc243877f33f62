/** Horizontal bars of block characters, to an eighth of a cell. */

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of `fraction` × `width` cells, not padded; anything above 0 shows at least a sliver. */
export function bar(fraction: number, width: number): string {
  if (!(fraction > 0) || width <= 0) return '';
  const total = Math.max(1, Math.round(Math.min(1, fraction) * width * 8));
  return '█'.repeat(Math.floor(total / 8)) + eighths[total % 8];
}

/** A progress bar of exactly `width` cells. */
export function progressBar(fraction: number, width: number): string {
  const full = Math.round(Math.max(0, Math.min(1, fraction)) * width);
  return '█'.repeat(full) + '░'.repeat(Math.max(0, width - full));
}
