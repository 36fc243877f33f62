/** A page of docs/ on adding something, followed exactly in a copy of the project. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

/** What steps of a page may read or write. */
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

export interface FollowedPage {
  /** The page's text. */
  text: string;
  /** Paths of the files that it shows, from the project's root. */
  written: readonly string[];
  /** Where the copy is. */
  folder: string;
  /** Runs a program in the copy, its arguments parted by spaces. @throws where it fails. */
  inCopy(command: string): Promise<{ stdout: string }>;
  /** Files of the copy that differ from the project's, those that are gone included. */
  changed(): string[];
  remove(): void;
}

/** Copies the project and writes the page's blocks of code that name a TypeScript file. */
export function followPage(page: string): FollowedPage {
  const text = fs.readFileSync(path.join(root, page), 'utf8');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'streamgauge-followed-'));
  for (const entry of needed) {
    fs.cpSync(path.join(root, entry), path.join(folder, entry), { recursive: true });
  }
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  const blocks = [...text.matchAll(/^```ts (\S+\.ts)\n(.*?)^```$/gms)];
  for (const [, file = '', code = ''] of blocks) {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), code);
  }
  return {
    text,
    written: blocks.map(([, file = '']) => file),
    folder,
    inCopy: (command) => {
      const [program = '', ...args] = command.split(' ');
      return run(program, args, { cwd: folder, env });
    },
    changed: () => differences(folder),
    remove: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}

function differences(folder: string): string[] {
  const [ours, theirs] = [filesOf(root), filesOf(folder)];
  const same = (file: string): boolean =>
    ours.has(file) &&
    theirs.has(file) &&
    fs.readFileSync(path.join(root, file)).equals(fs.readFileSync(path.join(folder, file)));
  return [...new Set([...ours, ...theirs])].filter((file) => !same(file)).sort();
}

function filesOf(folder: string): Set<string> {
  const inside = (entry: string): string[] =>
    fs.statSync(path.join(folder, entry)).isFile()
      ? [entry]
      : fs
          .readdirSync(path.join(folder, entry), { recursive: true, withFileTypes: true })
          .filter((file) => file.isFile())
          .map((file) => path.relative(folder, path.join(file.parentPath, file.name)));
  return new Set(needed.flatMap(inside));
}
