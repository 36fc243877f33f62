/** The example of everything that the library exports runs as it stands in its comment. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtLibrary } from '../../scripts/pages/library.js';
import { exitCodes } from '../../src/exit-codes.ts';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'streamgauge-examples-'));
const library = builtLibrary();

/** A folder in which `streamgauge` is installed, as a user's program has it. */
beforeAll(() => {
  const modules = path.join(work, 'node_modules');
  fs.mkdirSync(modules);
  fs.symlinkSync(root, path.join(modules, 'streamgauge'), 'dir');
  fs.symlinkSync(path.join(root, 'node_modules/openai'), path.join(modules, 'openai'), 'dir');
});

afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

describe('the library', () => {
  it('exports what is documented', () => {
    const names = library.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['runScenario', 'diagnose', 'startMock']));
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(library)('$name has a summary and an example', ({ name, summary, example }) => {
    expect(summary).not.toBe('');
    expect(example).toContain(name);
  });

  it.each(library)('the example of $name runs', async ({ name, example }) => {
    const file = path.join(work, `${name}.mjs`);
    fs.writeFileSync(file, example ?? '');
    // Exits with 0, or with the code that the example itself sets.
    const ended = await run('node', [file], { cwd: work }).catch(
      (error: { code: unknown; stderr: string }) => error,
    );
    const uncaught = /\n {4}at /.exec(ended.stderr);
    expect(uncaught, ended.stderr).toBeNull();
  });

  it('shows a target that cannot be reached where it says so', async () => {
    const { example = '' } = library.find(({ name }) => name === 'StreamgaugeError')!;
    const file = path.join(work, 'unreachable.mjs');
    fs.writeFileSync(file, example);
    await expect(run('node', [file], { cwd: work })).rejects.toMatchObject({
      code: exitCodes.unreachable.code,
      stderr: expect.stringContaining('target-unreachable'),
    });
  });
});
