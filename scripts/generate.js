// @ts-check
/**
 * Writes every file that is made from the code: `npm run generate` (builds first).
 * `--check` writes nothing and fails when one is not as the code would have it.
 */
import fs from 'node:fs';
import path from 'node:path';

import { generatedFiles } from './generated-files.js';
import { builtLibrary } from './pages/library.js';

// By a computed path, so that the type check does not need a build first.
const built = (/** @type {string} */ name) =>
  import(new URL(`../dist/src/${name}.js`, import.meta.url).href);
const { exitCodes } = await built('exit-codes');
const { makeProgram } = await built('cli/main');
const { jsonSchemaOf } = await built('cli/json-schema');
const { faultReference } = await built('fault/registry');
const { networkProfiles } = await built('fault/network/profiles');
const { metrics } = await built('metric/catalogue');
const { isSuccess, outcomes } = await built('metric/outcome');
const { dialectReference } = await built('scenario/dialect-options');
const { realWorld } = await built('world');

const root = path.resolve(import.meta.dirname, '..');
const checking = process.argv.includes('--check');
const files = generatedFiles({
  exitCodes,
  metrics,
  outcomes,
  isSuccess,
  program: makeProgram(realWorld()),
  faults: faultReference(),
  networkProfiles,
  dialects: dialectReference(),
  library: builtLibrary(),
  jsonSchemaOf,
});

for (const [name, text] of Object.entries(files)) {
  const file = path.join(root, name);
  if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text) continue;
  if (checking) {
    process.stderr.write(`${name} is not as the code would have it: run "npm run generate"\n`);
    process.exitCode = 1;
  } else {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    process.stdout.write(`wrote ${name}\n`);
  }
}
