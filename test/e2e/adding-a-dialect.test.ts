/**
 * docs/adding-a-dialect.md, followed to the letter: a copy of the project gets the files that the page
 * shows, and nothing else by hand. Lists and references are generated, the contract suites hold the new
 * dialect to what every dialect must do, and a scenario runs with it, cut behind its third token.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exitCodes } from '../../src/exit-codes.ts';
import type { Result } from '../../src/result/schema.ts';
import { pageFiles } from '../helpers/documented-commands.ts';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');
const page = fs.readFileSync(path.join(root, 'docs/adding-a-dialect.md'), 'utf8');
const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'streamgauge-toy-'));
afterAll(() => fs.rmSync(copy, { recursive: true, force: true }));

const shown = pageFiles(page);
const written = shown.filter(({ name }) => name.endsWith('.ts'));

/** Without the marks by which a test runner tells its children that they are. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV$|TEST$)/.test(name)),
);
const inCopy = (program: string, ...args: string[]) => run(program, args, { cwd: copy, env });

/** What the page's steps read and write. */
const needed = (
  'src mock-server scripts bin docs schema test package.json tsconfig.json tsconfig.build.json ' +
  'vitest.config.ts .oxlint-layers.json'
).split(' ');

/** Files of the copy, each with a hash of what is in it. */
function snapshot(): Map<string, string> {
  const files = fs.readdirSync(copy, { recursive: true, withFileTypes: true });
  return new Map(
    files
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(copy, path.join(entry.parentPath, entry.name)))
      .filter((file) => !/^(node_modules|dist)\//.test(file))
      .map((file) => [
        file,
        createHash('sha1')
          .update(fs.readFileSync(path.join(copy, file)))
          .digest('hex'),
      ]),
  );
}

let before: Map<string, string>;
beforeAll(async () => {
  for (const entry of needed) {
    fs.cpSync(path.join(root, entry), path.join(copy, entry), { recursive: true });
  }
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  before = snapshot();
  for (const { name, text } of written) fs.writeFileSync(path.join(copy, name), text);
  await inCopy('npm', 'run', 'generate');
}, 120_000);

it('takes three files, which the page lists, and edits none', () => {
  expect(written.map(({ name }) => name)).toEqual([
    'src/dialect/members/toy-events.ts',
    'mock-server/apis/toy-events.ts',
    'test/contract/samples/dialects/toy-events.ts',
  ]);
  for (const { name } of written) {
    const general = name.replace('toy-events', '<name>');
    expect(page, general).toContain(`| \`${general}\` |`);
  }
  const after = snapshot();
  const changed = [...after].filter(([file, hash]) => before.get(file) !== hash);
  expect(changed.map(([file]) => file).sort()).toEqual(
    [
      ...written.map(({ name }) => name),
      // Generated:
      'docs/reference/scenario.md',
      'mock-server/api-list.ts',
      'schema/scenario.json',
      'src/dialect/member-list.ts',
    ].sort(),
  );
  expect([...before.keys()].filter((file) => !after.has(file))).toEqual([]);
});

it('is documented with its option', () => {
  const reference = fs.readFileSync(path.join(copy, 'docs/reference/scenario.md'), 'utf8');
  expect(reference).toContain('### toy-events');
  expect(reference).toContain('| `mood` | `calm`, `merry` | How the model is to feel');
});

it('passes the types and the contract suites', { timeout: 120_000 }, async () => {
  await inCopy('node_modules/.bin/tsc', '--noEmit');
  const suites = ['test/contract/dialects.test.ts', 'test/contract/event-kinds.test.ts'];
  const flags = ['--maxWorkers=1', '--reporter=json', '-t', 'toy-events'];
  const { stdout } = await inCopy('node_modules/.bin/vitest', 'run', ...flags, ...suites);
  const { numPassedTests, numFailedTests } = JSON.parse(
    stdout.slice(stdout.indexOf('{"')),
  ) as Record<string, number>;
  expect(numFailedTests).toBe(0);
  expect(numPassedTests).toBeGreaterThan(18);
});

it('runs against the mock, and a fault finds its third token', { timeout: 60_000 }, async () => {
  const { name, text } = shown.find((file) => file.name.endsWith('.yaml'))!;
  fs.writeFileSync(path.join(copy, name), text);
  const program = path.join(copy, 'bin/streamgauge.js');
  await inCopy(process.execPath, program, 'run', name, '--out', 'out', '--quiet').catch(
    (error: { code: number }) => {
      // On a busy machine the times may be worth nothing; they are not what is looked at.
      if (error.code !== exitCodes.invalid.code) throw error;
    },
  );
  const result = JSON.parse(fs.readFileSync(path.join(copy, 'out/result.json'), 'utf8')) as Result;
  const outcomes = result.arms.map(({ trials }) => trials[0]!.measured.counts.turn_outcomes);
  expect(outcomes).toEqual([{ completed: 4 }, { truncated: 4 }]);
  const [whole, cut] = result.arms.map(({ trials }) => trials[0]!);
  expect(whole!.samples.every(({ token_events }) => token_events === 20)).toBe(true);
  expect(cut!.samples.every(({ token_events }) => token_events === 3)).toBe(true);
  expect(cut!.faults.map(({ fired }) => fired)).toEqual([4]);
});
