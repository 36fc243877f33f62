import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
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

describe('a committed report or recording differs in the lines where it differs', () => {
  const longest = 1000;
  // An encoded histogram is one JSON string, which cannot be broken.
  const unbreakable = /^ *"hdr": "[\w+/=]+",?$/;
  const texts = ['reports', 'test/fixtures'].flatMap((folder) =>
    fs
      .readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name))),
  );

  test.each(texts.filter((name) => !name.startsWith('reports/runs')))('%s', (name) => {
    const lines = fs.readFileSync(path.join(root, name), 'utf8').split('\n');
    const long = lines.filter((line) => line.length > longest && !unbreakable.test(line));
    expect(long.map((line) => line.slice(0, 100))).toEqual([]);
  });
});
