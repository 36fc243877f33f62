/** How arms are told apart in tables and charts: a colour and a shape each. */
import type { ArmResult } from '../../result/schema.ts';
import { gridOf } from './grid.ts';

/** How an arm is told apart: a colour and a shape, both by number. */
export interface Mark {
  color: number;
  shape: number;
}

/** Colours there are; more arms than these are told apart by their shape as well. */
export const markColors = 8;
export const markShapes = 4;

/**
 * One for each arm. Up to eight arms have a colour each; more than that share colours: those of a
 * matrix by the arm they come from, with a shape for the cell.
 */
export function marksOf(arms: readonly Pick<ArmResult, 'cell'>[]): Mark[] {
  const grid = arms.length > markColors ? gridOf(arms) : undefined;
  const seen = new Map<string, number>();
  return arms.map((arm, index) => {
    if (!grid) {
      const round = Math.floor(index / markColors);
      return { color: index % markColors, shape: (index + round) % markShapes };
    }
    const { base } = arm.cell!;
    const nth = seen.get(base) ?? 0;
    seen.set(base, nth + 1);
    return { color: grid.bases.indexOf(base) % markColors, shape: nth % markShapes };
  });
}
