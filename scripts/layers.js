// @ts-check
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
 * @param {string[]} files
 * @param {string[]} forbidden - patterns of import paths
 * @param {string} message
 */
function override(files, forbidden, message) {
  return {
    files,
    rules: { 'no-restricted-imports': ['error', { patterns: [{ group: forbidden, message }] }] },
  };
}

/** The lint configuration that holds the table. */
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
      override(
        ['src/*.ts'],
        [...folders.map((folder) => patternsFor(folder, 'src')), ...frontDoorBy(['./'])],
        `base files import nothing of the project but each other; ${see}`,
      ),
      ...Object.entries(layers).map(([importer, allowed]) =>
        override(
          [`${importer}/**`],
          [
            ...folders
              .filter((folder) => folder !== importer && !allowed.includes(folder))
              .map((folder) => patternsFor(folder, importer)),
            ...frontDoorBy(importer === 'mock-server' ? ['**/src/'] : waysFromLayers),
          ],
          `${importer} may import only ${['base files', ...allowed].join(', ')}; ${see}`,
        ),
      ),
      { files: frontDoor, rules: { 'no-restricted-imports': 'off' } },
    ],
  };
}
