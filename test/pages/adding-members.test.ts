/**
 * The pages on adding a fault and a pacer, followed to the letter in a copy of the project: what they
 * say to write is all that is written by hand, and no generic file is touched.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScratchCopy } from './helpers/scratch-copy.ts';

const pages = [
  {
    page: 'docs/adding-a-fault.md',
    byHand: ['src/fault/kinds/power-save.ts', 'test/contract/samples/faults/power-save.ts'],
    generated: ['docs/reference/faults.md', 'schema/scenario.json', 'src/fault/member-list.ts'],
    documented: ['docs/reference/faults.md', '## power_save'],
    suite: 'test/contract/faults.test.ts',
    tests: 'the fault power_save|has a sample of every',
  },
  {
    page: 'docs/adding-a-pacer.md',
    byHand: ['src/load/kinds/growth.ts', 'test/contract/samples/pacers/growth.ts'],
    generated: ['docs/reference/scenario.md', 'schema/scenario.json', 'src/load/member-list.ts'],
    documented: ['docs/reference/scenario.md', '### kind: growth'],
    suite: 'test/contract/pacers.test.ts',
    tests: 'the growth pacer|has a sample of every',
  },
] as const;

const copy = new ScratchCopy();
const written: Record<string, string[]> = {};

beforeAll(async () => {
  for (const { page } of pages) written[page] = copy.writeCodeOf(page);
  await copy.run('npm', 'run', 'generate');
});

afterAll(() => copy.remove());

it('takes two files by hand each; beside them only generated ones change', () => {
  for (const { page, byHand } of pages) expect(written[page]).toEqual(byHand);
  const expected = pages.flatMap(({ byHand, generated }) => [...byHand, ...generated]);
  expect(copy.changes()).toEqual({ changed: [...new Set(expected)].sort(), gone: [] });
});

it('passes the type check', async () => {
  await copy.run('node_modules/.bin/tsc', '--noEmit');
});

describe.each(pages)('what $page adds', ({ page, documented, suite, tests }) => {
  it('is documented', () => {
    expect(copy.read(documented[0])).toContain(documented[1]);
  });

  it('passes the contract suite', async () => {
    expect(await copy.passedTests(tests, suite)).toBeGreaterThan(10);
  });

  it('is validated, and runs', async () => {
    const { arms } = await copy.runScenarioOf(page);
    const [trial] = arms.map(({ trials }) => trials[0]!);
    expect(Object.keys(trial!.measured.counts.turn_outcomes)).toEqual(['completed']);
    for (const { fired } of trial!.faults) expect(fired).toBeGreaterThan(0);
  });
});
