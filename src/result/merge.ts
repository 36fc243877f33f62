/**
 * One arm from its trials: counters summed, histograms merged, scalars averaged. Averaging is right
 * for scalars because the trial is the unit of comparison, whatever its length.
 */
import { distributionNames, scalarNames, type ScalarName } from '../metric/catalogue.ts';
import type { LandmarkName } from '../metric/landmark.ts';
import type { DistributionKey } from '../metric/lookup.ts';
import { MetricHistogram } from '../metric/histogram.ts';
import type {
  ArmResult,
  BurstSums,
  Counts,
  FailureSample,
  PhaseResult,
  WasteSums,
} from './schema.ts';

export type PhaseName = 'warmup' | 'measured' | 'cooldown';

export interface MergedPhase {
  /** Summed over trials, s. */
  seconds: number;
  counts: Counts;
  /** Of metrics of the catalogue and, after them, of landmarks, where there are samples. */
  histograms: ReadonlyMap<DistributionKey, MetricHistogram>;
  scalars: ReadonlyMap<ScalarName, number>;
  bursts: BurstSums;
  /** Undefined where no trial has any. */
  waste: WasteSums | undefined;
}

/** Bursts of nothing. */
export function noBursts(): BurstSums {
  return { count: 0, events: 0, bytes: 0, bytes_squared: 0, ms: 0, ms_squared: 0, at_once: 0 };
}

function mergeWaste(parts: readonly PhaseResult[]): WasteSums | undefined {
  let merged: WasteSums | undefined;
  for (const { waste } of parts) {
    if (!waste) continue;
    if (!merged) {
      merged = { ...waste };
      continue;
    }
    // All trials of an arm ask the same target, so the method differs only where one had nothing to ask.
    if (merged.method === 'none') merged.method = waste.method;
    merged.left += waste.left;
    merged.measured += waste.measured;
    merged.still_running += waste.still_running;
    merged.wasted_tokens += waste.wasted_tokens;
    merged.had_tokens += waste.had_tokens;
    merged.overflows += waste.overflows;
  }
  return merged;
}

/** Counters of nothing. */
export function emptyCounts(): Counts {
  return {
    sessions_scheduled: 0,
    sessions_started: 0,
    sessions_dropped: 0,
    sessions_waited: 0,
    sessions_completed: 0,
    sessions_good: 0,
    session_outcomes: {},
    turns_started: 0,
    turn_outcomes: {},
    events: 0,
    token_events: 0,
    output_tokens: 0,
    tokens_from_usage: 0,
    reads: 0,
    bytes: 0,
    connections: 0,
    tool_results_skipped: 0,
  };
}

/** Sum of counters, outcome by outcome. */
function addCounts(into: Counts, from: Counts): void {
  for (const key of Object.keys(from) as (keyof Counts)[]) {
    if (key === 'session_outcomes' || key === 'turn_outcomes') {
      const sums = into[key] as Record<string, number>;
      for (const [outcome, count] of Object.entries(from[key])) {
        sums[outcome] = (sums[outcome] ?? 0) + (count ?? 0);
      }
    } else {
      into[key] += from[key];
    }
  }
}

/** The decoded histogram of one metric, undefined where the phase has none. */
export function histogramOf(
  phase: PhaseResult,
  metric: DistributionKey,
): MetricHistogram | undefined {
  const encoded = phase.histograms[metric];
  return encoded ? MetricHistogram.decode(metric, encoded) : undefined;
}

/** Merges histograms of one metric; undefined where none has samples. */
function mergeHistograms(
  metric: DistributionKey,
  parts: readonly PhaseResult[],
): MetricHistogram | undefined {
  let merged: MetricHistogram | undefined;
  for (const part of parts) {
    const histogram = histogramOf(part, metric);
    if (!histogram || histogram.count === 0) continue;
    if (merged) merged.add(histogram);
    else merged = histogram;
  }
  return merged;
}

/** One phase of an arm over all of its trials. */
export function mergeArm(arm: ArmResult, name: PhaseName = 'measured'): MergedPhase {
  const phases = arm.trials.map((trial) => trial[name]);
  const counts = emptyCounts();
  const bursts = noBursts();
  let seconds = 0;
  for (const phase of phases) {
    seconds += phase.seconds;
    for (const key of Object.keys(bursts) as (keyof BurstSums)[]) {
      bursts[key] += phase.bursts?.[key] ?? 0;
    }
    addCounts(counts, phase.counts);
  }
  const histograms = new Map<DistributionKey, MetricHistogram>();
  const landmarks = (arm.landmarks ?? []).map(({ name }) => name as LandmarkName);
  for (const metric of [...distributionNames, ...landmarks]) {
    const merged = mergeHistograms(metric, phases);
    if (merged) histograms.set(metric, merged);
  }
  const scalars = new Map<ScalarName, number>();
  for (const metric of scalarNames) {
    const values = phases
      .map((phase) => phase.scalars[metric])
      .filter((value): value is number => value !== undefined);
    if (values.length > 0) {
      scalars.set(metric, values.reduce((sum, value) => sum + value, 0) / values.length);
    }
  }
  return { seconds, counts, histograms, scalars, bursts, waste: mergeWaste(phases) };
}

/** Failure details of all trials together, most frequent first. */
export function mergeFailures(arm: ArmResult): FailureSample[] {
  const merged = new Map<string, FailureSample>();
  for (const trial of arm.trials) {
    for (const failure of trial.failures) {
      const key = `${failure.outcome}\n${failure.detail}`;
      const known = merged.get(key);
      if (known) known.count += failure.count;
      else merged.set(key, { ...failure });
    }
  }
  return [...merged.values()].sort((a, b) => b.count - a.count);
}
