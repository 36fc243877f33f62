/**
 * The pages on adding a fault and a pacer, followed to the letter in a copy of the project: what they
 * say to write is all that is written by hand, and no generic file is touched.
 */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Result } from '../../src/result/schema.ts';
import { ScratchCopy, stepsOf } from '../helpers/scratch-copy.ts';

const pages = [
  {
    page: 'docs/adding-a-fault.md',
    byHand: ['src/fault/kinds/power-save.ts', 'test/contract/samples/faults/power-save.ts'],
    generated: ['docs/reference/faults.md', 'schema/scenario.json', 'src/fault/member-list.ts'],
    suite: ['test/contract/faults.test.ts', 'the fault power_save|has a sample of every'],
  },
  {
    page: 'docs/adding-a-pacer.md',
    byHand: ['src/load/kinds/growth.ts', 'test/contract/samples/pacers/growth.ts'],
    generated: ['docs/reference/scenario.md', 'schema/scenario.json', 'src/load/member-list.ts'],
    suite: ['test/contract/pacers.test.ts', 'the growth pacer|has a sample of every'],
  },
] as const;

const copy = new ScratchCopy();

beforeAll(async () => {
  for (const { page } of pages) {
    for (const [file, code] of stepsOf(page).files) copy.write(file, code);
  }
  await copy.run('npm', 'run', 'generate');
}, 300_000);

afterAll(() => copy.remove());

it('needs two files by hand each; beside them only generated ones change', () => {
  for (const { page, byHand } of pages) expect([...stepsOf(page).files.keys()]).toEqual(byHand);
  const expected = pages.flatMap(({ byHand, generated }) => [...byHand, ...generated]);
  expect(copy.changed()).toEqual([...new Set(expected)].sort());
});

it('passes the type check', async () => {
  await copy.run('npx', 'tsc', '--noEmit');
}, 300_000);

it('is documented', () => {
  const reference = (name: string): string =>
    fs.readFileSync(path.join(copy.directory, 'docs/reference', name), 'utf8');
  expect(reference('faults.md')).toContain('## power_save');
  expect(reference('scenario.md')).toContain('### kind: growth');
});

describe.each(pages)('what $page adds', ({ page, suite: [file, tests] }) => {
  it('fulfils the contract', async () => {
    const out = await copy.run('npx', 'vitest', 'run', '--maxWorkers=1', file, '-t', tests);
    expect(out).toMatch(/Tests +\d+ passed/);
    expect(Number(/(\d+) passed/.exec(/Tests +.*/.exec(out)![0])![1])).toBeGreaterThan(5);
  }, 300_000);

  it('is validated, and runs', async () => {
    const { scenarios } = stepsOf(page);
    expect(scenarios).toHaveLength(1);
    copy.write('toy.yaml', scenarios[0]!);
    const streamgauge = path.join(copy.directory, 'bin/streamgauge.js');
    await copy.run(process.execPath, streamgauge, 'validate', 'toy.yaml');
    await copy.run(process.execPath, streamgauge, 'run', 'toy.yaml', '--out', 'toy-run');
    const text = fs.readFileSync(path.join(copy.directory, 'toy-run/result.json'), 'utf8');
    const { arms } = JSON.parse(text) as Result;
    expect(Object.keys(arms)).toHaveLength(1);
    expect(text).not.toContain('never fired');
  }, 120_000);
});
