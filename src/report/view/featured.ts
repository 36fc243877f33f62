/**
 * Which arms of a large matrix are shown in charts and main tables. Forty-eight curves in one picture show
 * nothing: the heat maps hold every cell, the rest of a report the corners.
 */
import type { ArmResult } from '../../result/schema.ts';
import { gridOf } from './grid.ts';
import { markColors } from './marks.ts';
import type { ReportModel } from './report-model.ts';

/**
 * Indexes of the arms that charts and main tables show: all, but of a matrix with more than eight arms
 * only the first and the last cell of each arm that was multiplied (the last alone, where those are
 * more than eight too).
 */
export function featuredArms(arms: readonly Pick<ArmResult, 'cell'>[]): number[] {
  const all = arms.map((_, index) => index);
  const grid = gridOf(arms);
  if (!grid || arms.length <= markColors) return all;
  const corners = [
    grid.axes.map((axis) => axis.values[0]!),
    grid.axes.map((axis) => axis.values.at(-1)!),
  ];
  const shown = grid.bases.length * 2 <= markColors ? corners : corners.slice(1);
  return shown
    .flatMap((values) => grid.bases.map((base) => grid.armAt(base, values)))
    .filter((index) => index !== undefined)
    .sort((a, b) => a - b)
    .slice(0, markColors);
}

/** The model with the featured arms alone; itself where that is all of them. */
export function featuredModel(model: ReportModel): ReportModel {
  if (model.featured.length === model.arms.length) return model;
  const pick = <T>(list: readonly T[]): T[] => model.featured.map((index) => list[index]!);
  return {
    ...model,
    arms: pick(model.arms).map((arm, position) => ({
      ...arm,
      index: position,
      // First cells are circles, last ones squares, whatever lies between them.
      mark: { ...arm.mark, shape: isFirstOfBase(model, arm.name) ? 0 : 1 },
    })),
    metrics: model.metrics
      .map((row) => {
        const cells = pick(row.cells);
        return {
          ...row,
          cells,
          best: cells.some((cell) => cell?.arm === row.best?.arm) ? row.best : null,
        };
      })
      .filter((row) => row.cells.some((cell) => cell !== undefined)),
    scalars: model.scalars.map((row) => ({ ...row, values: pick(row.values) })),
    featured: model.featured.map((_, position) => position),
  };
}

function isFirstOfBase(model: ReportModel, name: string): boolean {
  const base = model.arms.find((arm) => arm.name === name)?.cell?.base;
  return model.arms.find((arm) => arm.cell?.base === base)?.name === name;
}

/** What the charts leave out, in a sentence; undefined where they show every arm. */
export function featuredNote(model: ReportModel): string | undefined {
  const left = model.arms.length - model.featured.length;
  if (left === 0) return undefined;
  return `Of the ${model.arms.length} arms of the matrix, the ${model.featured.length} at its corners are shown here; the heat maps and the machine-readable formats hold all of them.`;
}
