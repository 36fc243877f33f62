/** Result files side by side: what is common, what differs, and what may be concluded from it. */
import type { ExitCodeName } from '../../exit-codes.ts';
import { unitedLandmarks } from '../../metric/landmark.ts';
import type { MetricDefinition } from '../../metric/definition.ts';
import type { Result } from '../../result/schema.ts';
import type { Support } from '../../validity/percentile-support.ts';
import { percentileOf } from '../view/metric-format.ts';
import { buildReportModel } from '../view/build-report-model.ts';
import type { ArmView, MetricCell, ReportModel } from '../view/report-model.ts';

/** Percentiles that are compared. */
const comparedPercents = [50, 95, 99] as const;

export interface ComparedFile {
  /** As the user named it. */
  file: string;
  result: Result;
}

export interface Side {
  /** A for the base, B, C… for candidates. */
  label: string;
  file: string;
  scenario: string;
  started: string;
  verdict: string;
  trials: number;
}

export interface Candidate {
  label: string;
  value: number | null;
  support: Support;
  n: number;
  /** Candidate − base, in the metric's unit; null where one is missing. */
  difference: number | null;
  /** Candidate / base − 1; null where one is missing or the base is 0. */
  change: number | null;
}

export interface ComparedRow {
  percent: number;
  base: { value: number | null; support: Support; n: number };
  candidates: readonly Candidate[];
}

export interface ComparedMetric {
  arm: string;
  name: string;
  unit: MetricDefinition['unit'];
  better: MetricDefinition['better'];
  rows: readonly ComparedRow[];
}

export interface ComparedScalar {
  arm: string;
  name: string;
  title: string;
  unit: MetricDefinition['unit'];
  values: readonly (number | null)[];
}

export interface ComparisonModel {
  sides: readonly Side[];
  /** Reasons for which the sides may not be comparable. */
  cautions: readonly string[];
  metrics: readonly ComparedMetric[];
  scalars: readonly ComparedScalar[];
  /** What may be said about better or worse. */
  conclusion: {
    word: 'no verdict' | 'invalid';
    sentence: string;
    exit: ExitCodeName;
  };
}

const labelOf = (index: number): string => String.fromCodePoint('A'.codePointAt(0)! + index);

/** One fact that should be the same on every side. */
interface Fact {
  name: string;
  /** What a difference means. */
  matters: string;
  of: (result: Result) => string;
}

const facts: readonly Fact[] = [
  {
    name: 'scenario',
    matters: 'the sides did not run the same scenario',
    of: (r) => r.scenario.sha256.slice(0, 12),
  },
  {
    name: 'seed',
    matters: 'prompts and mock timings differ',
    of: (r) => r.scenario.seed,
  },
  {
    name: 'streamgauge version',
    matters: 'the instrument itself may have changed',
    of: (r) => r.tool.version,
  },
  {
    name: 'Node version',
    matters: 'the client’s cost may differ',
    of: (r) => r.environment.node,
  },
  {
    name: 'machine',
    matters: 'the client ran on other hardware',
    of: (r) => `${r.environment.cpu}, ${r.environment.cores} cores, ${r.environment.platform}`,
  },
  {
    name: 'libraries',
    matters: 'the client’s cost may differ',
    of: (r) =>
      Object.entries(r.environment.libraries)
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
  },
];

function factCautions(files: readonly ComparedFile[]): string[] {
  return facts.flatMap(({ name, matters, of }) => {
    const values = files.map(({ result }) => of(result));
    if (values.every((value) => value === values[0])) return [];
    const shown = values.map((value, index) => `${labelOf(index)}: ${value === '' ? '–' : value}`);
    return [`different ${name}, so ${matters} (${shown.join('; ')})`];
  });
}

function stateCautions(files: readonly ComparedFile[]): string[] {
  return files.flatMap(({ result }, index) => {
    const label = labelOf(index);
    return [
      ...(result.partial ? [`${label} was interrupted: it holds only part of its run`] : []),
      ...(result.validity.valid
        ? []
        : [
            `${label} is an invalid measurement: ${result.validity.reasons[0] ?? 'no reason kept'}`,
          ]),
    ];
  });
}

/** Landmarks of one name that the sides define differently, and those that no turn of the base reached. */
function landmarkCautions(
  files: readonly ComparedFile[],
  [base, ...candidates]: readonly ReportModel[],
): string[] {
  const sets = files.flatMap(({ result }) => result.arms.map(({ landmarks = [] }) => landmarks));
  const reached = candidates.flatMap(({ landmarks }) => landmarks.map(({ name }) => name));
  const inBase = new Set(base!.landmarks.map(({ name }) => name));
  return [
    ...unitedLandmarks(sets).conflicts.map(
      (name) =>
        `${name} is defined differently on the sides, so its times are of different moments`,
    ),
    ...[...new Set(reached)]
      .filter((name) => !inBase.has(name))
      .map((name) => `no turn of ${labelOf(0)} reached ${name}, so it is not compared`),
  ];
}

interface ArmGroup {
  name: string;
  /** One per side. */
  arms: readonly ArmView[];
}

/** Arms of the same name on every side; or the only arm of each, whatever its name. */
function pairArms(models: readonly ReportModel[]): { groups: ArmGroup[]; cautions: string[] } {
  const cautions: string[] = [];
  const groups: ArmGroup[] = [];
  const [base, ...candidates] = models;
  for (const arm of base!.arms) {
    const others = candidates.map((model) => model.arms.find((other) => other.name === arm.name));
    if (others.every((other) => other !== undefined)) {
      groups.push({ name: arm.name, arms: [arm, ...others] });
    }
  }
  const names = new Set(models.flatMap((model) => model.arms.map((arm) => arm.name)));
  if (groups.length === 0 && models.every((model) => model.arms.length === 1)) {
    const arms = models.map((model) => model.arms[0]!);
    const name = arms.map((arm) => arm.name).join(' → ');
    cautions.push(
      `the arms have different names (${name}); compared because each side has only one`,
    );
    return { groups: [{ name, arms }], cautions };
  }
  const lonely = [...names].filter((name) => !groups.some((group) => group.name === name));
  if (lonely.length > 0) cautions.push(`not on every side, so not compared: ${lonely.join(', ')}`);
  for (const { name, arms } of groups) {
    for (const key of ['load', 'network', 'how', 'model', 'target'] as const) {
      const values = arms.map((arm) => arm[key]);
      if (values.every((value) => value === values[0])) continue;
      const what = {
        load: 'load',
        network: 'network',
        how: 'protocol',
        model: 'model',
        target: 'target',
      };
      const shown = values.map((value, index) => `${labelOf(index)}: ${value}`).join('; ');
      cautions.push(`${name} has a different ${what[key]} (${shown})`);
    }
  }
  return { groups, cautions };
}

function cellOf(model: ReportModel, metric: string, arm: ArmView): MetricCell | undefined {
  return model.metrics.find((row) => row.name === metric)?.cells[arm.index];
}

function compareCells(
  base: MetricCell,
  candidates: readonly (MetricCell | undefined)[],
): ComparedRow[] {
  return comparedPercents.map((percent) => {
    const from = percentileOf(base, percent);
    return {
      percent,
      base: { value: from.value, support: from.support, n: base.n },
      candidates: candidates.map((cell, index): Candidate => {
        const label = labelOf(index + 1);
        if (!cell) {
          return { label, value: null, support: 'none', n: 0, difference: null, change: null };
        }
        const to = percentileOf(cell, percent);
        const both = from.value !== null && to.value !== null;
        return {
          label,
          value: to.value,
          support: to.support,
          n: cell.n,
          difference: both ? to.value! - from.value! : null,
          change: both && from.value !== 0 ? to.value! / from.value! - 1 : null,
        };
      }),
    };
  });
}

function conclude(
  files: readonly ComparedFile[],
  sides: readonly Side[],
): ComparisonModel['conclusion'] {
  if (files.some(({ result }) => !result.validity.valid)) {
    return {
      word: 'invalid',
      sentence: 'a side is an invalid measurement: its numbers may be those of the harness',
      exit: 'invalid',
    };
  }
  const fewest = Math.min(...sides.map((side) => side.trials));
  const sentence =
    fewest <= 1
      ? 'a single trial on a side supports no verdict: its streams share one moment, so their number says nothing about the next run'
      : 'differences of pooled percentiles alone do not tell a change from chance, so none is called better or worse';
  return { word: 'no verdict', sentence, exit: 'ok' };
}

/** @param files - the base first; at least two. */
export function compareResults(files: readonly ComparedFile[]): ComparisonModel {
  const models = files.map(({ result }) => buildReportModel(result));
  const sides = files.map(({ file, result }, index): Side => {
    const { verdict } = models[index]!;
    return {
      label: labelOf(index),
      file,
      scenario: result.scenario.name,
      started: result.started,
      verdict: `${verdict.word}${verdict.partial ? ' (partial)' : ''}`,
      trials: Math.min(...result.arms.map((arm) => arm.trials.length)),
    };
  });
  const { groups, cautions } = pairArms(models);
  const metrics: ComparedMetric[] = [];
  const scalars: ComparedScalar[] = [];
  for (const { name, arms } of groups) {
    const [base, ...candidates] = arms;
    for (const row of models[0]!.metrics.filter((metric) => metric.primary)) {
      const cell = row.cells[base!.index];
      if (!cell) continue;
      const others = candidates.map((arm, index) => cellOf(models[index + 1]!, row.name, arm));
      const { unit, better } = row.metric;
      metrics.push({ arm: name, name: row.name, unit, better, rows: compareCells(cell, others) });
    }
    for (const row of models[0]!.scalars) {
      const values = arms.map(
        (arm, index) =>
          models[index]!.scalars.find((other) => other.name === row.name)?.values[arm.index] ??
          null,
      );
      scalars.push({
        arm: name,
        name: row.name,
        title: row.metric.title,
        unit: row.metric.unit,
        values,
      });
    }
  }
  return {
    sides,
    cautions: [
      ...stateCautions(files),
      ...factCautions(files),
      ...landmarkCautions(files, models),
      ...cautions,
    ],
    metrics,
    scalars,
    conclusion: conclude(files, sides),
  };
}
