/** The numbers most callers want from a result, decoded from its histograms. */
import type { DistributionName, ScalarName } from './metric/catalogue.ts';
import type { Outcome } from './metric/outcome.ts';
import { mergeArm } from './result/merge.ts';
import type { Result } from './result/schema.ts';

/** In the metric's unit. */
export interface MetricSummary {
  n: number;
  mean: number;
  min: number;
  p50: number;
  p90: number;
  p95: number;
  p99: number;
  max: number;
}

export interface ArmSummary {
  name: string;
  /** Landmarks stand among them, by their names. */
  metrics: Partial<Record<DistributionName | (string & {}), MetricSummary>>;
  scalars: Partial<Record<ScalarName, number>>;
  outcomes: Partial<Record<Outcome, number>>;
}

export interface Summary {
  valid: boolean;
  partial: boolean;
  /** The run is valid, and every gate passed. */
  passed: boolean;
  arms: ArmSummary[];
}

/**
 * The numbers of each arm, in each metric's unit (`metrics` names them). Measured phase only; the trials
 * of an arm are merged.
 *
 * @example
 * ```js
 * import { runScenario, summarize } from 'streamgauge';
 *
 * const result = await runScenario({
 *   target: 'mock',
 *   load: { kind: 'closed', sessions: 2, duration: '1s' },
 *   prompt: 'Hello',
 *   max_tokens: 8,
 * });
 * const [arm] = summarize(result).arms;
 * console.log(arm?.metrics.ttft?.p50, arm?.scalars.goodput, arm?.outcomes);
 * ```
 */
export function summarize(result: Result): Summary {
  return {
    valid: result.validity.valid,
    partial: result.partial,
    passed: result.validity.valid && result.gates.every((gate) => gate.verdict === 'pass'),
    arms: result.arms.map((arm) => {
      const merged = mergeArm(arm);
      const metrics: ArmSummary['metrics'] = {};
      for (const [name, histogram] of merged.histograms) {
        metrics[name] = {
          n: histogram.count,
          mean: histogram.mean,
          min: histogram.min,
          p50: histogram.percentile(50),
          p90: histogram.percentile(90),
          p95: histogram.percentile(95),
          p99: histogram.percentile(99),
          max: histogram.max,
        };
      }
      return {
        name: arm.name,
        metrics,
        scalars: Object.fromEntries(merged.scalars),
        outcomes: merged.counts.turn_outcomes,
      };
    }),
  };
}
