import { expect, test } from 'vitest';
import { MetricHistogram } from '../../../../../../src/metric/histogram.ts';
import { percentilesChart } from '../../../../../../src/report/formats/html/charts/percentiles.ts';
import type { Figure } from '../../../../../../src/report/formats/html/drawing/figure.ts';
import { buildReportModel } from '../../../../../../src/report/view/build-report-model.ts';
import { sampleArms, sampleResult } from '../../../../../helpers/sample-result.ts';

/** Time to first token of one arm: 1 ms, 2 ms and so on. */
function curveOf(samples: number): Figure {
  const result = sampleResult({ arms: sampleArms.slice(0, 1) });
  const histogram = new MetricHistogram('ttft');
  for (let ms = 1; ms <= samples; ms++) histogram.record(ms);
  result.arms[0]!.trials[0]!.measured.histograms.ttft = histogram.encode();
  return percentilesChart
    .draw(buildReportModel(result))
    .find(({ id }) => id === 'percentiles-ttft')!;
}
const description = ({ pictures }: Figure): string =>
  /<desc[^>]*>([^<]*)/.exec(pictures.join(''))![1]!;

test('lists the percentiles that samples reach', () => {
  const { table } = curveOf(100);
  expect(table.rows).toEqual([
    ['min', '1.00 ms'],
    ['p50', '50.0 ms'],
    ['p90', '90.0 ms'],
    ['p99', '99.0 ms'],
    ['max', '100 ms'],
    ['n', '100'],
  ]);
  expect(description(curveOf(100))).toContain('sse: p50 50.0 ms, p99 99.0 ms, max 100 ms');
});

test('describes no percentile that none of them reaches', () => {
  expect(curveOf(20).table.rows.map(([percentile]) => percentile)).not.toContain('p99');
  expect(description(curveOf(20))).toContain('sse: p50 10.0 ms, max 20.0 ms');
});
