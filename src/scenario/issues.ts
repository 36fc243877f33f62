/** zod's findings in the words of a scenario. */
import type { z } from 'zod';
import { suggest } from '../settings/did-you-mean.ts';
import {
  cutByComma,
  isObject,
  pathText,
  shown,
  valueAt,
  type Path,
  type Problem,
} from './problem.ts';
import { loadKeys } from './schema-load.ts';
import { allowedKeys } from './schema-walk.ts';

type Issue = z.core.$ZodIssue;

/** Checks a value and says everything that is wrong with it. */
export function problemsOf(schema: z.core.$ZodType & z.ZodType, root: unknown): Problem[] {
  const checked = schema.safeParse(root);
  if (checked.success) return [];
  const problems: Problem[] = [];
  for (const issue of checked.error.issues) explain(issue, [], schema, root, problems);
  return withoutConsequences(problems);
}

interface Described extends Problem {
  /** Keys said to be missing or meant, for dropping what only follows from a typing error. */
  missing?: string;
  meant?: string;
}

/** A mistyped required key is both unknown and missing; one message is enough. */
function withoutConsequences(problems: readonly Described[]): Problem[] {
  return problems.filter(
    ({ missing, path }) =>
      missing === undefined ||
      !problems.some(
        (other) =>
          other.meant === missing &&
          pathText(other.path.slice(0, -1)) === pathText(path.slice(0, -1)),
      ),
  );
}

function explain(
  issue: Issue,
  prefix: Path,
  schema: z.core.$ZodType,
  root: unknown,
  problems: Described[],
): void {
  const path: Path = [...prefix, ...(issue.path as (string | number)[])];
  const value = valueAt(root, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys) problems.push(unknownKey(key, path, schema, root));
      return;
    case 'invalid_union': {
      const branch = bestBranch(issue.errors);
      if (branch) {
        for (const inner of branch) explain(inner, path, schema, root, problems);
        return;
      }
      if ('options' in issue && Array.isArray(issue.options)) {
        problems.push(oneOf(path, value, issue.options));
        return;
      }
      problems.push(wrongType(path, value, expectedOf(issue)));
      return;
    }
    case 'invalid_value':
      problems.push(oneOf(path, value, issue.values));
      return;
    case 'invalid_type':
      problems.push(
        issue.message.startsWith('Invalid input') || value === undefined
          ? wrongType(path, value, typeNames[issue.expected] ?? issue.expected)
          : { path, code: 'wrong-unit', message: `${pathText(path)}: ${issue.message}` },
      );
      return;
    case 'too_small':
    case 'too_big':
      problems.push(outOfRange(issue, path, value));
      return;
    case 'invalid_key':
      problems.push({
        path,
        at: 'key',
        code: 'bad-name',
        message: `${pathText(path)}: ${issue.issues[0]?.message ?? 'not a name'}`,
      });
      return;
    default:
      problems.push({
        path,
        code: issue.message.startsWith('"') ? 'wrong-unit' : 'bad-value',
        message: `${pathText(path)}: ${issue.message}`,
      });
  }
}

/** Longer lists of keys and values are shown only where no suggestion stands beside them. */
const shortList = 12;

function unknownKey(key: string, path: Path, schema: z.core.$ZodType, root: unknown): Described {
  const inside = path.length === 0 ? '' : ` in ${pathText(path)}`;
  const object = valueAt(root, path);
  const allowed = allowedKeys(schema, path, root);
  const free = allowed.filter((known) => !isObject(object) || object[known] === undefined);
  const meant = suggest(key, free) ?? suggest(key, allowed);
  const cut = cutByComma(key);
  if (cut !== undefined) {
    return {
      path: [...path, key],
      at: 'key',
      code: 'unquoted-value',
      message: `"${key}"${inside} is the rest of a value, not a key`,
      hints: [cut],
    };
  }
  const hints: string[] = [];
  const kinds =
    path.at(-1) === 'load'
      ? [...loadKeys].filter(([, keys]) => keys.includes(key)).map(([kind]) => kind)
      : [];
  if (kinds.length > 0) {
    const kind = isObject(object) ? object['kind'] : undefined;
    return {
      path: [...path, key],
      at: 'key',
      code: 'wrong-load-key',
      message: `${pathText([...path, key])} does not belong to a ${String(kind)} load`,
      hints: [
        `it belongs to: ${kinds.join(', ')}`,
        `a ${String(kind)} load takes: ${allowed.filter((name) => name !== 'kind').join(', ')}`,
      ],
    };
  }
  if (meant !== undefined) hints.push(`did you mean "${meant}"?`);
  if (allowed.length > 0 && (meant === undefined || allowed.length <= shortList))
    hints.push(`allowed: ${allowed.join(', ')}`);
  return {
    path: [...path, key],
    at: 'key',
    code: 'unknown-key',
    message: `unknown key "${key}"${inside}`,
    hints,
    ...(meant === undefined ? {} : { meant }),
  };
}

function oneOf(path: Path, value: unknown, options: readonly unknown[]): Described {
  const names = [...new Set(options.map(String))];
  if (value === undefined) {
    return { ...missingKey(path), hints: [`one of: ${names.join(', ')}`] };
  }
  const meant = typeof value === 'string' ? suggest(value, names) : undefined;
  const hints = meant === undefined ? [] : [`did you mean "${meant}"?`];
  if (names.length > shortList) {
    if (meant === undefined) hints.push(`one of: ${names.join(', ')}`);
    return {
      path,
      code: 'bad-value',
      message: `${pathText(path)} must be one of ${names.length} names, not ${shown(value)}`,
      hints,
    };
  }
  return {
    path,
    code: 'bad-value',
    message: `${pathText(path)} must be ${names.length === 1 ? names[0] : `one of ${names.join(', ')}`}, not ${shown(value)}`,
    ...(hints.length > 0 && { hints }),
  };
}

const typeNames: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object (keys and values)',
  record: 'an object (names and values)',
};

function wrongType(path: Path, value: unknown, expected: string): Described {
  if (value === undefined && path.length > 0) return missingKey(path);
  return {
    path,
    code: 'wrong-type',
    message: `${path.length === 0 ? 'a scenario' : pathText(path)} must be ${expected}, not ${shown(value)}`,
  };
}

function missingKey(path: Path): Described {
  const parent = path.slice(0, -1);
  const key = String(path.at(-1));
  return {
    path,
    code: 'missing-key',
    message: `"${key}" is missing${parent.length === 0 ? '' : ` in ${pathText(parent)}`}`,
    missing: key,
  };
}

function outOfRange(
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
    message: `${pathText(path)} ${rule}${isCount ? `, not ${value}` : ''}`,
  };
}

/**
 * The option of a union that the user seems to have meant: one that did not already fail on the kind
 * of value. Undefined where all did.
 */
function bestBranch(branches: readonly Issue[][]): Issue[] | undefined {
  const candidates = branches.filter(
    (issues) =>
      !issues.some(
        (issue) =>
          issue.path.length === 0 &&
          issue.code === 'invalid_type' &&
          // A number without its unit is a mistake in the text option, not another option.
          issue.message.startsWith('Invalid input'),
      ),
  );
  return candidates.sort((a, b) => a.length - b.length)[0];
}

function expectedOf(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  const expected = issue.errors
    .flat()
    .filter((inner) => inner.code === 'invalid_type' && inner.path.length === 0)
    .map((inner) => {
      const name = (inner as { expected: string }).expected;
      return typeNames[name] ?? name;
    });
  return [...new Set(expected)].join(' or ');
}
