/** Every chart of the list, held to the contract on the ordinary sample or on a separate one. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { htmlCharts } from '../../../src/report/formats/html/chart-list.ts';
import { buildReportModel } from '../../../src/report/view/build-report-model.ts';
import { chartContract } from '../suites/chart-suite.ts';
import { sampleResult } from '../../helpers/sample-result.ts';

const shown = sampleResult();
const changed = sampleResult({ seed: 'other numbers' });
const model = buildReportModel(shown);
const [drawn, others] = [
  htmlCharts.filter((chart) => chart.draw(model).length > 0),
  htmlCharts.filter((chart) => chart.draw(model).length === 0),
];

for (const chart of drawn) chartContract(chart, { shown, changed });

describe('the list of charts', () => {
  test.each(htmlCharts.map(({ id }) => id))('%s has the name of its file', (id) => {
    const folder = path.resolve(import.meta.dirname, '../../../src/report/formats/html/charts');
    expect(
      fs.existsSync(path.join(folder, `${id}.ts`)) || fs.existsSync(path.join(folder, id)),
    ).toBe(true);
  });

  test('gives no two charts one place', () => {
    const places = htmlCharts.map(({ section, order }) => `${section} ${order}`);
    expect(new Set(places).size).toBe(places.length);
  });

  // Where a chart shows nothing of the ordinary sample, it must be held to the contract on another.
  test.each(others.map(({ id }) => id))('%s has a separate sample', (id) => {
    const file = path.join(import.meta.dirname, `${id}.test.ts`);
    expect(fs.readFileSync(file, 'utf8')).toContain('chartContract(');
  });
});
