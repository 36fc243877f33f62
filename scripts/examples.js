// @ts-check
/**
 * Makes every example report again from the stored results: `npm run examples` (builds first).
 * `--check` writes nothing and fails when one is not as the code would have it.
 */
import fs from 'node:fs';
import path from 'node:path';

import { exampleFiles, exampleFolder } from './example-files.js';

// By a computed path, so that the type check does not need a build first.
const built = (/** @type {string} */ name) =>
  import(new URL(`../dist/src/${name}.js`, import.meta.url).href);
const { reportFormats, renderReport } = await built('report/registry');
const { compareResults } = await built('report/compare/comparison-model');
const { renderComparison } = await built('report/compare/registry');
const { readResult } = await built('result/read');
const { realWorld } = await built('world');

const root = path.resolve(import.meta.dirname, '..');
const checking = process.argv.includes('--check');
const world = { ...realWorld(), cwd: path.join(root, exampleFolder) };
const files = exampleFiles(
  { reportFormats, renderReport, compareResults, renderComparison },
  readResult('result.json', world),
  readResult('other-result.json', world),
);

for (const [name, text] of Object.entries(files)) {
  const file = path.join(root, name);
  if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text) continue;
  if (checking) {
    process.stderr.write(`${name} is not as the code would have it: run "npm run examples"\n`);
    process.exitCode = 1;
  } else {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    process.stdout.write(`wrote ${name}\n`);
  }
}
