// @ts-check
import fs from 'node:fs';
import path from 'node:path';

import { clockOwners, restrictedImports, withClock, withoutClock } from './clock.js';

/**
 * The one-way rule: which folder may import which. `npm run generate` turns this table into lint
 * rules (.oxlint-layers.json). test/unit/project/layers.test.ts plants imports that break them, and
 * finds allowances that no file needs.
 *
 * A folder may import the base files (the .ts files directly in src/, the front door excepted),
 * itself, and the folders named after it. Each of those has its row further up, so that no chain of
 * imports leads back. `FOLDER/*` stands for each folder or file in FOLDER that has no row: siblings, which
 * do not import one another. Tests, benchmarks and scripts may import anything.
 */

/** @typedef {Readonly<Record<string, readonly string[]>>} LayerTable */

/** @type {LayerTable} */
export const layers = {
  'src/process': [],
  'src/random': [],
  'src/settings': ['src/random'],
  'src/timer': [],
  'src/format': [],
  'src/metric': [],
  'src/wire': [],
  'src/transport': ['src/timer', 'src/wire'],
  'src/dialect': ['src/metric', 'src/wire', 'src/transport'],
  'src/contract': ['src/metric', 'src/wire', 'src/transport', 'src/dialect'],
  'src/fault': ['src/process', 'src/settings', 'src/random', 'src/timer', 'src/wire'],
  'src/proxy': ['src/process', 'src/settings', 'src/timer', 'src/wire'],
  'src/load': ['src/settings', 'src/random'],
  'src/result': ['src/settings', 'src/metric'],
  'src/gate': ['src/settings', 'src/metric', 'src/result'],
  'src/validity': ['src/metric', 'src/result'],
  'mock-server/settings': ['src/settings', 'src/random'],
  'mock-server/timing': ['mock-server/settings', 'src/random', 'src/timer'],
  'mock-server/truth': ['mock-server/timing'],
  'mock-server/http': [
    'mock-server/settings',
    'mock-server/timing',
    'mock-server/truth',
    'src/settings',
    'src/random',
    'src/timer',
  ],
  'mock-server/resume': [
    'mock-server/settings',
    'mock-server/timing',
    'mock-server/truth',
    'mock-server/http',
    'src/timer',
  ],
  // One folder or file for each API.
  'mock-server/apis/*': [
    'mock-server/timing',
    'mock-server/truth',
    'mock-server/http',
    'mock-server/resume',
    'src/random',
    'src/timer',
  ],
  // The files directly in it: what the other parts of the project start and ask.
  'mock-server': [
    'src/process',
    'mock-server/settings',
    'mock-server/truth',
    'mock-server/http',
    'mock-server/apis/*',
    'src/timer',
    'src/wire',
  ],
  'src/scenario': [
    'src/metric',
    'src/settings',
    'src/transport',
    'src/dialect',
    'src/fault',
    'src/proxy',
    'src/load',
    'src/gate',
    'src/random',
    'mock-server/settings',
  ],
  'src/session': [
    'src/metric',
    'src/transport',
    'src/dialect',
    'src/scenario',
    'src/random',
    'src/timer',
  ],
  'src/diagnose': [
    'src/settings',
    'src/transport',
    'src/dialect',
    'src/random',
    'src/timer',
    'src/format',
    'src/wire',
  ],
  'src/report': [
    'src/metric',
    'src/result',
    'src/gate',
    'src/validity',
    'src/format',
    'src/diagnose',
  ],
  'src/engine': [
    'src/process',
    'src/wire',
    'src/metric',
    'src/transport',
    'src/dialect',
    'src/fault',
    'src/proxy',
    'src/load',
    'src/result',
    'src/gate',
    'src/scenario',
    'src/session',
    'src/validity',
    'src/random',
    'src/timer',
    'mock-server',
  ],
  'src/cli': [
    'src/settings',
    'src/wire',
    'src/dialect',
    'src/fault',
    'src/result',
    'src/gate',
    'src/scenario',
    'src/format',
    'src/report',
    'src/engine',
    'src/diagnose',
    'mock-server',
    'mock-server/settings',
  ],
};

/** What users of the library import: made of everything, imported by nothing inside. */
export const frontDoor = ['src/index.ts', 'src/library.ts', 'src/summary.ts'];

/** Whose rows are about the files directly in it alone: its folders have separate rows. */
export const flatFolders = ['mock-server'];

const root = path.resolve(import.meta.dirname, '..');
const see = "see ARCHITECTURE.md, 'Dependencies run one way'";

/**
 * The table with each row `FOLDER/*` replaced by one row for each member that it stands for.
 *
 * @param {LayerTable} [table]
 * @param {(folder: string) => readonly string[]} [membersIn]
 * @returns {LayerTable}
 * @throws Error where a row allows a folder that has no row further up
 */
export function expandLayers(table = layers, membersIn = membersOnDisk) {
  /** @param {string} name */
  const expand = (name) => {
    if (!name.endsWith('/*')) return [name];
    return membersIn(name.slice(0, -2)).filter((folder) => !(folder in table));
  };
  /** @type {Record<string, readonly string[]>} */
  const expanded = {};
  for (const [name, allowed] of Object.entries(table)) {
    const targets = allowed.flatMap(expand);
    for (const target of targets) {
      if (target in expanded) continue;
      throw new Error(`${name} may import only folders above it, not ${target}`);
    }
    // Siblings are written after all of them were looked at: they are not above one another.
    Object.assign(expanded, Object.fromEntries(expand(name).map((folder) => [folder, targets])));
  }
  return expanded;
}

/** @param {string} folder */
function membersOnDisk(folder) {
  return fs
    .readdirSync(path.join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || entry.name.endsWith('.ts'))
    .map((entry) => `${folder}/${entry.name}`)
    .sort();
}

/** @param {string} name */
const isFile = (name) => name.endsWith('.ts');
/** @param {string} name */
const isFlat = (name) => name === 'src' || flatFolders.includes(name);

/**
 * How files of a folder name others in an import, as a regular expression of the import's path.
 *
 * @param {string} importer - a folder of the table, or 'src' for the base files
 * @param {readonly string[]} targets - folders of the table, or files
 */
export function importPattern(importer, targets) {
  // From a flat folder others may lie next to the file; below another the way leads up first.
  const up = isFlat(importer) || isFile(importer) ? String.raw`\.\.?/` : String.raw`\.\./`;
  const names = targets.flatMap((target) => namesOf(importer, target));
  return `^(?:${up})+(?:${names.join('|').replaceAll('.', String.raw`\.`)})`;
}

/**
 * What stands behind the dots where `importer` imports `target`.
 *
 * @param {string} importer
 * @param {string} target
 * @returns {string[]}
 */
function namesOf(importer, target) {
  const name = beyondCommon(importer, target);
  if (isFile(target)) return [`${name}$`];
  if (!flatFolders.includes(target)) return [`${name}/`];
  return fs
    .readdirSync(path.join(root, target))
    .filter(isFile)
    .map((file) => `${beyondCommon(importer, `${target}/${file}`)}$`);
}

/**
 * A target's path from the folder that it and the importer have in common.
 *
 * @param {string} importer
 * @param {string} target
 */
function beyondCommon(importer, target) {
  const from = importer.split('/');
  const to = target.split('/');
  let common = 0;
  while (common < to.length - 1 && from[common] === to[common]) common++;
  return to.slice(common).join('/');
}

/**
 * Files whose imports a row is about.
 *
 * @param {string} folder
 */
export function filesOf(folder) {
  if (isFile(folder)) return folder;
  return isFlat(folder) ? `${folder}/*.ts` : `${folder}/**`;
}

/**
 * What a folder must not import, and why; `src` stands for the base files.
 *
 * @param {string} importer
 * @param {LayerTable} rows
 * @returns {import('./clock.js').Restriction}
 */
function forbiddenTo(importer, rows) {
  const allowed = rows[importer];
  const others = Object.keys(rows).filter(
    (folder) => folder !== importer && !allowed?.includes(folder),
  );
  const message = allowed
    ? `${importer} may import only ${['base files', ...allowed].join(', ')}`
    : 'base files import nothing of the project but each other';
  return {
    regex: importPattern(importer, [...others, ...frontDoor]),
    message: `${message}; ${see}`,
  };
}

/**
 * The lint configuration that holds the table, and keeps the clock to those who own it. It is one
 * configuration because both need `no-restricted-imports`.
 */
export function layerRules() {
  const rows = expandLayers();
  const folders = Object.keys(rows);
  return {
    overrides: [
      withoutClock,
      ...['src', ...folders].map((importer) => ({
        files: [filesOf(importer)],
        rules: restrictedImports(forbiddenTo(importer, rows), false),
      })),
      { files: frontDoor, rules: restrictedImports(undefined, false) },
      ...clockOwners.map(({ files }) => {
        const importer = folders.find((folder) => files.startsWith(`${folder}/`)) ?? 'src';
        const imports = restrictedImports(forbiddenTo(importer, rows), true);
        return { files: [files], rules: { ...withClock, ...imports } };
      }),
    ],
  };
}
