/** A copy of the project in which a page of docs/ is followed to the letter, and what that changed. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.resolve(import.meta.dirname, '../..');
/** Not copied; the modules are linked. */
const left = new Set(['node_modules', '.git', 'dist', 'coverage', 'streamgauge-out', 'reports']);

/** Files that a page says to write, and scenarios that it says to run, in the order of the page. */
export function stepsOf(page: string): { files: Map<string, string>; scenarios: string[] } {
  const text = fs.readFileSync(path.join(root, page), 'utf8');
  const files = new Map<string, string>();
  for (const [, file, code] of text.matchAll(/`([\w./-]+\.ts)`:\n\n```ts\n(.*?)```/gs)) {
    files.set(file!, code!);
  }
  const scenarios = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml]) => yaml!);
  return { files, scenarios };
}

export class ScratchCopy {
  readonly directory = fs.mkdtempSync(path.join(os.tmpdir(), 'streamgauge-copy-'));

  constructor() {
    for (const name of fs.readdirSync(root).filter((entry) => !left.has(entry))) {
      fs.cpSync(path.join(root, name), path.join(this.directory, name), { recursive: true });
    }
    fs.symlinkSync(path.join(root, 'node_modules'), path.join(this.directory, 'node_modules'));
  }

  write(file: string, text: string): void {
    fs.writeFileSync(path.join(this.directory, file), text);
  }

  /**
   * What a program writes to stdout.
   *
   * @throws Error with all that it wrote, where it fails.
   */
  async run(program: string, ...args: string[]): Promise<string> {
    try {
      const env = { ...process.env, NO_COLOR: '1' };
      const options = { cwd: this.directory, env, maxBuffer: 2 ** 26 };
      return (await promisify(execFile)(program, args, options)).stdout;
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new Error(`${program} ${args.join(' ')} failed\n${stdout}${stderr}`, { cause: error });
    }
  }

  /** Files that are new here or not as they were, by their path from the root; without builds. */
  changed(): string[] {
    const entries = fs
      .readdirSync(this.directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(this.directory, path.join(entry.parentPath, entry.name)));
    return entries
      .filter((file) => !left.has(file.split(path.sep)[0]!))
      .filter((file) => {
        const before = path.join(root, file);
        return (
          !fs.existsSync(before) ||
          !fs.readFileSync(before).equals(fs.readFileSync(path.join(this.directory, file)))
        );
      })
      .sort();
  }

  remove(): void {
    fs.rmSync(this.directory, { recursive: true, force: true });
  }
}
