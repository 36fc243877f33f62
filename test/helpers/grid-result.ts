/** A result of a matrix with chosen values in every cell, made from one arm of the sample. */
import type { DistributionName, ScalarName } from '../../src/metric/catalogue.ts';
import { MetricHistogram } from '../../src/metric/histogram.ts';
import type { ArmResult, Result } from '../../src/result/schema.ts';
import { sampleArms, sampleResult } from './sample-result.ts';

export interface GridOptions {
  bases?: readonly string[];
  /** Values by path. */
  axes: Readonly<Record<string, readonly string[]>>;
  /** Samples of each distribution; 400 are enough for an unmarked p95. */
  samples?: number;
  /** What a cell measured; every sample of a distribution has that value. */
  values(
    base: string,
    cell: readonly string[],
  ): Partial<Record<DistributionName | 'stalls', number>> | undefined;
}

const [first] = sampleResult({ arms: sampleArms.slice(0, 1) }).arms;

/** Arms in the order of a run: all of a cell before the next cell. Undefined values: no such arm. */
export function gridResult(options: GridOptions): Result {
  const paths = Object.keys(options.axes);
  let cells: string[][] = [[]];
  for (const path of paths) {
    cells = cells.flatMap((cell) => options.axes[path]!.map((value) => [...cell, value]));
  }
  const arms = cells.flatMap((cell) =>
    (options.bases ?? ['sse', 'websocket']).flatMap((base): ArmResult[] => {
      const values = options.values(base, cell);
      if (!values) return [];
      const arm = structuredClone(first!);
      const labels = paths.map((path, index) => `${path.split('.').at(-1)}=${cell[index]}`);
      const { measured } = arm.trials[0]!;
      for (const [name, value] of Object.entries(values)) {
        if (name === 'stalls') {
          measured.scalars[name as ScalarName] = value;
          continue;
        }
        const histogram = new MetricHistogram(name as DistributionName);
        for (let sample = 0; sample < (options.samples ?? 400); sample++) histogram.record(value);
        measured.histograms[name] = histogram.encode();
      }
      return [
        {
          ...arm,
          name: `${base} @ ${labels.join(', ')}`,
          cell: {
            base,
            values: Object.fromEntries(paths.map((path, index) => [path, cell[index]!])),
          },
        },
      ];
    }),
  );
  return { ...sampleResult({ arms: sampleArms.slice(0, 1) }), gates: [], arms };
}
