/** `--set path=value`: one value laid over the scenario before it is checked. */
import { parseDocument } from 'yaml';
import { StreamgaugeError, type SourcePlace } from '../errors.ts';
import { isObject, type Path } from '../settings/problem.ts';

export interface Override {
  /** As typed, `load.duration=2s`. */
  text: string;
  path: Path;
  value: unknown;
  /** Where the value begins in `text`. */
  valueOffset: number;
}

/**
 * Reads `load.duration=2s`, `arms."sse fast".model=x`, `gates[0]=…`, `trials=3`. The value is read as
 * YAML, so that `3` is a number and `[a, b]` a list.
 *
 * @throws StreamgaugeError with exit `usage`.
 */
export function parseOverride(text: string): Override {
  const equals = splitAt(text);
  const wrong = (what: string): StreamgaugeError =>
    new StreamgaugeError(`--set ${text}: ${what}`, {
      code: 'set-invalid',
      exit: 'usage',
      hints: ['for example --set load.duration=10s or --set arms.sse.transport=websocket'],
    });
  if (equals <= 0) throw wrong('expected path=value');
  const path = parsePath(text.slice(0, equals));
  if (!path) throw wrong(`"${text.slice(0, equals)}" is not a path`);
  const document = parseDocument(text.slice(equals + 1), { prettyErrors: false });
  if (document.errors.length > 0)
    throw wrong(`the value is not YAML: ${document.errors[0]!.message}`);
  return { text, path, value: document.toJS(), valueOffset: equals + 1 };
}

/** The first `=` outside quotes. */
function splitAt(text: string): number {
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') quoted = !quoted;
    if (text[i] === '=' && !quoted) return i;
  }
  return -1;
}

/** `a.b[0]."c d"` → its parts; undefined where it is none. */
export function parsePath(text: string): Path | undefined {
  const parts: (string | number)[] = [];
  const pattern = /(?:^|\.)(?:"([^"]+)"|([^.[\]"=\s][^.[\]"=]*))|\[(\d+)\]/y;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (!match) return undefined;
    parts.push(match[3] === undefined ? (match[1] ?? match[2]!.trim()) : Number(match[3]));
  }
  return parts.length > 0 && typeof parts[0] === 'string' ? parts : undefined;
}

/** A copy of `root` with the value at `path`; objects on the way are made where they are missing. */
export function withValue(root: unknown, path: Path, value: unknown): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return value;
  if (typeof part === 'number' || (Array.isArray(root) && /^\d+$/.test(part))) {
    const list = Array.isArray(root) ? [...(root as unknown[])] : [];
    list[Number(part)] = withValue(list[Number(part)], rest, value);
    return list;
  }
  const object = isObject(root) ? root : {};
  return { ...object, [part]: withValue(object[part], rest, value) };
}

/** Shows a mistake that came in with `--set`: the argument with a caret under its value. */
export function placeInOverride(override: Override, at: 'key' | undefined): SourcePlace {
  const { text, valueOffset } = override;
  const value = at !== 'key' && valueOffset < text.length;
  return {
    file: '--set',
    line: 1,
    column: value ? valueOffset + 1 : 1,
    length: value ? text.length - valueOffset : Math.max(1, valueOffset - 1),
    text,
  };
}
