import { describe, expect, test } from 'vitest';
import {
  contrast,
  differenceColors,
  heatColors,
  heatSteps,
  type HeatColor,
} from '../../../../../src/report/formats/html/charts/heat-map/heat-palette.ts';

const rgbOf = (hex: string): [number, number, number] =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255) as never;

/** OKLab lightness from the hex code: the way back, written apart from the palette. */
function lightness({ fill }: HeatColor): number {
  const [r, g, b] = rgbOf(fill).map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  ) as [number, number, number];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
}

describe.each(['light', 'dark'] as const)('%s', (theme) => {
  test('lightness goes one way in even steps', () => {
    const steps = heatColors(theme).map(lightness);
    expect(steps).toHaveLength(heatSteps);
    const each = (steps.at(-1)! - steps[0]!) / (heatSteps - 1);
    expect(Math.abs(each)).toBeGreaterThan(0.04);
    for (let step = 1; step < steps.length; step++) {
      expect(steps[step]! - steps[step - 1]!).toBeCloseTo(each, 1.8);
    }
  });

  test('both arms of a difference leave the middle alike', () => {
    const steps = differenceColors(theme).map(lightness);
    const middle = (steps.length - 1) / 2;
    for (let step = 1; step <= middle; step++) {
      expect(steps[middle - step]).toBeCloseTo(steps[middle + step]!, 2);
    }
  });

  test('numbers can be read on every colour', () => {
    for (const { fill, ink } of [...heatColors(theme), ...differenceColors(theme)]) {
      expect(contrast(rgbOf(fill), rgbOf(ink)), fill).toBeGreaterThan(4.5);
    }
  });
});
