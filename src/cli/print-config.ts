/**
 * `run --print-config`: every value that a run would use, and where it came from: a flag, the
 * environment, a line of the file, or the default.
 */
import * as path from 'node:path';
import type { Command } from 'commander';
import { formatDuration } from '../format/duration.ts';
import { describeFault } from '../fault/registry.ts';
import { describeProxy } from '../scenario/describe.ts';
import type { ArmPlan, Plan } from '../scenario/plan.ts';
import { valueAt, type Path } from '../settings/problem.ts';
import { parseOverride, type Override } from '../scenario/set.ts';
import { readSource, type Source } from '../scenario/source.ts';
import type { World } from '../world.ts';

interface Row {
  key: string;
  value: string;
  from: string;
}

/** @param file - the scenario, which has passed the loader. */
export function printConfig(
  plan: Plan,
  file: string,
  set: readonly string[],
  command: Command,
  world: World,
): string {
  const { source } = readSource(world.files.readText(path.resolve(world.cwd, file)), file);
  const overrides = set.map(parseOverride);
  const from = (candidates: readonly Path[]): string => originOf(candidates, source, overrides);
  const sections: [string, Row[]][] = [
    ['command line', optionRows(command)],
    [
      'scenario',
      [
        row('name', plan.name, from([['name']])),
        row('seed', plan.seed, from([['seed']])),
        row('trials', String(plan.trials), from([['trials']])),
        ...(plan.heatmap ? [row('heatmap', plan.heatmap.join(', '), from([['heatmap']]))] : []),
        row('gates', plan.gates.map((gate) => gate.text).join('; ') || '–', from([['gates']])),
      ],
    ],
  ];
  for (const arm of plan.arms) {
    // An arm of a matrix is called `sse @ rtt=40ms`; what is varied stands under `matrix`.
    const base = arm.cell?.base ?? arm.name;
    const rows = armValues(arm).map(([key, value]) => {
      const at = key.split('.');
      // `network` is one row, and `network.rtt` a path of the matrix.
      const varied = Object.keys(arm.cell?.values ?? {}).filter(
        (path) => path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`),
      );
      return row(
        key,
        value,
        from([...varied.map((path) => ['matrix', path]), ['arms', base, ...at], at]),
      );
    });
    sections.push([`arm ${arm.name}`, rows]);
  }
  return sections.map(([title, rows]) => section(title, rows)).join('\n');
}

function row(key: string, value: string, from: string): Row {
  return { key, value, from };
}

function section(title: string, rows: readonly Row[]): string {
  const keyWidth = Math.max(...rows.map(({ key }) => key.length));
  const valueWidth = Math.min(48, Math.max(...rows.map(({ value }) => value.length)));
  const lines = rows.map(
    ({ key, value, from }) => `  ${key.padEnd(keyWidth)}  ${value.padEnd(valueWidth)}  ${from}`,
  );
  return `${title}\n${lines.join('\n')}\n`;
}

function optionRows(command: Command): Row[] {
  const names: Record<string, string> = { cli: 'flag', env: 'environment', default: 'default' };
  return command.options
    .filter((option) => option.attributeName() !== 'printConfig')
    .map((option) => {
      const name = option.attributeName();
      const value: unknown = command.getOptionValue(name);
      const kind = command.getOptionValueSource(name) ?? 'default';
      const origin = names[kind] ?? kind;
      return row(
        option.long ?? name,
        shown(value),
        kind === 'env' && option.envVar ? `environment ${option.envVar}` : origin,
      );
    });
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.join(' ') || '–';
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : '–';
}

/** The first candidate that was given decides; `--set` goes before the file. */
function originOf(
  candidates: readonly Path[],
  source: Source,
  overrides: readonly Override[],
): string {
  for (const candidate of candidates) {
    const override = overrides.findLast(({ path: at }) =>
      at.every((part, index) => String(part) === String(candidate[index])),
    );
    if (override) return `--set ${override.text}`;
  }
  for (const candidate of candidates) {
    if (!source.has(candidate)) continue;
    const place = source.place({ path: candidate });
    const value = valueAt(source.raw, candidate);
    const variable = typeof value === 'string' ? /\$\{(\w+)/.exec(value)?.[1] : undefined;
    const where = place ? `${place.file}:${place.line}` : 'file';
    return variable ? `environment ${variable}, by ${where}` : where;
  }
  return 'default';
}

/** Keys as in a scenario file. A key's value in the file may have been a whole object. */
function armValues(arm: ArmPlan): [key: string, value: string][] {
  const orNone = (value: number | undefined, format = String as (n: number) => string): string =>
    value === undefined ? '–' : format(value);
  const { load, timeouts, objectives } = arm;
  return [
    ['target', arm.target.kind === 'mock' ? 'mock' : arm.target.baseUrl],
    ['dialect', arm.dialect],
    ['transport', arm.transport],
    ['via', arm.via],
    ['http', arm.http.version],
    ['tls.verify', String(arm.tls.rejectUnauthorized)],
    ['tls.terminate', String(arm.tls.terminate)],
    ['model', arm.model],
    ['api_key', arm.apiKey === undefined ? '–' : '(secret)'],
    ...Object.entries(arm.dialectOptions).map(([key, value]): [string, string] => [
      key,
      String(value),
    ]),
    ['history', arm.history],
    ['load.kind', load.shape.kind],
    ['load.duration', formatDuration(load.durationMs)],
    ['load.warmup', formatDuration(load.warmupMs)],
    ['load.cooldown', formatDuration(load.cooldownMs)],
    ['load.graceful_stop', formatDuration(load.gracefulStopMs)],
    ['load.max_concurrency', orNone(load.maxConcurrency)],
    ['load.max_waiting', orNone(load.maxWaiting)],
    ['network', arm.network?.description ?? '–'],
    ['faults', arm.faults.map(describeFault).join('; ') || '–'],
    ['proxy', arm.proxy ? describeProxy(arm.proxy) : '–'],
    ['objectives.ttft', orNone(objectives.ttftMs, formatDuration)],
    ['objectives.e2e', orNone(objectives.e2eMs, formatDuration)],
    ['objectives.max_gap', orNone(objectives.maxGapMs, formatDuration)],
    ['objectives.reading_pace', formatDuration(objectives.readingPaceMs)],
    ['timeouts.connect', formatDuration(timeouts.connectMs)],
    ['timeouts.idle', formatDuration(timeouts.idleMs)],
    ['timeouts.total', formatDuration(timeouts.totalMs)],
  ];
}
