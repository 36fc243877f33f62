/** Gates on landmarks against the arms that they name: which of these can report them. */
import { findMetric, type MetricKey } from '../metric/lookup.ts';
import type { LandmarkDefinition } from '../metric/landmark.ts';
import { armsNamed } from './arms.ts';
import type { GateExpression } from './expression.ts';

/** An arm as far as a gate must know it before it has run. */
export interface GatedArm {
  name: string;
  /** Those that its dialect declares. */
  landmarks: readonly LandmarkDefinition[];
}

/** Operands of a gate on an arm none of whose variants can report the metric. */
export function unreportable(
  gate: GateExpression,
  arms: readonly GatedArm[],
): { arm: string; metric: MetricKey }[] {
  const operands = [gate.left];
  if (gate.right.kind === 'operand') operands.push(gate.right.operand);
  const names = arms.map(({ name }) => name);
  return operands.flatMap(({ arm, metric }) => {
    if (arm === undefined) return [];
    const meant = armsNamed(arm, names);
    const able = arms.some(
      ({ name, landmarks }) => meant.includes(name) && findMetric(metric, landmarks),
    );
    return meant.length === 0 || able ? [] : [{ arm, metric }];
  });
}
