/**
 * Which arms of a large matrix stand in charts and main tables, and how arms are marked. Forty-eight
 * curves in one picture show nothing: the heat maps hold every cell, the rest of a report the corners.
 */
import type { ArmResult } from '../../result/schema.ts';
import { gridOf } from './grid.ts';
import type { GateView, ReportModel } from './model.ts';

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

/** Names of arms in a message: every one, or the first few of many. */
export function armNames(names: readonly string[], total: number): string {
  if (names.length === total && total > 3) return `all ${total} arms`;
  if (names.length <= 6) return names.join(', ');
  return `${names.slice(0, 3).join(', ')} and ${names.length - 3} more arms`;
}

/** Gates with more results than this are summed up, except for those that fail. */
const mostResults = 8;

/**
 * Results for people: of a gate that was held against many arms those that fail, and of the others the
 * one with the least room.
 */
export function gatesShown(gates: readonly GateView[]): GateView[] {
  const texts = [...new Set(gates.map((gate) => gate.text))];
  return texts.flatMap((text) => {
    const results = gates.filter((gate) => gate.text === text);
    if (results.length <= mostResults) return results;
    const summed = (['pass', 'inconclusive', 'no_data'] as const).flatMap((verdict) => {
      const alike = results.filter((gate) => gate.verdict === verdict);
      const [closest] = [...alike].sort((a, b) => (a.margin ?? 1) - (b.margin ?? 1));
      if (!closest) return [];
      return [
        alike.length === 1
          ? closest
          : { ...closest, arm: `${closest.arm ?? ''}, closest of ${alike.length} arms` },
      ];
    });
    return [...summed, ...results.filter((gate) => gate.verdict === 'fail')];
  });
}
