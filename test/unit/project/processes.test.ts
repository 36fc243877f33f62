/** Processes are started in one folder, which sees to it that none is left behind. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');

/** Who else may, and why. */
const others = [
  // Starts the desktop's browser, which is to outlive this program.
  'src/cli/open-file.ts',
  // Runs in a child, in another network namespace; ended by its deadline.
  'src/fault/network/kernel/namespace-process.js',
];

it('only src/process starts processes, and few others that say why', () => {
  const starters = ['src', 'mock-server']
    .flatMap((folder) =>
      fs
        .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
        .map((file) => path.posix.join(folder, file)),
    )
    .filter((file) => /\.[jt]s$/.test(file) && !file.startsWith('src/process/'))
    .filter((file) =>
      /['"](node:)?(child_process|cluster)['"]/.test(
        fs.readFileSync(path.join(root, file), 'utf8'),
      ),
    );
  expect(starters.toSorted()).toEqual(others);
});
