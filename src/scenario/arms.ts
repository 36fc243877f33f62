/** From top level, `arms:` and `vary:` to single arms, each knowing where its values came from. */
import { variantMark } from '../gate/arms.ts';
import { isObject, related, type Path, type Problem } from './problem.ts';
import { armKeys } from './schema-arm.ts';
import type { ScenarioInput } from './schema.ts';
import { parsePath, withValue } from './set.ts';

/** One arm before its checks. */
export interface DraftArm {
  name: string;
  /** Defaults, the arm's own values and those of `vary`, merged. */
  settings: Record<string, unknown>;
  /** Whether the arm or `vary` changes the mock. */
  ownMock: boolean;
  /** Places in the scenario that a setting may have come from, the most particular first. */
  origins(path: Path): Path[];
  /** Where the arm itself stands. */
  home: Path;
}

interface Setting {
  path: Path;
  value: string | number | boolean;
  /** Where it stands: `vary`, the key, the index. */
  source: Path;
  /** `rtt=40ms`. */
  label: string;
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
  for (const variant of variantsOf(scenario.vary, problems)) {
    for (const [name, own] of overrides) {
      drafts.push(draft(name, defaults, own, variant, scenario.arms !== undefined));
    }
  }
  const seen = new Set<string>();
  for (const { name } of drafts) {
    if (seen.has(name)) {
      problems.push({
        path: ['vary'],
        code: 'equal-arms',
        message: `two arms are named "${name}"`,
        hints: ['a value stands twice in `vary`, or two values read the same'],
      });
    }
    seen.add(name);
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
    hints: ['@ marks what `vary` has set, / parts the names of streams'],
  });
}

function draft(
  name: string,
  defaults: Record<string, unknown>,
  own: Record<string, unknown>,
  variant: readonly Setting[],
  named: boolean,
): DraftArm {
  let settings = overlay(defaults, own, []);
  for (const { path, value } of variant) {
    settings = withValue(settings, path, value) as Record<string, unknown>;
  }
  const suffix = variant.map(({ label }) => label).join(', ');
  return {
    name: suffix === '' ? name : `${name}${variantMark}${suffix}`,
    settings,
    ownMock: own['mock'] !== undefined || variant.some(({ path }) => path[0] === 'mock'),
    origins: (path) => [
      ...variant
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

/** Every combination of the varied values; one empty combination where nothing is varied. */
function variantsOf(vary: ScenarioInput['vary'], problems: Problem[]): Setting[][] {
  let variants: Setting[][] = [[]];
  const paths = Object.keys(vary ?? {});
  for (const [text, values] of Object.entries(vary ?? {})) {
    const path = parsePath(text);
    const key = path?.[0];
    if (!path || typeof key !== 'string' || !(armKeys as string[]).includes(key)) {
      problems.push({
        path: ['vary', text],
        at: 'key',
        code: 'bad-path',
        message: `"${text}" is not a setting of an arm`,
        hints: [`a path begins with one of ${armKeys.join(', ')}; for example network.rtt`],
      });
      continue;
    }
    const last = String(path.at(-1));
    const alone = paths.filter((other) => other.split('.').at(-1) === last).length === 1;
    variants = variants.flatMap((variant) =>
      values.map((value, index) => [
        ...variant,
        {
          path,
          value,
          source: ['vary', text, index],
          label: `${alone ? last : text}=${String(value)}`,
        },
      ]),
    );
  }
  return variants;
}
