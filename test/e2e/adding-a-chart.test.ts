/**
 * docs/adding-a-chart.md, followed to the letter: a copy of the project gets the files that the page shows,
 * and nothing else by hand. The list is generated, the contract suite finds the chart there, and a report
 * has it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { followPage } from '../helpers/followed-page.ts';

const page = followPage('docs/adding-a-chart.md');
afterAll(() => page.remove());
beforeAll(() => page.inCopy('npm run generate'), 120_000);

it('takes two files, which the page lists, and edits none', () => {
  expect(page.written).toEqual([
    'src/report/formats/html/charts/first-token-spread.ts',
    'test/unit/report/formats/html/charts/first-token-spread.test.ts',
  ]);
  for (const file of page.written) {
    expect(page.text).toContain(`| \`${file.replace('first-token-spread', '<name>')}\` |`);
  }
  const generated = 'src/report/formats/html/chart-list.ts';
  expect(page.changed()).toEqual([...page.written, generated].sort());
});

it('passes the types, its test and the contract suite', { timeout: 120_000 }, async () => {
  await page.inCopy('node_modules/.bin/tsc --noEmit');
  const { stdout } = await page.inCopy(
    'node_modules/.bin/vitest run --maxWorkers=1 --reporter=json -t first-token-spread|spans ' +
      'test/contract/charts test/unit/report/formats/html/charts',
  );
  const { numPassedTests, numFailedTests } = JSON.parse(
    stdout.slice(stdout.indexOf('{"')),
  ) as Record<string, number>;
  expect(numFailedTests).toBe(0);
  expect(numPassedTests).toBeGreaterThan(14);
});

it('stands in a report, where it says', { timeout: 60_000 }, async () => {
  await page.inCopy(
    'node bin/streamgauge.js report reports/example/result.json --format html --out report.html',
  );
  const html = fs.readFileSync(path.join(page.folder, 'report.html'), 'utf8');
  const section = /<section id="distributions">.*?<\/section>/s.exec(html)![0];
  const figures = [...section.matchAll(/<figure id="([^"]+)"/g)].map(([, id]) => id);
  expect(figures).toEqual(['histogram-ttft', 'histogram-itl', 'first-token-spread']);
});
