/** From top level, `arms:` and `matrix:` to single arms, each knowing where its values came from. */
import { variantMark } from '../gate/arms.ts';
import { matrixCells, type Setting } from './matrix.ts';
import type { CellPlan } from './plan.ts';
import { isObject, related, type Path, type Problem } from '../settings/problem.ts';
import { armKeys } from './schema-arm.ts';
import type { ScenarioInput } from './schema.ts';
import { withValue } from './set.ts';

/** One arm before its checks. */
export interface DraftArm {
  name: string;
  /** Its place in the matrix; undefined without one. */
  cell: CellPlan | undefined;
  /** Defaults, the arm's values and those of the matrix, merged. */
  settings: Record<string, unknown>;
  /** Whether the arm or the matrix changes the mock. */
  setsMock: boolean;
  /** Places in the scenario that a setting may have come from, the most particular first. */
  origins(path: Path): Path[];
  /** Where the arm itself stands. */
  home: Path;
}

/**
 * @param fallbackName - of the only arm of a scenario without `arms:`.
 */
export function draftArms(
  scenario: ScenarioInput,
  fallbackName: string,
): { drafts: DraftArm[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const defaults = Object.fromEntries(
    armKeys.filter((key) => scenario[key] !== undefined).map((key) => [key, scenario[key]]),
  );
  const overrides: [string, Record<string, unknown>][] = Object.entries(
    scenario.arms ?? { [fallbackName]: {} },
  );
  if (overrides.length === 0) {
    problems.push({
      path: ['arms'],
      code: 'no-arms',
      message: 'arms is empty',
      hints: ['name at least one arm, or leave `arms` out for a plain run'],
    });
  }
  for (const [name] of overrides) checkName(name, problems);
  const drafts: DraftArm[] = [];
  for (const cell of matrixCells(scenario.matrix, Object.fromEntries(overrides), problems)) {
    for (const [name, own] of overrides) {
      drafts.push(draft(name, defaults, own, cell, scenario.arms !== undefined));
    }
  }
  return { drafts, problems };
}

function checkName(name: string, problems: Problem[]): void {
  const wrong =
    name.trim() !== name || name === ''
      ? 'is empty or has spaces around it'
      : name.includes(variantMark.trim()) || name.includes('/') || name.includes('"')
        ? 'must not hold @, / or double quotes'
        : undefined;
  if (wrong === undefined) return;
  problems.push({
    path: ['arms', name],
    at: 'key',
    code: 'bad-name',
    message: `the name of an arm ${wrong}: ${JSON.stringify(name)}`,
    hints: ['@ marks what `matrix` has set, / parts the names of streams'],
  });
}

function draft(
  name: string,
  defaults: Record<string, unknown>,
  own: Record<string, unknown>,
  cell: readonly Setting[],
  named: boolean,
): DraftArm {
  let settings = overlay(defaults, own, []);
  for (const { path, value } of cell) {
    settings = withValue(settings, path, value) as Record<string, unknown>;
  }
  const suffix = cell.map(({ label }) => label).join(', ');
  return {
    name: suffix === '' ? name : `${name}${variantMark}${suffix}`,
    cell:
      cell.length === 0
        ? undefined
        : {
            base: name,
            values: Object.fromEntries(cell.map(({ key, value }) => [key, String(value)])),
          },
    settings,
    setsMock: own['mock'] !== undefined || cell.some(({ path }) => path[0] === 'mock'),
    origins: (path) => [
      ...cell
        .filter((setting) => setting.path.length <= path.length && related(setting.path, path))
        .map(({ source }) => source),
      ...(named ? [['arms', name, ...path]] : []),
      path,
    ],
    home: named ? ['arms', name] : [],
  };
}

/** Objects are merged key by key, everything else is replaced; a load of another kind is replaced. */
function overlay(
  under: Record<string, unknown>,
  over: Record<string, unknown>,
  path: Path,
): Record<string, unknown> {
  const merged = { ...under };
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const below = merged[key];
    const otherKind =
      path.length === 0 &&
      key === 'load' &&
      isObject(value) &&
      isObject(below) &&
      value['kind'] !== undefined &&
      value['kind'] !== below['kind'];
    merged[key] =
      isObject(value) && isObject(below) && !otherKind
        ? overlay(below, value, [...path, key])
        : value;
  }
  return merged;
}
