/**
 * The one-way rule is held by the linter. A rule that matches nothing would look just like code
 * that keeps it, so every import that the table forbids is planted here, and must be found.
 */
import fs from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  expandLayers,
  filesOf,
  flatFolders,
  frontDoor,
  importPattern,
  layerRules,
  layers,
} from '../../../scripts/layers.js';
import { lint, offenders, PlantedFiles } from '../../helpers/planted-files.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const rule = 'no-restricted-imports';
const rows = expandLayers();
const folders = Object.keys(rows);

describe('a planted import', () => {
  let planted: PlantedFiles;
  beforeAll(() => (planted = new PlantedFiles()));
  afterAll(() => planted.remove());

  const baseFile = 'src/base.ts';
  /** A file of each folder that others may want; of the flat ones, one that really is there. */
  const partOf = (folder: string): string => {
    if (folder.endsWith('.ts')) return folder;
    return flatFolders.includes(folder) ? `${folder}/index.ts` : `${folder}/part.ts`;
  };
  const slug = (file: string): string => file.replaceAll(/[/.]/g, '_');

  /** One file in `folder` that imports `target` and nothing else. */
  function plant(folder: string, target: string): string {
    const file = `${folder}/imports_${slug(target)}.ts`;
    const from = path.relative(folder, target);
    const specifier = from.startsWith('.') ? from : `./${from}`;
    planted.write(file, `import { x } from '${specifier}';\nexport const y = x;\n`);
    return file;
  }

  it('is reported where the table forbids it, and nowhere else', () => {
    planted.write(baseFile, 'export const x = 1;\n');
    for (const file of frontDoor) planted.write(file, "export * from './engine/part.ts';\n");
    for (const folder of folders) planted.write(partOf(folder), 'export const x = 1;\n');

    const forbidden: string[] = [];
    for (const [importer, allowed] of Object.entries(rows)) {
      // Where the importing file lies deep in its folder, the rule must hold anyway.
      const depths = flatFolders.includes(importer)
        ? [importer]
        : [importer, `${importer}/deep/er`];
      for (const folder of depths) {
        plant(folder, baseFile);
        plant(folder, partOf(importer));
        forbidden.push(...frontDoor.map((file) => plant(folder, file)));
        for (const target of folders.filter((name) => name !== importer)) {
          const file = plant(folder, partOf(target));
          if (!allowed.includes(target)) forbidden.push(file);
        }
      }
    }
    for (const target of [...frontDoor, ...folders.map(partOf)]) {
      forbidden.push(plant('src', target));
    }

    expect(offenders(lint(planted.root), rule)).toEqual(forbidden.toSorted());
  });
});

describe('the table', () => {
  it('is what the linter is given', () => {
    const committed: unknown = JSON.parse(
      fs.readFileSync(path.join(root, '.oxlint-layers.json'), 'utf8'),
    );
    expect(committed).toEqual(layerRules());
  });

  it('has a row for every folder', () => {
    const onDisk = ['src', 'mock-server'].flatMap((top) =>
      fs
        .readdirSync(path.join(root, top), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => `${top}/${entry.name}`),
    );
    const rowless = onDisk.filter(
      (folder) => !folders.some((row) => row === folder || row.startsWith(`${folder}/`)),
    );
    expect(rowless).toEqual([]);
    expect(folders.filter((row) => !fs.existsSync(path.join(root, row)))).toEqual([]);
  });

  it('allows nothing that no file uses', () => {
    expect(unusedAllowances(layers, root)).toEqual([]);
  });

  it('would have an unused allowance found', () => {
    const table = { ...layers, 'src/metric': ['src/random'] };
    expect(unusedAllowances(table, root)).toEqual(['src/metric → src/random']);
  });

  it('may allow only folders further up', () => {
    const membersIn = (): string[] => ['apis/chat', 'apis/realtime'];
    expect(() => expandLayers({ a: ['b'], b: [] }, membersIn)).toThrow('a may import only folders');
    expect(() => expandLayers({ 'apis/*': ['apis/chat'] }, membersIn)).toThrow('apis/chat');
    expect(expandLayers({ a: [], 'apis/*': ['a'], b: ['apis/*'] }, membersIn)).toEqual({
      a: [],
      'apis/chat': ['a'],
      'apis/realtime': ['a'],
      b: ['apis/chat', 'apis/realtime'],
    });
  });
});

/** Allowances of a table that no file of the project makes use of. The linter finds those that are. */
function unusedAllowances(table: typeof layers, directory: string): string[] {
  const used = new Set<string>();
  const planted = new PlantedFiles();
  try {
    // One rule that forbids everything, so that each import between folders is reported once.
    const config = path.join(planted.root, 'uses.json');
    const overrides = folders.map((importer) => ({
      // A configuration's globs start where it lies.
      files: [`**/${filesOf(importer)}`],
      rules: {
        [rule]: [
          'error',
          {
            patterns: folders
              .filter((target) => target !== importer)
              .map((target) => ({
                regex: importPattern(importer, [target]),
                message: `${importer} → ${target}`,
              })),
          },
        ],
      },
    }));
    planted.write('uses.json', JSON.stringify({ categories: { correctness: 'off' }, overrides }));
    for (const { code, help } of lint(directory, config)) {
      if (code.includes(rule) && help !== undefined) used.add(help);
    }
  } finally {
    planted.remove();
  }
  return Object.entries(table).flatMap(([importer, allowed]) =>
    allowed
      .filter((target) => !foldersOf(importer).some((from) => uses(from, target, used)))
      .map((target) => `${importer} → ${target}`),
  );
}

function uses(from: string, target: string, used: ReadonlySet<string>): boolean {
  return foldersOf(target).some((to) => used.has(`${from} → ${to}`));
}

/** The folders that a name of the table stands for. */
function foldersOf(name: string): string[] {
  if (!name.endsWith('/*')) return [name];
  return folders.filter((folder) => folder.startsWith(name.slice(0, -1)) && !(folder in layers));
}
