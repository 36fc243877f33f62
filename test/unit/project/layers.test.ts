/**
 * The one-way rule is held by the linter. A rule that matches nothing would look just like code
 * that keeps it, so every import that the table forbids is planted here, and must be found.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterAll, expect, it } from 'vitest';

import { frontDoor, layerRules, layers } from '../../../scripts/layers.js';

const root = path.resolve(import.meta.dirname, '../../..');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'streamgauge-layers-'));
afterAll(() => fs.rmSync(work, { recursive: true }));

const baseFile = 'src/base.ts';
const slug = (file: string): string => file.replaceAll(/[/.]/g, '_');

/** One file in `folder` that imports `target` and nothing else. */
function plant(folder: string, target: string): string {
  const file = `${folder}/imports_${slug(target)}.ts`;
  const from = path.relative(folder, target);
  write(
    file,
    `import { x } from '${from.startsWith('.') ? from : `./${from}`}';\nexport const y = x;\n`,
  );
  return file;
}

function write(file: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(work, file)), { recursive: true });
  fs.writeFileSync(path.join(work, file), text);
}

/** Files of the temporary tree that the linter reports for what they import. */
function offenders(): string[] {
  const oxlint = path.join(root, 'node_modules/oxlint/bin/oxlint');
  let output: string;
  try {
    output = execFileSync(process.execPath, [oxlint, '--format', 'json'], {
      cwd: work,
      encoding: 'utf8',
    });
  } catch (error) {
    output = (error as { stdout: string }).stdout;
  }
  const { diagnostics } = JSON.parse(output) as {
    diagnostics: { code: string; filename: string }[];
  };
  return diagnostics
    .filter(({ code }) => code.includes('no-restricted-imports'))
    .map(({ filename }) => filename)
    .toSorted();
}

it('reports each import that the table forbids, and no other', () => {
  for (const name of ['.oxlintrc.json', '.oxlint-layers.json']) {
    fs.copyFileSync(path.join(root, name), path.join(work, name));
  }
  write(baseFile, 'export const x = 1;\n');
  for (const file of frontDoor) write(file, "export * from './engine/part.ts';\n");
  const folders = Object.keys(layers);
  for (const folder of folders) write(`${folder}/part.ts`, 'export const x = 1;\n');

  const forbidden: string[] = [];
  for (const [importer, allowed] of Object.entries(layers)) {
    // Where the importing file lies deep in its folder, the rule must hold all the same.
    for (const folder of [importer, `${importer}/deep/er`]) {
      plant(folder, baseFile);
      plant(folder, `${importer}/part.ts`);
      forbidden.push(...frontDoor.map((file) => plant(folder, file)));
      for (const target of folders.filter((name) => name !== importer)) {
        const file = plant(folder, `${target}/part.ts`);
        if (!allowed.includes(target)) forbidden.push(file);
      }
    }
  }
  for (const target of [...frontDoor, ...folders.map((folder) => `${folder}/part.ts`)]) {
    forbidden.push(plant('src', target));
  }
  // The mock server has an index.ts of its own, which its files may import.
  write('mock-server/index.ts', 'export const x = 1;\n');
  plant('mock-server', 'mock-server/index.ts');
  plant('mock-server/deep', 'mock-server/index.ts');
  plant('src/engine', 'mock-server/index.ts');

  expect(offenders()).toEqual(forbidden.toSorted());
});

it('is generated from the table as it stands', () => {
  const committed: unknown = JSON.parse(
    fs.readFileSync(path.join(root, '.oxlint-layers.json'), 'utf8'),
  );
  expect(committed).toEqual(layerRules());
});
