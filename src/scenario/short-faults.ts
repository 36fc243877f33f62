/**
 * Short forms of faults, `delay: 25ms` for `{ kind: delay, one_way: 25ms }`: written out before
 * anything is checked, and found again where a mistake has to be shown.
 */
import { expandFault } from '../fault/registry.ts';
import { isObject, valueAt, type Path } from '../settings/problem.ts';

/** The scenario with every fault in its full form, at the top level and in the arms. */
export function withFullFaults(scenario: unknown): unknown {
  if (!isObject(scenario)) return scenario;
  const { arms } = scenario;
  return {
    ...fullIn(scenario),
    ...(isObject(arms) && {
      arms: Object.fromEntries(
        Object.entries(arms).map(([name, arm]) => [name, isObject(arm) ? fullIn(arm) : arm]),
      ),
    }),
  };
}

function fullIn(settings: Record<string, unknown>): Record<string, unknown> {
  const { faults } = settings;
  return Array.isArray(faults) ? { ...settings, faults: faults.map(expandFault) } : settings;
}

/**
 * Where a place of the full form is in what was written: of `faults: [{ slicer: { size: 2 } }]`,
 * `faults[0].size` is `faults[0].slicer.size`.
 */
export function asWritten(path: Path, written: unknown): Path {
  const list = path.findIndex(
    (part, index) => part === 'faults' && typeof path[index + 1] === 'number',
  );
  if (list < 0 || path.length < list + 3) return path;
  const fault = path.slice(0, list + 2);
  const value = valueAt(written, fault);
  if (!isObject(value) || expandFault(value) === value) return path;
  const kind = Object.keys(value)[0]!;
  const [key, ...below] = path.slice(list + 2);
  if (key === 'kind' || key === undefined) return [...fault, kind];
  return isObject(value[kind]) ? [...fault, kind, key, ...below] : [...fault, kind];
}
