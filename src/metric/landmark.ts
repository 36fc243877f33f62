/**
 * Landmarks: named moments of a turn that a dialect adds to the catalogue of metrics, such as the
 * first source or the whole of a tool call's arguments. A landmark is measured from the moment the
 * turn's request was written, in ms, one sample for each turn that reached it, and less is better.
 * For all the rest it is a metric as any other.
 */
import type { MetricDefinition } from './definition.ts';

export interface LandmarkDefinition {
  /** As gates, reports and CSV have it: `first_source`. */
  name: string;
  /** Heading for people: "First source". */
  title: string;
  /** One sentence: what a user has when it is reached. */
  meaning: string;
  /** The event that reaches it: the end of "request written → …". */
  to: string;
}

declare const isLandmark: unique symbol;
/** The name of a landmark: told apart from other text so that names of metrics stay checked. */
export type LandmarkName = string & { readonly [isLandmark]: true };

/** All landmarks are times. */
export const landmarkUnit = 'ms';

/** Limits of what a dialect or a result file may bring. */
export const landmarkLimits = {
  perDialect: 32,
  nameLength: 64,
  titleLength: 80,
  /** Of `meaning` and of `to`. */
  textLength: 400,
} as const;

/** snake_case, so that a name is one word in a gate, a file name and a column of CSV. */
export const landmarkPattern = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;

/** A landmark as the metric that it is. */
export function landmarkMetric(
  landmark: LandmarkDefinition,
): MetricDefinition & { name: LandmarkName } {
  return {
    name: landmark.name as LandmarkName,
    title: landmark.title,
    unit: landmarkUnit,
    better: 'lower',
    per: 'turn',
    kind: 'distribution',
    formula: `request written → ${landmark.to}`,
    source: 'client, as the dialect reads the stream',
  };
}

/** Whether two definitions of one name mean the same. */
export function sameLandmark(a: LandmarkDefinition, b: LandmarkDefinition): boolean {
  return a.name === b.name && a.title === b.title && a.meaning === b.meaning && a.to === b.to;
}

/**
 * The landmarks of several dialects, each name once.
 *
 * @param sets - those of each dialect.
 * @returns with the names that are not defined alike everywhere; of these the first definition is kept.
 */
export function unitedLandmarks(sets: readonly (readonly LandmarkDefinition[])[]): {
  landmarks: LandmarkDefinition[];
  conflicts: string[];
} {
  const known = new Map<string, LandmarkDefinition>();
  const conflicts = new Set<string>();
  for (const landmark of sets.flat()) {
    const first = known.get(landmark.name);
    if (!first) known.set(landmark.name, landmark);
    else if (!sameLandmark(first, landmark)) conflicts.add(landmark.name);
  }
  return { landmarks: [...known.values()], conflicts: [...conflicts] };
}
