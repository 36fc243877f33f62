/** What is wrong with a fault's settings, in words. */
import type { z } from 'zod';
import { suggest } from '../settings/did-you-mean.ts';

export interface FaultProblem {
  message: string;
  hints: string[];
}

type Issue = z.core.$ZodIssue;

/** What the words of messages come from. */
export interface FaultWords {
  /** How a place in the checked value is called: `faults[0].delay`. */
  place(path: readonly PropertyKey[]): string;
  kinds: readonly string[];
  /** Keys that an object may have, by the fault's kind and the path below the fault. */
  keys(kind: string, below: readonly PropertyKey[]): readonly string[];
}

/** @param root - the list of faults that was checked. */
export function problemsOf(
  error: z.core.$ZodError,
  root: unknown,
  words: FaultWords,
): FaultProblem[] {
  const mistyped = new Set(
    error.issues
      .filter((issue) => issue.code === 'unrecognized_keys')
      .map((issue) => pathText('', issue.path)),
  );
  return (
    error.issues
      // What only follows from a mistyped key is not said as well.
      .filter((issue) => issue.code !== 'custom' || !mistyped.has(pathText('', issue.path)))
      .map((issue) => explain(issue, [], root, words))
  );
}

function explain(
  issue: Issue,
  prefix: readonly PropertyKey[],
  root: unknown,
  words: FaultWords,
): FaultProblem {
  const path = [...prefix, ...issue.path];
  const value = valueAt(root, path);
  const at = words.place(path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownKey(issue.keys[0] ?? '', path, root, words);
    case 'invalid_union': {
      if ('discriminator' in issue) return oneOf(at, value, words.kinds);
      // The last option of a union is the general one, but for an object the one with keys.
      const keyed = isObject(value)
        ? issue.errors.find(([first]) => first && isKeyed(first))
        : undefined;
      const inner =
        keyed?.find(({ code }) => code === 'unrecognized_keys') ??
        (keyed ?? issue.errors.at(-1))?.[0];
      return inner
        ? explain(inner, path, root, words)
        : { message: `${at}: ${issue.message}`, hints: [] };
    }
    case 'invalid_value':
      return oneOf(at, value, issue.values.map(String));
    case 'invalid_type': {
      const parent = words.place(path.slice(0, -1));
      if (value === undefined) {
        return { message: `"${String(path.at(-1))}" is missing in ${parent}`, hints: [] };
      }
      return issue.message.startsWith('Invalid input')
        ? { message: `${at} must be ${typeWord(issue.expected)}, not ${shown(value)}`, hints: [] }
        : { message: `${at}: ${issue.message}`, hints: [] };
    }
    default:
      return { message: `${at}: ${issue.message}`, hints: [] };
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** Whether it is about what is in an object, not about what should stand in its place. */
function isKeyed({ code, path }: Issue): boolean {
  return code === 'unrecognized_keys' || path.length > 0;
}

function unknownKey(
  key: string,
  path: readonly PropertyKey[],
  root: unknown,
  words: FaultWords,
): FaultProblem {
  const [place, ...below] = path;
  const kind = valueAt(root, place === undefined ? ['kind'] : [place, 'kind']);
  const allowed = words.keys(String(kind), below);
  const meant = suggest(key, allowed);
  return {
    message: `unknown key "${key}" in ${words.place(path)}`,
    hints: [
      ...(meant === undefined ? [] : [`did you mean "${meant}"?`]),
      `allowed: ${allowed.join(', ')}`,
    ],
  };
}

function oneOf(at: string, value: unknown, options: readonly string[]): FaultProblem {
  const meant = typeof value === 'string' ? suggest(value, options) : undefined;
  const list = options.length === 1 ? options[0]! : `one of ${options.join(', ')}`;
  return {
    message:
      value === undefined
        ? `${at} is missing: ${list}`
        : `${at} must be ${list}, not ${shown(value)}`,
    hints: meant === undefined ? [] : [`did you mean "${meant}"?`],
  };
}

function typeWord(expected: string): string {
  if (expected === 'object') return 'an object of settings';
  if (expected === 'array') return 'a list';
  if (expected === 'string') return 'text';
  if (expected === 'int') return 'a whole number';
  return expected;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

export function pathText(name: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${String(part)}`),
    name,
  );
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}
