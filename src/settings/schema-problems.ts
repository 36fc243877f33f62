/**
 * What a zod schema finds wrong, in words: the one translator for scenarios, faults, proxies, the mock's
 * options. It knows no setting by name; what only its caller knows comes in by {@link ProblemWords}.
 */
import type { z } from 'zod';
import { didYouMean, suggest } from './did-you-mean.ts';
import { isObject, pathText, shown, valueAt, type Path, type Problem } from './problem.ts';
import { allowedKeys } from './schema-walk.ts';

type Issue = z.core.$ZodIssue;

/** An unknown key, for a word about it that only the caller has. */
export interface UnknownKey {
  key: string;
  /** Of the object that it is in. */
  path: Path;
  /** That object. */
  value: unknown;
  /** Keys that may stand there. */
  allowed: readonly string[];
}

/** What messages are made of. */
export interface ProblemWords {
  /** What the whole value is called: `a scenario`, `faults`. */
  whole: string;
  /** What every place in it begins with: `faults` makes `faults[0].delay`. Default: nothing. */
  prefix?: string;
  /** A better word about an unknown key; undefined where there is none. */
  unknownKey?(unknown: UnknownKey): Omit<Problem, 'path' | 'at'> | undefined;
}

/** Checks a value and says everything that is wrong with it; nothing twice that follows from one mistake. */
export function problemsOf(schema: z.ZodType, root: unknown, words: ProblemWords): Problem[] {
  const checked = schema.safeParse(root);
  if (checked.success) return [];
  const translator = new Translator(schema, root, words);
  for (const issue of checked.error.issues) translator.explain(issue, []);
  return translator.problems();
}

interface Described extends Problem {
  /** Keys said to be missing or meant, for dropping what only follows from a typing error. */
  missing?: string;
  meant?: string;
  /** A rule across the keys of an object, which a mistyped key may have broken. */
  across?: boolean;
}

/** Longer lists of keys and values are shown only where no suggestion follows them. */
const shortList = 12;

const typeNames: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object (keys and values)',
  record: 'an object (names and values)',
};

class Translator {
  private readonly schema: z.ZodType;
  private readonly root: unknown;
  private readonly words: ProblemWords;
  private readonly found: Described[] = [];

  constructor(schema: z.ZodType, root: unknown, words: ProblemWords) {
    this.schema = schema;
    this.root = root;
    this.words = words;
  }

  problems(): Problem[] {
    return this.found
      .filter((problem) => !this.follows(problem))
      .map(({ missing: _missing, meant: _meant, across: _across, ...problem }) => problem);
  }

  /** @param prefix - where the value lies that the issue's path begins at. */
  explain(issue: Issue, prefix: Path): void {
    const path: Path = [...prefix, ...(issue.path as (string | number)[])];
    const value = valueAt(this.root, path);
    switch (issue.code) {
      case 'unrecognized_keys':
        for (const key of issue.keys) this.found.push(this.unknownKey(key, path));
        return;
      case 'invalid_union': {
        const branch = bestBranch(issue.errors, value);
        const values = issue.errors.flatMap(valuesIn);
        if (branch && valuesIn(branch).length > 0) this.found.push(this.oneOf(path, value, values));
        else if (branch) for (const inner of branch) this.explain(inner, path);
        else if ('options' in issue && Array.isArray(issue.options)) {
          this.found.push(this.oneOf(path, value, issue.options));
        } else this.found.push(this.wrongType(path, value, expectedOf(issue)));
        return;
      }
      case 'invalid_value':
        this.found.push(this.oneOf(path, value, issue.values));
        return;
      case 'invalid_type':
        this.found.push(
          issue.message.startsWith('Invalid input') || value === undefined
            ? this.wrongType(path, value, typeNames[issue.expected] ?? issue.expected)
            : { path, code: 'wrong-unit', message: `${this.place(path)}: ${issue.message}` },
        );
        return;
      case 'too_small':
      case 'too_big':
        this.found.push(this.outOfRange(issue, path, value));
        return;
      case 'invalid_key':
        this.found.push({
          path,
          at: 'key',
          code: 'bad-name',
          message: `${this.place(path)}: ${issue.issues[0]?.message ?? 'not a name'}`,
        });
        return;
      default:
        this.found.push({
          path,
          code: issue.message.startsWith('"') ? 'wrong-unit' : 'bad-value',
          message: `${this.place(path)}: ${issue.message}`,
          ...(isObject(value) && { across: true }),
        });
    }
  }

  /** A mistyped key is unknown, and what was meant is missing or breaks a rule: one message is enough. */
  private follows({ missing, across, path }: Described): boolean {
    if (missing === undefined && across !== true) return false;
    const around = pathText(missing === undefined ? path : path.slice(0, -1));
    return this.found.some(
      (other) =>
        other.code === unknownKeyCode &&
        pathText(other.path.slice(0, -1)) === around &&
        (missing === undefined || other.meant === missing),
    );
  }

  /** How a place is called: `faults[0].delay`. */
  private place(path: Path): string {
    const { whole, prefix = '' } = this.words;
    if (path.length === 0) return whole;
    const dot = prefix === '' || typeof path[0] === 'number' ? '' : '.';
    return `${prefix}${dot}${pathText(path)}`;
  }

  private within(path: Path): string {
    return path.length === 0 && this.words.prefix === undefined ? '' : ` in ${this.place(path)}`;
  }

  private unknownKey(key: string, path: Path): Described {
    const object = valueAt(this.root, path);
    const allowed = allowedKeys(this.schema, path, this.root);
    const place = { path: [...path, key], at: 'key' as const };
    const better = this.words.unknownKey?.({ key, path, value: object, allowed });
    if (better) return { ...place, ...better };
    const free = allowed.filter((known) => !isObject(object) || object[known] === undefined);
    const meant = suggest(key, free) ?? suggest(key, allowed);
    const hints = meant === undefined ? [] : [didYouMean(meant)];
    if (allowed.length > 0 && (meant === undefined || allowed.length <= shortList))
      hints.push(`allowed: ${allowed.join(', ')}`);
    return {
      ...place,
      code: unknownKeyCode,
      message: `unknown key "${key}"${this.within(path)}`,
      hints,
      ...(meant === undefined ? {} : { meant }),
    };
  }

  private oneOf(path: Path, value: unknown, options: readonly unknown[]): Described {
    const names = [...new Set(options.map(String))];
    if (value === undefined) {
      return { ...this.missingKey(path), hints: [`one of: ${names.join(', ')}`] };
    }
    const meant = typeof value === 'string' ? suggest(value, names) : undefined;
    const hints = meant === undefined ? [] : [didYouMean(meant)];
    let rule: string;
    if (names.length > shortList) {
      rule = `one of ${names.length} names`;
      if (meant === undefined) hints.push(`one of: ${names.join(', ')}`);
    } else rule = listOf(names);
    return {
      path,
      code: 'bad-value',
      message: `${this.place(path)} must be ${rule}, not ${shown(value)}`,
      ...(hints.length > 0 && { hints }),
    };
  }

  private wrongType(path: Path, value: unknown, expected: string): Described {
    if (value === undefined && path.length > 0) return this.missingKey(path);
    return {
      path,
      code: 'wrong-type',
      message: `${this.place(path)} must be ${expected}, not ${shown(value)}`,
    };
  }

  private missingKey(path: Path): Described {
    const key = String(path.at(-1));
    return {
      path,
      code: 'missing-key',
      message: `"${key}" is missing${this.within(path.slice(0, -1))}`,
      missing: key,
    };
  }

  private outOfRange(
    issue: Extract<Issue, { code: 'too_small' | 'too_big' }>,
    path: Path,
    value: unknown,
  ): Described {
    const low = issue.code === 'too_small';
    const limit = low ? issue.minimum : issue.maximum;
    const isCount = typeof value === 'number';
    let rule: string;
    if (!isCount) rule = low ? 'must not be empty' : `must have at most ${limit} elements`;
    else if (issue.inclusive === false) rule = `must be ${low ? 'above' : 'below'} ${limit}`;
    else rule = `must be ${low ? 'at least' : 'at most'} ${limit}`;
    return {
      path,
      code: 'out-of-range',
      message: `${this.place(path)} ${rule}${isCount ? `, not ${value}` : ''}`,
    };
  }
}

const unknownKeyCode = 'unknown-key';

/**
 * The option of a union that the user seems to have meant: one that did not already fail on the kind
 * of value. Undefined where all did.
 */
function bestBranch(branches: readonly Issue[][], value: unknown): Issue[] | undefined {
  const candidates = branches.filter((issues) => !issues.some((issue) => isOther(issue, value)));
  return candidates.sort((a, b) => a.length - b.length)[0];
}

/** The values that an option takes, where it takes nothing else. */
function valuesIn(issues: readonly Issue[]): readonly unknown[] {
  const [issue] = issues;
  return issue?.code === 'invalid_value' && issue.path.length === 0 ? issue.values : [];
}

/** Whether another kind of value was expected, so that this option is not the one that was meant. */
function isOther(issue: Issue, value: unknown): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_value') {
    return !issue.values.some((allowed) => typeof allowed === typeof value);
  }
  // A number without its unit is a mistake in the text option, not another option.
  return issue.code === 'invalid_type' && issue.message.startsWith('Invalid input');
}

/** What the options of a union expected, where none fits: `a number or one of on, off`. */
function expectedOf(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  const expected = issue.errors.flat().flatMap((inner) => {
    if (inner.path.length > 0) return [];
    if (inner.code === 'invalid_type') return [typeNames[inner.expected] ?? inner.expected];
    return inner.code === 'invalid_value' ? [listOf(inner.values)] : [];
  });
  return [...new Set(expected)].join(' or ');
}

function listOf(values: readonly unknown[]): string {
  const names = values.map(String);
  return names.length === 1 ? names[0]! : `one of ${names.join(', ')}`;
}
