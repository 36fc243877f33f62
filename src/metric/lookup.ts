/**
 * Finds a metric by its name, be it one of the catalogue or a landmark. Which landmarks there are
 * depends on the dialects of a plan, or on the result file that is read: code that looks up a name that
 * may be one hands them in.
 */
import { metrics, type DistributionName, type MetricName } from './catalogue.ts';
import type { MetricDefinition, MetricUnit } from './definition.ts';
import {
  landmarkMetric,
  landmarkUnit,
  type LandmarkDefinition,
  type LandmarkName,
} from './landmark.ts';

/** Whatever has a definition. */
export type MetricKey = MetricName | LandmarkName;
/** Whatever has a histogram. */
export type DistributionKey = DistributionName | LandmarkName;
export type KnownMetric = MetricDefinition & { name: MetricKey };

const catalogue = new Map<string, KnownMetric>(metrics.map((metric) => [metric.name, metric]));
const noLandmarks: readonly LandmarkDefinition[] = [];

/** @param landmarks - of the dialects, or of the result, that the name is looked up for. */
export function findMetric(name: string, landmarks = noLandmarks): KnownMetric | undefined {
  const known = catalogue.get(name);
  if (known) return known;
  const landmark = landmarks.find((candidate) => candidate.name === name);
  return landmark && landmarkMetric(landmark);
}

/**
 * As {@link findMetric}, for a name that is known to be there.
 *
 * @throws RangeError for a landmark that is not among those given.
 */
export function metricOf(name: MetricKey, landmarks = noLandmarks): KnownMetric {
  const metric = findMetric(name, landmarks);
  if (metric) return metric;
  throw new RangeError(`no metric and none of the landmarks here is called ${name}`);
}

/** The unit of a metric; landmarks need no definition for it, since all of them are times. */
export function unitOf(name: MetricKey): MetricUnit {
  return catalogue.get(name)?.unit ?? landmarkUnit;
}

/** Every name that a gate may use, with the landmarks given: those of the catalogue first. */
export function metricNames(landmarks = noLandmarks): string[] {
  return [...catalogue.keys(), ...landmarks.map((landmark) => landmark.name)];
}
