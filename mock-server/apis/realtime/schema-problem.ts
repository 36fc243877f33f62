/** Turns the first thing a schema objects to into the API's wording, code and `param`. */
import type { z } from 'zod';
import { EventProblem } from './problem.ts';

/** `['tools', 0, 'name']` below `session` → `session.tools[0].name`. */
function paramPath(root: string, path: readonly PropertyKey[]): string {
  let text = root;
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? String(part) : `.${String(part)}`;
  }
  return text;
}

const articles: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  boolean: 'a boolean',
  object: 'an object',
  record: 'an object',
  array: 'an array',
  null: 'null',
};

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return articles[typeof value] ?? typeof value;
}

/** The value that a path leads to. */
function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

/** The alternative of a failed union that got furthest: its complaint is the one that helps. */
function deepest(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  let best: z.core.$ZodIssue | undefined;
  let allShallow = true;
  for (const [first] of issue.errors) {
    if (!first) continue;
    if (first.path.length > 0 || first.code === 'unrecognized_keys') allShallow = false;
    if (!best || first.path.length > best.path.length) best = first;
  }
  // Alternatives that all fail at the top (a string or an object, say): the last is the object form.
  if (!best || (allShallow && issue.errors.length > 1)) best = issue.errors.at(-1)?.[0] ?? best;
  if (!best) return issue;
  return deepest({ ...best, path: [...issue.path, ...best.path] });
}

/**
 * @param root - name of the member that was checked, '' for the event itself.
 * @param input - the value that was checked.
 */
function problemOf(error: z.ZodError, root: string, input: unknown): EventProblem {
  const issue = deepest(error.issues[0]!);
  const param = paramPath(root, issue.path);
  const value = valueAt(input, issue.path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const unknown = paramPath(param, [issue.keys[0]!]);
      return new EventProblem(`Unknown parameter: '${unknown}'.`, {
        code: 'unknown_parameter',
        param: unknown,
      });
    }
    case 'invalid_type': {
      if (value === undefined) return missing(param);
      const expected = articles[issue.expected] ?? issue.expected;
      return new EventProblem(
        `Invalid type for '${param}': expected ${expected}, but got ${typeName(value)} instead.`,
        { code: 'invalid_type', param },
      );
    }
    case 'invalid_value': {
      if (value === undefined) return missing(param);
      const supported = issue.values.map((one) => `'${String(one)}'`).join(', ');
      const word = issue.values.length === 1 ? 'Supported value is' : 'Supported values are';
      return new EventProblem(`Invalid value: '${show(value)}'. ${word}: ${supported}.`, {
        code: 'invalid_value',
        param,
      });
    }
    case 'too_small':
    case 'too_big': {
      const bound = issue.code === 'too_small' ? `>= ${issue.minimum}` : `<= ${issue.maximum}`;
      return new EventProblem(
        `Invalid '${param}': ${issue.origin} out of range. Expected ${bound}, but got '${show(value)}' instead.`,
        { code: 'invalid_value', param },
      );
    }
    case 'invalid_union':
      if (value === undefined) return missing(param);
      return new EventProblem(`Invalid value: '${show(value)}'.`, { code: 'invalid_value', param });
    default:
      return new EventProblem(`Invalid '${param}': ${issue.message}.`, {
        code: 'invalid_value',
        param,
      });
  }
}

function missing(param: string): EventProblem {
  return new EventProblem(`Missing required parameter: '${param}'.`, {
    code: 'missing_required_parameter',
    param,
  });
}

/** A value short enough for a message. */
function show(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** Checks a value; what is wrong with it comes out as an {@link EventProblem}. */
export function check<S extends z.ZodType>(schema: S, input: unknown, root: string): z.output<S> {
  const result = schema.safeParse(input);
  if (!result.success) throw problemOf(result.error, root, input);
  return result.data;
}
