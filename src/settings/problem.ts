/**
 * A mistake in settings before it has a place in a file: which value, what is wrong, what to do. And the
 * paths by which values are named.
 */

export type Path = readonly (string | number)[];

export interface Problem {
  /** The value at fault, or the object that lacks something. */
  path: Path;
  /** Point at the key instead of at the value. */
  at?: 'key';
  code: string;
  message: string;
  hints?: string[];
  /** Part of a string value that is meant, in characters. */
  span?: { offset: number; length: number };
}

/** `arms.sse.load.rate`, `session[0].ask`; a key that is not a plain word is quoted. */
export function pathText(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += `${text === '' ? '' : '.'}${/^[\w-]+$/.test(part) ? part : JSON.stringify(part)}`;
  }
  return text;
}

/** The value at a path, undefined where there is none. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether one path is the other, or lies within it, in either direction. */
export function related(a: Path, b: Path): boolean {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Longest first paragraph of a value in a message. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null (an empty value)';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}
