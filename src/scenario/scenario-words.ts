/** What only a scenario knows of a mistake: commas that cut values, keys of another kind of load. */
import type { ProblemWords, UnknownKey } from '../settings/schema-problems.ts';
import { isObject, pathText } from '../settings/problem.ts';
import { loadKeys } from '../load/registry.ts';

/** For `problemsOf` over a scenario or a part of one that keeps its paths. */
export const scenarioWords: ProblemWords = {
  whole: 'a scenario',
  unknownKey: (unknown) => restOfValue(unknown) ?? keyOfAnotherLoad(unknown),
};

/**
 * For a key such as `0.4)`: in `{ ttft: lognormal(180ms, 0.4) }` the comma has ended the value.
 */
export function cutByComma(key: string): string | undefined {
  return key.includes(')') && !key.includes('(')
    ? 'inside { } a comma ends a value: put the distribution in quotes, "lognormal(180ms, 0.4)"'
    : undefined;
}

function restOfValue({ key, path }: UnknownKey): ReturnType<typeof keyOfAnotherLoad> {
  const cut = cutByComma(key);
  if (cut === undefined) return undefined;
  const inside = path.length === 0 ? '' : ` in ${pathText(path)}`;
  return {
    code: 'unquoted-value',
    message: `"${key}"${inside} is the rest of a value, not a key`,
    hints: [cut],
  };
}

function keyOfAnotherLoad({ key, path, value, allowed }: UnknownKey) {
  if (path.at(-1) !== 'load') return undefined;
  const kinds = [...loadKeys].filter(([, keys]) => keys.includes(key)).map(([kind]) => kind);
  if (kinds.length === 0) return undefined;
  const kind = isObject(value) ? value['kind'] : undefined;
  return {
    code: 'wrong-load-key',
    message: `${pathText([...path, key])} does not belong to a ${String(kind)} load`,
    hints: [
      `it belongs to: ${kinds.join(', ')}`,
      `a ${String(kind)} load takes: ${allowed.filter((name) => name !== 'kind').join(', ')}`,
    ],
  };
}
