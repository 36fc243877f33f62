/**
 * docs/adding-a-dialect.md, followed to the letter: a copy of the project gets the files that the page
 * shows, and nothing else by hand. Lists and references are generated, the contract suites hold the new
 * dialect to what every dialect must do, and a scenario runs with it, cut behind its third token.
 */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exitCodes } from '../../src/exit-codes.ts';
import type { Result } from '../../src/result/schema.ts';
import { pageFiles } from '../helpers/documented-commands.ts';
import { ScratchCopy } from '../helpers/scratch-copy.ts';

const root = path.resolve(import.meta.dirname, '../..');
const page = fs.readFileSync(path.join(root, 'docs/adding-a-dialect.md'), 'utf8');
const shown = pageFiles(page);
const byHand = shown.filter(({ name }) => name.endsWith('.ts'));

const copy = new ScratchCopy();
afterAll(() => copy.remove());

const textOf = (file: string): string => fs.readFileSync(path.join(copy.directory, file), 'utf8');

beforeAll(async () => {
  for (const { name, text } of byHand) copy.write(name, text);
  await copy.run('npm', 'run', 'generate');
}, 300_000);

it('takes three files, which the page lists, and edits none', () => {
  expect(byHand.map(({ name }) => name)).toEqual([
    'src/dialect/members/toy-events.ts',
    'mock-server/apis/toy-events.ts',
    'test/contract/samples/dialects/toy-events.ts',
  ]);
  for (const { name } of byHand) {
    const general = name.replace('toy-events', '<name>');
    expect(page, general).toContain(`| \`${general}\` |`);
  }
  const generated = [
    'docs/reference/scenario.md',
    'mock-server/api-list.ts',
    'schema/scenario.json',
    'src/dialect/member-list.ts',
  ];
  expect(copy.changed()).toEqual([...byHand.map(({ name }) => name), ...generated].sort());
});

it('is documented with its option', () => {
  const reference = textOf('docs/reference/scenario.md');
  expect(reference).toContain('### toy-events');
  expect(reference).toContain('| `mood` | `calm`, `merry` | How the model is to feel');
});

it('passes the types and the contract suites', { timeout: 300_000 }, async () => {
  await copy.run('npx', 'tsc', '--noEmit');
  const suites = ['test/contract/dialects.test.ts', 'test/contract/event-kinds.test.ts'];
  const flags = ['--maxWorkers=1', '--reporter=json', '-t', 'toy-events'];
  const stdout = await copy.run('npx', 'vitest', 'run', ...flags, ...suites);
  const { numPassedTests, numFailedTests } = JSON.parse(
    stdout.slice(stdout.indexOf('{"')),
  ) as Record<string, number>;
  expect(numFailedTests).toBe(0);
  expect(numPassedTests).toBeGreaterThan(18);
});

it('runs against the mock, and a fault finds its third token', { timeout: 120_000 }, async () => {
  const { name, text } = shown.find((file) => file.name.endsWith('.yaml'))!;
  copy.write(name, text);
  const program = path.join(copy.directory, 'bin/streamgauge.js');
  const run = copy.run(process.execPath, program, 'run', name, '--out', 'out', '--quiet');
  await run.catch((error: Error) => {
    // On a busy machine the times may be worth nothing; they are not what is looked at.
    const { code } = error.cause as { code?: number };
    if (code !== exitCodes.invalid.code) throw error;
  });
  const result = JSON.parse(textOf('out/result.json')) as Result;
  const outcomes = result.arms.map(({ trials }) => trials[0]!.measured.counts.turn_outcomes);
  expect(outcomes).toEqual([{ completed: 4 }, { truncated: 4 }]);
  const [whole, cut] = result.arms.map(({ trials }) => trials[0]!);
  expect(whole!.samples.every(({ token_events }) => token_events === 20)).toBe(true);
  expect(cut!.samples.every(({ token_events }) => token_events === 3)).toBe(true);
  expect(cut!.faults.map(({ fired }) => fired)).toEqual([4]);
});
