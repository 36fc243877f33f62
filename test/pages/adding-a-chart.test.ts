/**
 * docs/adding-a-chart.md, followed to the letter: a copy of the project gets the files that the page shows,
 * and nothing else by hand. The list is generated, the contract suite finds the chart there, and a report
 * has it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ScratchCopy } from './helpers/scratch-copy.ts';

const pageName = 'docs/adding-a-chart.md';
const page = fs.readFileSync(path.resolve(import.meta.dirname, '../..', pageName), 'utf8');
const copy = new ScratchCopy();
let written: string[];

beforeAll(async () => {
  written = copy.writeCodeOf(pageName);
  await copy.run('npm', 'run', 'generate');
});

afterAll(() => copy.remove());

it('takes two files, which the page lists, and edits none', () => {
  expect(written).toEqual([
    'src/report/formats/html/charts/first-token-spread.ts',
    'test/unit/report/formats/html/charts/first-token-spread.test.ts',
  ]);
  for (const file of written) {
    expect(page).toContain(`| \`${file.replace('first-token-spread', '<name>')}\` |`);
  }
  const generated = 'src/report/formats/html/chart-list.ts';
  expect(copy.changes()).toEqual({ changed: [...written, generated].sort(), gone: [] });
});

it('passes the types, its test and the contract suite', async () => {
  await copy.run('node_modules/.bin/tsc', '--noEmit');
  const suites = ['test/contract/charts', 'test/unit/report/formats/html/charts'];
  expect(await copy.passedTests('first-token-spread|spans', ...suites)).toBeGreaterThan(14);
});

it('stands in a report, where it says', async () => {
  const result = 'reports/example/result.json';
  const program = ['bin/streamgauge.js', 'report', result, '--format', 'html'];
  await copy.run(process.execPath, ...program, '--out', 'report.html');
  const section = /<section id="distributions">.*?<\/section>/s.exec(copy.read('report.html'))![0];
  const figures = [...section.matchAll(/<figure id="([^"]+)"/g)].map(([, id]) => id);
  expect(figures).toEqual(['histogram-ttft', 'histogram-itl', 'first-token-spread']);
});
