/** A package outside the repository that has `streamgauge` installed, as its built files are. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

export class OutsidePackage {
  readonly directory = fs.mkdtempSync(path.join(os.tmpdir(), 'streamgauge-outside-'));

  /** @param installed - further packages that it has, of those that the project has. */
  constructor(installed: readonly string[] = []) {
    fs.mkdirSync(path.join(this.directory, 'node_modules'));
    this.link(root, 'streamgauge');
    for (const name of installed) this.link(path.join(root, 'node_modules', name), name);
  }

  write(file: string, text: string): void {
    fs.writeFileSync(path.join(this.directory, file), text);
  }

  /** Runs Node in it, without the marks by which `node:test` tells its children that they are. */
  node(...args: string[]): { status: number | null; stdout: string } {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    return spawnSync(process.execPath, args, { cwd: this.directory, env, encoding: 'utf8' });
  }

  /** Runs a file of tests under `node:test`; what it wrote is TAP. */
  test(file: string): { status: number | null; stdout: string } {
    return this.node('--test', '--test-reporter=tap', file);
  }

  remove(): void {
    fs.rmSync(this.directory, { recursive: true });
  }

  private link(target: string, name: string): void {
    fs.symlinkSync(target, path.join(this.directory, 'node_modules', name), 'dir');
  }
}
