/** Scales and ticks: pure arithmetic between data and drawing units. */

export interface Scale {
  (value: number): number;
  ticks: readonly number[];
}

/** 1, 2 or 5 × 10^k, the largest that gives at least `count` steps over a span. */
function niceStep(span: number, count: number): number {
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const ratio = rough / power;
  let step = 10;
  if (ratio <= 1) step = 1;
  else if (ratio <= 2) step = 2;
  else if (ratio <= 5) step = 5;
  return step * power;
}

/** From 0 to at least `largest`, ending on a tick. */
export function linearScale(largest: number, from: number, to: number, count = 5): Scale {
  const top = largest > 0 && Number.isFinite(largest) ? largest : 1;
  const step = niceStep(top, count);
  const end = Math.ceil(top / step - 1e-9) * step;
  const ticks: number[] = [];
  for (let index = 0; index * step <= end + step / 2; index++) {
    ticks.push(Number((index * step).toPrecision(12)));
  }
  const scale = (value: number): number => from + (value / end) * (to - from);
  return Object.assign(scale, { ticks });
}

/** From `low` to `high` exactly, ticks inside. */
export function spanScale(low: number, high: number, from: number, to: number, count = 6): Scale {
  const span = high > low ? high - low : 1;
  const step = niceStep(span, count);
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step - 1e-9) * step; tick <= high + step * 1e-9; tick += step) {
    ticks.push(Number(tick.toPrecision(12)));
  }
  const scale = (value: number): number => from + ((value - low) / span) * (to - from);
  return Object.assign(scale, { ticks });
}

/** Logarithmic between two positive values; ticks at 1, 2, 5 × 10^k, or fewer over many decades. */
export function logScale(low: number, high: number, from: number, to: number): Scale {
  const bottom = Math.log10(low);
  const top = Math.log10(high > low ? high : low * 10);
  const decades = top - bottom;
  let steps = [1, 2, 5];
  if (decades > 3.2) steps = [1];
  else if (decades > 2.2) steps = [1, 3];
  const ticks: number[] = [];
  for (let power = Math.floor(bottom); power <= Math.ceil(top); power++) {
    for (const step of steps) {
      const tick = Number((step * 10 ** power).toPrecision(12));
      if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) ticks.push(tick);
    }
  }
  const scale = (value: number): number =>
    from + ((Math.log10(Math.max(value, low)) - bottom) / (top - bottom)) * (to - from);
  return Object.assign(scale, { ticks });
}
