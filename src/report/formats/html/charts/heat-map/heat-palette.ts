/**
 * Colours of heat maps, computed in OKLab so that equal steps of value look like equal steps of colour:
 * lightness changes evenly and always in one direction, which also keeps the order for readers who do
 * not tell the hues apart, and in print. On light pages worse is darker, on dark ones brighter.
 */

export interface HeatColor {
  fill: string;
  /** Of the number on it. */
  ink: string;
}

/** Steps from best to worst. */
export const heatSteps = 12;
/** Steps of a difference, from the most below to the most above; the middle one is not a difference. */
export const differenceSteps = 11;

interface Ramp {
  /** OKLab lightness, first and last step. */
  lightness: readonly [number, number];
  /** Degrees. */
  hue: readonly [number, number];
  chroma: readonly [number, number];
}

const ramps: Record<'light' | 'dark', { value: Ramp; below: Ramp; above: Ramp }> = {
  light: {
    value: { lightness: [0.975, 0.42], hue: [105, -15], chroma: [0.03, 0.15] },
    below: { lightness: [0.965, 0.6], hue: [250, 250], chroma: [0.006, 0.14] },
    above: { lightness: [0.965, 0.6], hue: [48, 48], chroma: [0.006, 0.15] },
  },
  dark: {
    value: { lightness: [0.27, 0.88], hue: [285, 460], chroma: [0.04, 0.15] },
    below: { lightness: [0.27, 0.68], hue: [250, 250], chroma: [0.008, 0.14] },
    above: { lightness: [0.27, 0.68], hue: [48, 48], chroma: [0.008, 0.14] },
  },
};

/**
 * The step of a value; where higher is better, the lowest value has the colour of the worst.
 *
 * @param place - on the scale, 0 to 1.
 */
export function stepOf(better: 'lower' | 'higher' | 'none', place: number): number {
  const worse = better === 'higher' ? 1 - place : place;
  return Math.min(heatSteps - 1, Math.floor(worse * heatSteps));
}

/** From best to worst. */
export function heatColors(theme: 'light' | 'dark'): HeatColor[] {
  return Array.from({ length: heatSteps }, (_, step) =>
    colorAt(ramps[theme].value, step / (heatSteps - 1)),
  );
}

/** From the most below to the most above. */
export function differenceColors(theme: 'light' | 'dark'): HeatColor[] {
  const middle = (differenceSteps - 1) / 2;
  return Array.from({ length: differenceSteps }, (_, step) =>
    colorAt(
      step < middle ? ramps[theme].below : ramps[theme].above,
      Math.abs(step - middle) / middle,
    ),
  );
}

function colorAt(ramp: Ramp, share: number): HeatColor {
  const mix = ([from, to]: readonly [number, number]): number => from + (to - from) * share;
  const rgb = inGamut(mix(ramp.lightness), mix(ramp.chroma), mix(ramp.hue));
  const ink = contrast(rgb, darkInk) >= contrast(rgb, lightInk) ? darkInk : lightInk;
  return { fill: hex(rgb), ink: hex(ink) };
}

type Rgb = readonly [number, number, number];

const darkInk: Rgb = [0.02, 0.03, 0.04];
const lightInk: Rgb = [1, 1, 1];

/** sRGB, 0 to 1; chroma is lowered until the colour exists on a screen, lightness and hue stay. */
function inGamut(lightness: number, chroma: number, hue: number): Rgb {
  for (let c = chroma; c > 0; c -= 0.002) {
    const rgb = fromOklch(lightness, c, hue);
    if (rgb.every((part) => part >= 0 && part <= 1)) return rgb;
  }
  return fromOklch(lightness, 0, hue).map((part) => Math.min(1, Math.max(0, part))) as never;
}

/** Björn Ottosson's OKLab, to gamma-coded sRGB. */
function fromOklch(lightness: number, chroma: number, hue: number): Rgb {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    encoded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encoded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encoded(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function encoded(linear: number): number {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
}

/** WCAG's contrast ratio of two colours, 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance([red, green, blue]: Rgb): number {
  const linear = (part: number): number =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function hex(rgb: Rgb): string {
  const part = (value: number): string =>
    Math.round(value * 255)
      .toString(16)
      .padStart(2, '0');
  return `#${rgb.map(part).join('')}`;
}

/** Custom properties of a theme: `--h0` to `--h11` with `--hi0`…, `--d0` to `--d10` with `--di0`…. */
export function heatVariables(theme: 'light' | 'dark'): string {
  const of = (name: string, colors: readonly HeatColor[]): string[] =>
    colors.map(({ fill, ink }, step) => `--${name}${step}:${fill};--${name}i${step}:${ink};`);
  return [...of('h', heatColors(theme)), ...of('d', differenceColors(theme))].join('\n');
}

/** Classes that choose a step: `.h3`, `.d7`. */
export const heatClasses =
  Array.from(
    { length: heatSteps },
    (_, step) => `.h${step}{--f:var(--h${step});--i:var(--hi${step})}`,
  ).join('\n') +
  '\n' +
  Array.from(
    { length: differenceSteps },
    (_, step) => `.d${step}{--f:var(--d${step});--i:var(--di${step})}`,
  ).join('\n');
