// @ts-check
import { clockOwners, restrictedImports, withClock, withoutClock } from './clock.js';

/**
 * The one-way rule: which folder may import which. `npm run generate` turns this table into lint
 * rules (.oxlint-layers.json) and test/unit/project/layers.test.ts plants imports that break them.
 *
 * A folder may import the base files (the .ts files directly in src/, the front door excepted),
 * itself, and the folders named after it. Each of those has a row of its own further up, so that no chain of
 * imports leads back. Tests, benchmarks and scripts may import anything.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const layers = {
  'src/process': [],
  'src/random': [],
  'src/settings': ['src/random'],
  'src/timer': [],
  'src/format': [],
  'src/metric': [],
  'src/wire': [],
  'src/transport': ['src/wire'],
  'src/dialect': ['src/wire', 'src/transport'],
  'src/contract': ['src/wire', 'src/transport', 'src/dialect'],
  'src/fault': ['src/process', 'src/settings', 'src/random', 'src/timer', 'src/wire'],
  'src/proxy': ['src/process', 'src/settings', 'src/random', 'src/timer', 'src/wire'],
  'src/load': ['src/settings', 'src/random'],
  'src/result': ['src/settings', 'src/metric'],
  'src/gate': ['src/settings', 'src/metric', 'src/result'],
  'src/validity': ['src/metric', 'src/result'],
  'mock-server': ['src/process', 'src/settings', 'src/random', 'src/timer', 'src/wire'],
  'src/scenario': [
    'src/settings',
    'src/metric',
    'src/transport',
    'src/dialect',
    'src/fault',
    'src/proxy',
    'src/load',
    'src/gate',
    'src/random',
    'mock-server',
  ],
  'src/session': [
    'src/metric',
    'src/transport',
    'src/dialect',
    'src/load',
    'src/scenario',
    'src/random',
    'src/timer',
  ],
  'src/diagnose': [
    'src/settings',
    'src/metric',
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
    'src/settings',
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
    'src/format',
    'mock-server',
  ],
  'src/cli': [
    'src/settings',
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
    'src/format',
    'src/report',
    'src/engine',
    'src/diagnose',
    'mock-server',
  ],
};

const folders = Object.keys(layers);
/** What users of the library import: made of everything, imported by nothing inside. */
export const frontDoor = ['src/index.ts', 'src/library.ts', 'src/summary.ts'];

/**
 * How an import names a file of the front door.
 *
 * @param {readonly string[]} ways - what comes before the file's name
 */
function frontDoorBy(ways) {
  return frontDoor.flatMap((file) => ways.map((way) => file.replace('src/', way)));
}

/** From up to two folders below a layer's own. */
const waysFromLayers = ['../', '../../', '../../../'];
const see = "see ARCHITECTURE.md, 'Dependencies run one way'";

/**
 * How an import names a folder: by its path's end within src/, by its whole path from elsewhere.
 *
 * @param {string} folder
 * @param {string} importer
 */
function patternsFor(folder, importer) {
  const name = folder.replace('src/', '');
  return importer === 'mock-server' ? `**/src/${name}/**` : `**/${name}/**`;
}

/**
 * What a folder must not import, and why; `src` stands for the base files.
 *
 * @param {string} importer
 * @returns {[forbidden: string[], message: string]}
 */
function forbiddenTo(importer) {
  const allowed = layers[importer];
  if (!allowed) {
    return [
      [...folders.map((folder) => patternsFor(folder, 'src')), ...frontDoorBy(['./'])],
      `base files import nothing of the project but each other; ${see}`,
    ];
  }
  return [
    [
      ...folders
        .filter((folder) => folder !== importer && !allowed.includes(folder))
        .map((folder) => patternsFor(folder, importer)),
      ...frontDoorBy(importer === 'mock-server' ? ['**/src/'] : waysFromLayers),
    ],
    `${importer} may import only ${['base files', ...allowed].join(', ')}; ${see}`,
  ];
}

/**
 * The lint configuration that holds the table, and keeps the clock to those who own it. It is one
 * configuration because both need `no-restricted-imports`.
 */
export function layerRules() {
  for (const [row, [folder, allowed]] of Object.entries(layers).entries()) {
    for (const name of allowed) {
      if (folders.indexOf(name) >= row || !folders.includes(name)) {
        throw new Error(`${folder} may import only folders above it, not ${name}`);
      }
    }
  }
  return {
    overrides: [
      withoutClock,
      { files: ['src/*.ts'], rules: restrictedImports(...forbiddenTo('src'), false) },
      ...folders.map((importer) => ({
        files: [`${importer}/**`],
        rules: restrictedImports(...forbiddenTo(importer), false),
      })),
      { files: frontDoor, rules: restrictedImports([], '', false) },
      ...clockOwners.map(({ files }) => {
        const importer = folders.find((folder) => files.startsWith(`${folder}/`)) ?? 'src';
        const imports = restrictedImports(...forbiddenTo(importer), true);
        return { files: [files], rules: { ...withClock, ...imports } };
      }),
    ],
  };
}
