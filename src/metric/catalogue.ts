/**
 * Every metric that does not depend on an API, once. Docs, reports, gates, CSV columns and `schema`
 * are generated from here. Moments that an API adds are landmarks, which its dialect declares
 * (`landmark.ts`); `lookup.ts` finds either by its name.
 */
import { continuityDefinitions } from './continuity-definitions.ts';
import type { MetricDefinition } from './definition.ts';
import { distributionDefinitions } from './distribution-definitions.ts';
import { scalarDefinitions } from './scalar-definitions.ts';

/** In the order of reports. */
const definitions = [
  ...distributionDefinitions,
  ...scalarDefinitions,
  ...continuityDefinitions,
] as const;

export type MetricName = (typeof definitions)[number]['name'];
export type DistributionName = Extract<
  (typeof definitions)[number],
  { kind: 'distribution' }
>['name'];
export type ScalarName = Extract<(typeof definitions)[number], { kind: 'scalar' }>['name'];

/**
 * Every metric that all APIs have: what a result, a report, a gate and a CSV column may name, in addition to the
 * landmarks of the dialects (`landmarks` of an arm in a result).
 *
 * @example
 * ```js
 * import { metrics } from 'streamgauge';
 *
 * for (const { name, unit, formula } of metrics) console.log(name, unit, formula);
 * ```
 */
export const metrics: readonly (MetricDefinition & { name: MetricName })[] = definitions;

export const distributionNames = definitions
  .filter((definition) => definition.kind === 'distribution')
  .map((definition) => definition.name) as readonly DistributionName[];

export const scalarNames = definitions
  .filter((definition) => definition.kind === 'scalar')
  .map((definition) => definition.name) as readonly ScalarName[];
