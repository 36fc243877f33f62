import { expect, test } from 'vitest';
import { MetricHistogram } from '../../../../../src/metric/histogram.ts';
import type { DistributionName } from '../../../../../src/metric/catalogue.ts';
import { buildReportModel } from '../../../../../src/report/view/build-report-model.ts';
import { readingTable } from '../../../../../src/report/view/arm-tables/reading-table.ts';
import { renderReport, type ReportFormat } from '../../../../../src/report/registry.ts';
import type { Result } from '../../../../../src/result/schema.ts';
import { sampleResult } from '../../../../helpers/sample-result.ts';

function withReading(stalls: number, values: Partial<Record<DistributionName, number>>): Result {
  const changed = sampleResult();
  for (const { trials } of changed.arms) {
    for (const { measured } of trials) {
      measured.scalars['stalls'] = stalls;
      for (const [name, value] of Object.entries(values)) {
        const histogram = new MetricHistogram(name as DistributionName);
        for (let sample = 0; sample < 1000; sample++) histogram.record(value);
        measured.histograms[name] = histogram.encode();
      }
    }
  }
  return changed;
}

const stalled = withReading(2.5, {
  stall_ratio: 0.125,
  longest_stall: 450,
  time_to_recover: 80,
  fluidity_index: 0.75,
});

test('one line for each arm', () => {
  const table = readingTable(buildReportModel(stalled))!;
  expect(table.title).toBe('Reading, at 100 ms a token');
  expect(table.rows).toHaveLength(stalled.arms.length);
  expect(table.rows[0]!.slice(1)).toEqual([
    '2.50/min',
    '12.5 %',
    '12.5 %',
    '450 ms',
    '80.0 ms',
    '75 %',
  ]);
});

test.each<ReportFormat>(['terminal', 'html', 'markdown'])(
  'is in %s where there were stalls',
  (format) => {
    const textOf = (result: Result): string =>
      renderReport(format, result, { width: 100 })
        .map(({ text }) => text)
        .join('');
    expect(textOf(stalled)).toContain('2.50/min');
    expect(textOf(withReading(0, {}))).not.toContain('Reading, at');
  },
);

test('machine formats hold the metrics by name', () => {
  const [csv] = renderReport('csv', stalled);
  expect(csv!.text).toMatch(/^sse,fluidity_index,ratio,1000,0\.75,/m);
  expect(csv!.text).toMatch(/^sse,stalls,per_minute,1,2\.5,/m);
  const summary = JSON.parse(renderReport('json', stalled)[0]!.text) as {
    arms: { scalars: Record<string, number>; metrics: Record<string, { p95: number }> }[];
  };
  expect(summary.arms[0]!.scalars['stalls']).toBe(2.5);
  expect(summary.arms[0]!.metrics['time_to_recover']!.p95).toBeCloseTo(80, 0);
});
