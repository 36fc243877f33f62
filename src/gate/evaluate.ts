/** Gates against measured arms. */
import type { ScalarName } from '../metric/catalogue.ts';
import type { MetricUnit } from '../metric/definition.ts';
import { findMetric, unitOf, type DistributionKey } from '../metric/lookup.ts';
import { mergeArm, type MergedPhase } from '../result/merge.ts';
import type { ArmResult, GateResult } from '../result/schema.ts';
import { armsNamed, variantOf } from './arms.ts';
import type { Comparator, GateExpression, GateOperand, GateVerdict } from './expression.ts';

export interface GateOptions {
  /** False where the harness was the bottleneck: then nothing passes or fails. Default true. */
  valid?: boolean;
}

/**
 * Holds every gate against the measured phase of the arms, trials merged: percentiles from the
 * merged histograms, scalars averaged over trials. A gate without an arm gives one result for each;
 * on a landmark, for each arm whose dialect can report it. Compared arms that are variants are paired
 * with the same variant of the other.
 */
export function evaluateGates(
  gates: readonly GateExpression[],
  arms: readonly ArmResult[],
  options: GateOptions = {},
): GateResult[] {
  const phases = new Map<string, MergedPhase>();
  const phaseOf = (name: string): MergedPhase | undefined => {
    const arm = arms.find((candidate) => candidate.name === name);
    if (!arm) return undefined;
    let phase = phases.get(name);
    if (!phase) phases.set(name, (phase = mergeArm(arm)));
    return phase;
  };
  return gates.flatMap((gate) =>
    pairsOf(gate, arms).map(({ left, right }) => {
      const measured = valueOf(gate.left, phaseOf(left));
      const other =
        gate.right.kind === 'value' ? undefined : valueOf(gate.right.operand, phaseOf(right));
      const limit =
        gate.right.kind === 'value' ? gate.right.value : times(other, gate.right.factor);
      const verdict = verdictOf(measured, gate.comparator, limit);
      return {
        text: gate.text,
        arm: left,
        verdict: options.valid === false && verdict !== 'no_data' ? 'inconclusive' : verdict,
        measured: measured ?? null,
        limit: limit ?? null,
        unit: unitNames[unitOf(gate.left.metric)],
        margin: marginOf(measured, gate.comparator, limit),
        ...(other !== undefined && right !== left && { against: { arm: right, measured: other } }),
      };
    }),
  );
}

const unitNames: Record<MetricUnit, string> = {
  ms: 'ms',
  ratio: 'ratio',
  per_second: 'per_second',
  per_minute: 'per_minute',
  count: 'count',
  bytes: 'bytes',
  money: 'money',
};

/** The arms that a gate is held against, each with the arm on its right side. */
function pairsOf(
  gate: GateExpression,
  arms: readonly ArmResult[],
): { left: string; right: string }[] {
  const names = arms.map((arm) => arm.name);
  const lefts = ableOf(armsNamed(gate.left.arm, names), gate.left, arms);
  if (gate.right.kind === 'value') return lefts.map((left) => ({ left, right: left }));
  const { arm } = gate.right.operand;
  if (arm === undefined || arm === gate.left.arm)
    return lefts.map((left) => ({ left, right: left }));
  const rights = ableOf(armsNamed(arm, names), gate.right.operand, arms);
  return lefts
    .filter((left) => gate.left.arm !== undefined || !rights.includes(left))
    .flatMap((left) => {
      const paired = rights.filter((right) => variantOf(right) === variantOf(left));
      const partners = paired.length > 0 ? paired : rights;
      return partners.filter((right) => right !== left).map((right) => ({ left, right }));
    });
}

/**
 * Of the arms that a name stands for, those whose dialect can report the metric at all. Where none
 * can, all of them: a gate without data is open, one without arms would pass unseen.
 */
function ableOf(names: string[], { metric }: GateOperand, arms: readonly ArmResult[]): string[] {
  const able = names.filter((name) =>
    findMetric(metric, arms.find((arm) => arm.name === name)?.landmarks),
  );
  return able.length > 0 ? able : names;
}

function valueOf(operand: GateOperand, phase: MergedPhase | undefined): number | undefined {
  return phase && measure(operand, phase);
}

/** What an operand comes to in one arm's phase; undefined where it has no samples. */
export function measure(operand: Omit<GateOperand, 'arm'>, phase: MergedPhase): number | undefined {
  const { metric, statistic } = operand;
  if (!statistic) return shareOrRate(metric as ScalarName, phase);
  const histogram = phase.histograms.get(metric as DistributionKey);
  if (!histogram || histogram.count === 0) return undefined;
  switch (statistic.kind) {
    case 'percentile':
      return histogram.percentile(statistic.percent);
    case 'mean':
      return histogram.mean;
    case 'min':
      return histogram.min;
    case 'max':
      return histogram.max;
  }
}

/** A share of nothing is not a share: an arm in which nothing ran has no error rate to pass with. */
function shareOrRate(metric: ScalarName, phase: MergedPhase): number | undefined {
  if (metric === 'errors' && phase.counts.turns_started === 0) return undefined;
  if (metric === 'dropped' && phase.counts.sessions_scheduled === 0) return undefined;
  return phase.scalars.get(metric);
}

function times(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}

function verdictOf(
  measured: number | undefined,
  comparator: Comparator,
  limit: number | undefined,
): GateVerdict {
  if (measured === undefined || limit === undefined) return 'no_data';
  if (Number.isNaN(measured) || Number.isNaN(limit)) return 'no_data';
  const holds = {
    '<': measured < limit,
    '<=': measured <= limit,
    '>': measured > limit,
    '>=': measured >= limit,
  }[comparator];
  return holds ? 'pass' : 'fail';
}

/** Share of the limit that is left, positive where the gate holds; null without a limit to share. */
function marginOf(
  measured: number | undefined,
  comparator: Comparator,
  limit: number | undefined,
): number | null {
  if (measured === undefined || limit === undefined || limit === 0) return null;
  const margin = (limit - measured) / Math.abs(limit);
  const signed = comparator.startsWith('<') ? margin : -margin;
  return Number.isFinite(signed) ? signed + 0 : null;
}
