import fs from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { generatedFiles } from '../../../scripts/generated-files.js';
import { builtLibrary } from '../../../scripts/pages/library.js';
import { jsonSchemaOf } from '../../../src/cli/json-schema.ts';
import { makeProgram } from '../../../src/cli/main.ts';
import { dialects } from '../../../src/dialect/registry.ts';
import { exitCodes } from '../../../src/exit-codes.ts';
import { networkProfiles } from '../../../src/fault/network/profiles.ts';
import { faultReference } from '../../../src/fault/registry.ts';
import { metrics } from '../../../src/metric/catalogue.ts';
import { isSuccess, outcomes } from '../../../src/metric/outcome.ts';
import { dialectReference } from '../../../src/scenario/dialect-options.ts';
import { realWorld } from '../../../src/world.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const program = makeProgram(realWorld());
const files = generatedFiles({
  exitCodes,
  metrics,
  outcomes,
  isSuccess,
  program,
  faults: faultReference(),
  networkProfiles,
  dialects: dialectReference(),
  library: builtLibrary(),
  jsonSchemaOf,
});

describe('generated files are as the code would have them (else: npm run generate)', () => {
  it.each(Object.keys(files))('%s', (name) => {
    expect(fs.readFileSync(path.join(root, name), 'utf8')).toBe(files[name]);
  });
});

describe('the reference pages', () => {
  it('name every metric, exit code and command', () => {
    const [metricsPage, exitCodesPage, commandsPage] = ['metrics', 'exit-codes', 'commands'].map(
      (page) => files[`docs/reference/${page}.md`] ?? '',
    );
    const landmarks = dialects.flatMap((dialect) => dialect.landmarks);
    for (const { name } of [...metrics, ...landmarks])
      expect(metricsPage).toContain(`| \`${name}\` |`);
    for (const { code } of Object.values(exitCodes)) expect(exitCodesPage).toContain(`| ${code} |`);
    expect(program.commands.length).toBeGreaterThan(5);
    for (const command of program.commands)
      expect(commandsPage).toContain(`## ${command.name()}\n`);
  });
});
