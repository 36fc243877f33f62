/** The scenario's matrix as a report sees it: axes, the arms that were multiplied, where each stands. */
import type { ArmResult } from '../../result/schema.ts';

export interface Axis {
  /** As in the scenario: `network.rtt`. */
  path: string;
  /** The last part, or the whole where another axis ends in the same: `rtt`. */
  name: string;
  /** In the order of the scenario. */
  values: readonly string[];
}

export interface Grid {
  axes: readonly Axis[];
  /** Names of the arms without the matrix' values, in their order. */
  bases: readonly string[];
  /** Index among the arms of the result, undefined where that cell has not run. */
  armAt(base: string, values: readonly string[]): number | undefined;
}

/** Undefined where the arms come from no matrix. */
export function gridOf(arms: readonly Pick<ArmResult, 'cell'>[]): Grid | undefined {
  const first = arms[0]?.cell;
  if (!first || arms.some((arm) => arm.cell === undefined)) return undefined;
  const paths = Object.keys(first.values);
  if (paths.length === 0) return undefined;
  const cells = arms.map((arm) => arm.cell!);
  const last = (path: string): string => path.slice(path.lastIndexOf('.') + 1);
  const axes = paths.map((path) => ({
    path,
    name: paths.filter((other) => last(other) === last(path)).length === 1 ? last(path) : path,
    values: [...new Set(cells.map((cell) => cell.values[path] ?? ''))],
  }));
  const keyOf = (base: string, values: readonly string[]): string =>
    JSON.stringify([base, ...values]);
  const places = new Map(
    cells.map((cell, index) => [
      keyOf(
        cell.base,
        paths.map((path) => cell.values[path] ?? ''),
      ),
      index,
    ]),
  );
  return {
    axes,
    bases: [...new Set(cells.map((cell) => cell.base))],
    armAt: (base, values) => places.get(keyOf(base, values)),
  };
}
