import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { exampleFiles, exampleFolder } from '../../../scripts/example-files.js';
import { compareResults } from '../../../src/report/compare/comparison-model.ts';
import { renderComparison } from '../../../src/report/compare/registry.ts';
import { renderReport, reportFormats } from '../../../src/report/registry.ts';
import { readResult } from '../../../src/result/read.ts';
import { realWorld } from '../../../src/world.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const world = { ...realWorld(), cwd: path.join(root, exampleFolder) };
const files = exampleFiles(
  { renderReport, reportFormats, compareResults, renderComparison },
  readResult('result.json', world),
  readResult('other-result.json', world),
);

// When one of these fails after a wanted change: `npm run examples`, look at the difference, commit.
test.each(Object.keys(files))('%s is what the code writes', (name) => {
  expect(fs.readFileSync(path.join(root, name), 'utf8')).toBe(files[name]);
});

test('no example is left over from a format that is gone', () => {
  const kept = fs
    .readdirSync(path.join(root, exampleFolder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));
  const sources = ['result.json', 'other-result.json'].map((name) => `${exampleFolder}/${name}`);
  expect(kept.sort()).toEqual([...Object.keys(files), ...sources].sort());
});
