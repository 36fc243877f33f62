/**
 * docs/adding-a-dialect.md, followed to the letter: a copy of the project gets the files that the page
 * shows, and nothing else by hand. Lists and references are generated, the contract suites hold the new
 * dialect to what every dialect must do, and a scenario runs with it, cut behind its third token.
 */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ScratchCopy } from './helpers/scratch-copy.ts';

const pageName = 'docs/adding-a-dialect.md';
const page = fs.readFileSync(path.resolve(import.meta.dirname, '../..', pageName), 'utf8');
const copy = new ScratchCopy();
let written: string[];

beforeAll(async () => {
  written = copy.writeCodeOf(pageName);
  await copy.run('npm', 'run', 'generate');
});

afterAll(() => copy.remove());

it('takes three files, which the page lists, and edits none', () => {
  expect(written).toEqual([
    'src/dialect/members/toy-events.ts',
    'mock-server/apis/toy-events.ts',
    'test/contract/samples/dialects/toy-events.ts',
  ]);
  for (const name of written) {
    const general = name.replace('toy-events', '<name>');
    expect(page, general).toContain(`| \`${general}\` |`);
  }
  expect(copy.changes()).toEqual({
    changed: [
      ...written,
      // Generated:
      '.oxlint-layers.json',
      'docs/reference/scenario.md',
      'mock-server/api-list.ts',
      'schema/scenario.json',
      'src/dialect/member-list.ts',
    ].sort(),
    gone: [],
  });
});

it('is documented with its option', () => {
  const reference = copy.read('docs/reference/scenario.md');
  expect(reference).toContain('### toy-events');
  expect(reference).toContain('| `mood` | `calm`, `merry` | How the model is to feel');
});

it('passes the types and the contract suites', async () => {
  await copy.run('node_modules/.bin/tsc', '--noEmit');
  const suites = ['test/contract/dialects.test.ts', 'test/contract/event-kinds.test.ts'];
  expect(await copy.passedTests('toy-events', ...suites)).toBeGreaterThan(18);
});

it('runs against the mock, and a fault finds its third token', async () => {
  const result = await copy.runScenarioOf(pageName);
  const outcomes = result.arms.map(({ trials }) => trials[0]!.measured.counts.turn_outcomes);
  expect(outcomes).toEqual([{ completed: 4 }, { truncated: 4 }]);
  const [whole, cut] = result.arms.map(({ trials }) => trials[0]!);
  expect(whole!.samples.every(({ token_events }) => token_events === 24)).toBe(true);
  expect(cut!.samples.every(({ token_events }) => token_events === 3)).toBe(true);
  // What arrived is what the mock sent, thoughts and answer told apart.
  expect(whole!.measured.scalars).toMatchObject({
    transcripts_checked: 4,
    transcript_mismatches: 0,
  });
  expect(cut!.faults.map(({ fired }) => fired)).toEqual([4]);
});
