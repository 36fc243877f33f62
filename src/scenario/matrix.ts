/** `matrix:` to its cells: every combination of the values, each knowing where it stands. */
import {
  isObject,
  pathText,
  related,
  valueAt,
  type Path,
  type Problem,
} from '../settings/problem.ts';
import { armKeys } from './schema-arm.ts';
import { parsePath } from './set.ts';

/** Arms of one run. More are a mistake rather than a plan: each takes at least its load's duration. */
export const mostArms = 200;

export interface Setting {
  /** As written in the scenario: `network.rtt`. */
  key: string;
  path: Path;
  value: string | number | boolean;
  /** Where it stands: `matrix`, the key, the index. */
  source: Path;
  /** `rtt=40ms`. */
  label: string;
}

type Matrix = Readonly<Record<string, readonly (string | number | boolean)[]>>;

/**
 * The combinations, the last path's values changing fastest; one empty combination without a matrix.
 *
 * @param arms - what each arm sets itself, by name.
 */
export function matrixCells(
  matrix: Matrix | undefined,
  arms: Readonly<Record<string, unknown>>,
  problems: Problem[],
): Setting[][] {
  if (!matrix) return [[]];
  const axes = axesOf(matrix, arms, problems);
  const count = axes.reduce((product, axis) => product * axis.length, 1);
  const armCount = Object.keys(arms).length;
  if (count * armCount > mostArms) {
    const sizes = axes.map((axis) => `${axis.length} of ${axis[0]!.key}`).join(' × ');
    problems.push({
      path: ['matrix'],
      at: 'key',
      code: 'too-many-arms',
      message: `${armCount} ${armCount === 1 ? 'arm' : 'arms'} × ${sizes} make ${count * armCount} arms; a run has at most ${mostArms}`,
      hints: ['they run one after the other: take fewer values, or make several scenarios'],
    });
    return [[]];
  }
  let cells: Setting[][] = [[]];
  for (const axis of axes) cells = cells.flatMap((cell) => axis.map((value) => [...cell, value]));
  return cells;
}

function axesOf(
  matrix: Matrix,
  arms: Readonly<Record<string, unknown>>,
  problems: Problem[],
): Setting[][] {
  const axes: Setting[][] = [];
  const known: { key: string; path: Path }[] = [];
  for (const [key, values] of Object.entries(matrix)) {
    const at: Path = ['matrix', key];
    const path = parsePath(key);
    const head = path?.[0];
    if (!path || typeof head !== 'string' || !(armKeys as string[]).includes(head)) {
      problems.push({
        path: at,
        at: 'key',
        code: 'bad-path',
        message: `"${key}" is not a setting of an arm`,
        hints: [`a path begins with one of ${armKeys.join(', ')}; for example network.rtt`],
      });
      continue;
    }
    const over = known.find((other) => related(other.path, path));
    if (over) {
      problems.push({
        path: at,
        at: 'key',
        code: 'overlapping-paths',
        message: `"${key}" and "${over.key}" set the same thing`,
        hints: ['keep one of the two'],
      });
      continue;
    }
    known.push({ key, path });
    for (const [name, own] of Object.entries(arms)) {
      if (valueAt(own, path) === undefined || isObject(valueAt(own, path))) continue;
      problems.push({
        path: ['arms', name, ...path],
        at: 'key',
        code: 'matrix-overwrites',
        message: `arm ${name} sets ${pathText(path)} itself, and matrix would overwrite it`,
        hints: ['remove one of the two'],
      });
    }
    axes.push(axisOf(key, path, values, shortName(key, matrix), problems));
  }
  return axes.filter((axis) => axis.length > 0);
}

function axisOf(
  key: string,
  path: Path,
  values: Matrix[string],
  name: string,
  problems: Problem[],
): Setting[] {
  const axis: Setting[] = [];
  for (const [index, value] of values.entries()) {
    const source = ['matrix', key, index];
    if (axis.some((other) => String(other.value) === String(value))) {
      problems.push({
        path: source,
        code: 'value-twice',
        message: `${String(value)} stands twice in matrix.${key}`,
        hints: ['remove one of the two'],
      });
      continue;
    }
    axis.push({ key, path, value, source, label: `${name}=${String(value)}` });
  }
  return axis;
}

/** The last part of a path, or the whole where another path ends in the same. */
function shortName(key: string, matrix: Matrix): string {
  const last = (path: string): string => String(parsePath(path)?.at(-1) ?? path);
  const alone = Object.keys(matrix).filter((other) => last(other) === last(key)).length === 1;
  return alone ? last(key) : key;
}
