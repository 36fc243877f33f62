/** A copy of the project in which a page of docs/ is followed exactly, and what that changed. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { exitCodes } from '../../../src/exit-codes.ts';
import type { Result } from '../../../src/result/schema.ts';
import { pageFiles } from './documented-commands.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** What the steps of such a page read and write. */
const needed = [
  'src',
  'mock-server',
  'scripts',
  'bin',
  'docs',
  'schema',
  'test',
  'reports/example',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'vitest.config.ts',
  '.oxlint-layers.json',
];

/** Without the marks by which a test runner tells its children that they are. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV$|TEST$)/.test(name)),
);

/** Of Vitest, as far as it is read. */
interface TestReport {
  testResults: { assertionResults: { fullName: string; status: string }[] }[];
}

export class ScratchCopy {
  readonly directory = fs.mkdtempSync(path.join(os.tmpdir(), 'streamgauge-copy-'));
  private readonly before: ReadonlyMap<string, string>;

  constructor() {
    for (const entry of needed) {
      fs.cpSync(path.join(root, entry), path.join(this.directory, entry), { recursive: true });
    }
    fs.symlinkSync(path.join(root, 'node_modules'), path.join(this.directory, 'node_modules'));
    this.before = this.snapshot();
  }

  /**
   * Writes the code that a page shows with a file's name.
   *
   * @param page - such as `docs/adding-a-fault.md`.
   * @returns the names, in the order of the page.
   */
  writeCodeOf(page: string): string[] {
    const files = shownIn(page).filter(({ name }) => name.endsWith('.ts'));
    for (const { name, text } of files) {
      const file = path.join(this.directory, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
    }
    return files.map(({ name }) => name);
  }

  read(file: string): string {
    return fs.readFileSync(path.join(this.directory, file), 'utf8');
  }

  /**
   * What a program writes to stdout.
   *
   * @throws Error with all that it wrote, where it fails.
   */
  async run(program: string, ...args: string[]): Promise<string> {
    try {
      const options = { cwd: this.directory, env, maxBuffer: 2 ** 26 };
      return (await promisify(execFile)(program, args, options)).stdout;
    } catch (error) {
      // As execFile rejects.
      const { stdout, stderr, code } = error as { stdout: string; stderr: string; code: unknown };
      const message = `${program} ${args.join(' ')} failed\n${stdout}${stderr}`;
      throw Object.assign(new Error(message, { cause: error }), { code });
    }
  }

  /**
   * How many tests of these files passed whose name matches.
   *
   * @throws Error where any test of the files fails, of what was there before as well.
   */
  async passedTests(name: string, ...files: string[]): Promise<number> {
    const flags = ['run', '--maxWorkers=1', '--reporter=json'];
    const stdout = await this.run('node_modules/.bin/vitest', ...flags, ...files);
    const { testResults } = JSON.parse(stdout.slice(stdout.indexOf('{"'))) as TestReport;
    const pattern = new RegExp(name);
    return testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status, fullName }) => status === 'passed' && pattern.test(fullName)).length;
  }

  /** Runs the scenario that a page shows, after checking it; needs a build, which `npm run generate` is. */
  async runScenarioOf(page: string): Promise<Result> {
    const { name, text } = shownIn(page).find((file) => file.name.endsWith('.yaml'))!;
    fs.writeFileSync(path.join(this.directory, name), text);
    const program = path.join(this.directory, 'bin/streamgauge.js');
    await this.run(process.execPath, program, 'validate', name);
    try {
      await this.run(process.execPath, program, 'run', name, '--out', 'out', '--quiet');
    } catch (error) {
      // On a busy machine the times may be worth nothing; they are not what is looked at.
      if ((error as { code: unknown }).code !== exitCodes.invalid.code) throw error;
    }
    return JSON.parse(this.read('out/result.json')) as Result;
  }

  /** Files that are new or not as they were, and those that are gone; without builds. */
  changes(): { changed: string[]; gone: string[] } {
    const after = this.snapshot();
    return {
      changed: [...after.keys()].filter((file) => this.before.get(file) !== after.get(file)).sort(),
      gone: [...this.before.keys()].filter((file) => !after.has(file)),
    };
  }

  remove(): void {
    fs.rmSync(this.directory, { recursive: true, force: true });
  }

  /** Every file with a hash of what is in it. */
  private snapshot(): Map<string, string> {
    const entries = fs.readdirSync(this.directory, { recursive: true, withFileTypes: true });
    return new Map(
      entries
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name))
        .map((file): [string, string] => [
          path.relative(this.directory, file),
          createHash('sha1').update(fs.readFileSync(file)).digest('hex'),
        ])
        .filter(([file]) => !/^(node_modules|dist)\//.test(file)),
    );
  }
}

function shownIn(page: string): ReturnType<typeof pageFiles> {
  return pageFiles(fs.readFileSync(path.join(root, page), 'utf8'));
}
