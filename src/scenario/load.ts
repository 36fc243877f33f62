/**
 * From a scenario file, or an object of the same shape, to the plan that the engine runs.
 *
 * The order: text → `--set` → secrets → `${…}` → schema → arms × matrix → checks across values. Every
 * stage continues where the one before found mistakes, so that all of them are shown at once; what only
 * follows from an earlier mistake is not said again.
 */
import * as path from 'node:path';
import {
  codeOf,
  messageOf,
  StreamgaugeError,
  StreamgaugeErrors,
  type SourcePlace,
} from '../errors.ts';
import type { World } from '../world.ts';
import { draftArms, type DraftArm } from './arms.ts';
import { buildArm, resolvedMock } from './build-arm.ts';
import { buildGates, checkHeatMaps } from './build-gates.ts';
import { buildTexts } from './build-session.ts';
import { substitute } from './environment.ts';
import { scenarioFiles } from './files.ts';
import { unitedLandmarks, type LandmarkDefinition } from '../metric/landmark.ts';
import { problemsOf } from '../settings/schema-problems.ts';
import type { ArmPlan, Plan } from './plan.ts';
import {
  isObject,
  pathText,
  related,
  valueAt,
  type Path,
  type Problem,
} from '../settings/problem.ts';
import { scenarioSchema, type ScenarioInput } from './schema.ts';
import { scenarioWords } from './scenario-words.ts';
import { literalSecrets, redact } from './secrets.ts';
import { asWritten, withFullFaults } from './short-faults.ts';
import { parseOverride, placeInOverride, withValue, type Override } from './set.ts';
import { readSource, type Source } from './source.ts';
import { defaultDialect, dialectNamed, dialects } from '../dialect/registry.ts';

export interface LoadOptions {
  /** `path=value` overrides, applied in order before anything is checked. */
  set?: readonly string[];
  /** Where `${NAME}` comes from. Default: the world's environment. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Accept an `api_key` whose variable is not set, for checking a scenario without its secrets. */
  allowMissingKeys?: boolean;
}

/**
 * Reads, checks and expands a scenario file.
 *
 * @param file - YAML or JSON, relative to the world's directory.
 * @throws StreamgaugeErrors with every mistake and its place; exit `scenarioInvalid`, or `usage` for
 *   a bad `--set`.
 */
export function loadScenario(file: string, world: World, options: LoadOptions = {}): Plan {
  const full = path.resolve(world.cwd, file);
  const overrides = (options.set ?? []).map(parseOverride);
  let text: string;
  try {
    text = world.files.readText(full);
  } catch (error) {
    throw new StreamgaugeError(
      `cannot read the scenario ${file}: ${codeOf(error) === 'ENOENT' ? 'no such file' : messageOf(error)}`,
      {
        code: 'scenario-unreadable',
        exit: 'scenarioInvalid',
        hints: [`looked at ${full}`, '`streamgauge init` writes one to begin with'],
        cause: error,
      },
    );
  }
  const { source, errors } = readSource(text, file);
  throwAll(errors);
  return build(source.raw, world, { ...options, source, file: full, overrides });
}

/**
 * The same for an object. It may contain an `api_key`, since code gets its secrets from where it
 * likes; it is redacted in the plan's `source`. Relative paths begin at the world's directory.
 *
 * @throws StreamgaugeErrors with every mistake; exit `scenarioInvalid`.
 */
export function planFromObject(
  object: ScenarioInput,
  world: World,
  options: Pick<LoadOptions, 'env'> = {},
): Plan {
  return build(structuredClone(object), world, {
    ...options,
    source: undefined,
    file: '',
    overrides: [],
  });
}

interface BuildOptions extends LoadOptions {
  source: Source | undefined;
  file: string;
  overrides: readonly Override[];
}

function build(original: unknown, world: World, options: BuildOptions): Plan {
  const { source, overrides } = options;
  const found = new Mistakes(source, overrides);
  let raw = original;
  for (const { path, value } of overrides) raw = withValue(raw, path, value);
  if (source) found.addAll(literalSecrets(raw));

  const env = options.env ?? world.env;
  const isQuoted = (at: Path): boolean =>
    source !== undefined &&
    source.has(at) &&
    !source.isPlain(at) &&
    !overrides.some(({ path }) => related(path, at));
  const filled = substitute(raw, env, (at) => at.at(-1) === 'api_key' || isQuoted(at));
  found.addAll(
    filled.problems.filter(
      ({ path, code }) =>
        !(options.allowMissingKeys && code === 'environment-unset' && path.at(-1) === 'api_key'),
    ),
  );

  found.mute(filled.problems.map(({ path }) => path));
  const { scenario, pruned } = checked(withFullFaults(filled.value), found);
  found.mute(pruned);
  const directory = options.file === '' ? world.cwd : path.dirname(options.file);
  const files = scenarioFiles(world.files, directory);
  const only = dialectNamed(scenario.dialect ?? defaultDialect);
  const { drafts, problems } = draftArms(scenario, scenario.transport ?? only.transports[0]!);
  found.addAll(problems);
  const texts = buildTexts(scenario, files, (problem) => found.add(problem));
  const report = (draft: DraftArm, problem: Problem, follows: readonly Path[] = []): void =>
    found.addFromArm(draft, problem, follows);
  const arms = drafts.map((draft) => buildArm(draft, { scenario, texts, files, report }));
  const gated = drafts.map(({ name, settings }) => ({ name, landmarks: landmarksOf(settings) }));
  const gates = buildGates(scenario.gates ?? [], gated, (problem, follows) =>
    found.add(problem, follows),
  );
  checkHeatMaps(
    scenario.heatmap,
    scenario.matrix !== undefined,
    unitedLandmarks(gated.map(({ landmarks }) => landmarks)).landmarks,
    (problem, follows) => found.add(problem, follows),
  );
  throwAll(found.errors());
  return {
    name: scenario.name ?? nameOf(options.file),
    description: scenario.description,
    file: options.file,
    source: redact(raw),
    seed: String(scenario.seed ?? 1),
    arms: arms as ArmPlan[],
    trials: scenario.trials ?? 1,
    gates,
    heatmap: scenario.heatmap,
    mock: resolvedMock(scenario.mock, files),
  };
}

/** What the dialect of an arm can report; nothing where there is no such dialect, which is said elsewhere. */
function landmarksOf(settings: DraftArm['settings']): readonly LandmarkDefinition[] {
  const name = settings['dialect'] ?? defaultDialect;
  return dialects.find((dialect) => dialect.name === name)?.landmarks ?? [];
}

function nameOf(file: string): string {
  return file === '' ? 'scenario' : path.basename(file).replace(/\.(ya?ml|json)$/i, '');
}

/** The scenario with everything that does not fit taken out, so that the rest can be checked. */
function checked(value: unknown, found: Mistakes): { scenario: ScenarioInput; pruned: Path[] } {
  const pruned: Path[] = [];
  const first = problemsOf(scenarioSchema, value, scenarioWords);
  found.addAll(first);
  let rest = value;
  // Taking one thing out can make its parent incomplete; each round goes at least one level up.
  for (let problems = first; problems.length > 0;) {
    const before = rest;
    for (const problem of problems) {
      const at = withoutIndex(problem.path);
      const gone = valueAt(before, at) !== undefined && valueAt(rest, at) === undefined;
      if (gone) continue;
      const there = valueAt(rest, at) === undefined ? at.slice(0, -1) : at;
      if (there.length === 0) return { scenario: {}, pruned: [[]] };
      pruned.push(there);
      rest = without(rest, there);
    }
    problems = problemsOf(scenarioSchema, rest, scenarioWords);
  }
  return { scenario: rest as ScenarioInput, pruned };
}

/** Up to the first list: taking out one element would move the places of the others. */
function withoutIndex(at: Path): Path {
  const index = at.findIndex((part) => typeof part === 'number');
  return index < 0 ? at : at.slice(0, index);
}

function without(value: unknown, [part, ...rest]: Path): unknown {
  if (!isObject(value) || part === undefined || !(part in value)) return value;
  const { [part]: inner, ...others } = value;
  return rest.length === 0 ? others : { ...others, [part]: without(inner, rest) };
}

/** Collects mistakes, gives each its place, and keeps back what follows from another. */
class Mistakes {
  private readonly list: StreamgaugeError[] = [];
  private readonly seen = new Set<string>();
  private readonly source: Source | undefined;
  private readonly overrides: readonly Override[];
  private muted: readonly Path[] = [];

  constructor(source: Source | undefined, overrides: readonly Override[]) {
    this.source = source;
    this.overrides = overrides;
  }

  /** From now on, nothing about these paths or their surroundings. */
  mute(paths: readonly Path[]): void {
    this.muted = [...this.muted, ...paths];
  }

  addAll(problems: readonly Problem[]): void {
    for (const problem of problems) this.add(problem);
  }

  add(problem: Problem, follows: readonly Path[] = []): void {
    const causes = [problem.path, ...follows];
    // A mistake about a key stands, whatever is wrong below it.
    const consequence = (path: Path, cause: Path): boolean =>
      related(path, cause) && (problem.at !== 'key' || path.length <= cause.length);
    if (this.muted.some((path) => causes.some((cause) => consequence(path, cause)))) return;
    const override = this.overrides.findLast(
      ({ path }) => path.length <= problem.path.length && related(path, problem.path),
    );
    const place =
      override === undefined ? this.placeOf(problem) : placeInOverride(override, problem.at);
    // Defaults are checked with every arm; a mistake in them is said once.
    const key = `${problem.message}\n${place ? `${place.file}:${place.line}:${place.column}` : pathText(problem.path)}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    const { message, code, hints } = problem;
    this.list.push(
      new StreamgaugeError(message, {
        code,
        exit: 'scenarioInvalid',
        ...(hints && { hints }),
        ...(place && { place }),
      }),
    );
  }

  addFromArm(draft: DraftArm, problem: Problem, follows: readonly Path[]): void {
    // What is missing has no place; then the nearest thing around it that has one.
    let at: Path | undefined;
    for (let length = problem.path.length; length > 0 && !at; length--) {
      const around = problem.path.slice(0, length);
      at = draft.origins(around).find((origin) => this.exists(origin));
    }
    // A key that the matrix sets is written once, for all of its values.
    if (problem.at === 'key' && at?.[0] === 'matrix') at = at.slice(0, 2);
    this.add(
      { ...problem, path: at ?? draft.home },
      [problem.path, ...follows].flatMap((path) => draft.origins(path)),
    );
  }

  errors(): StreamgaugeError[] {
    return this.list;
  }

  private placeOf(problem: Problem): SourcePlace | undefined {
    if (!this.source) return undefined;
    const path = asWritten(problem.path, this.source.raw);
    // The kind of a fault in short form is a key.
    const isKind = path !== problem.path && problem.path.at(-1) === 'kind';
    return this.source.place({ ...problem, path, ...(isKind && { at: 'key' }) });
  }

  private exists(path: Path): boolean {
    const set = this.overrides.some(
      (override) => override.path.length <= path.length && related(override.path, path),
    );
    const { source } = this;
    return set || (source !== undefined && source.has(asWritten(path, source.raw)));
  }
}

function throwAll(errors: readonly StreamgaugeError[]): void {
  const [first, ...rest] = errors;
  if (first === undefined) return;
  throw rest.length === 0 ? first : new StreamgaugeErrors([first, ...rest]);
}
