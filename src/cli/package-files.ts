/** Files that ship with the code: examples and schemas. */
import * as path from 'node:path';
import { StreamgaugeError } from '../errors.ts';
import type { World } from '../world.ts';

/**
 * The absolute path of a file of the package, such as `scenarios/quickstart.yaml`: the code runs from
 * `src/cli` in a checkout and from `dist/src/cli` once built.
 *
 * @throws StreamgaugeError where the package is incomplete.
 */
export function packageFile(name: string, world: World): string {
  for (const up of ['../..', '../../..']) {
    const file = path.resolve(import.meta.dirname, up, name);
    if (world.files.exists(file)) return file;
  }
  throw new StreamgaugeError(`${name} is missing from the installed package`, {
    code: 'package-incomplete',
    hints: ['install streamgauge again'],
  });
}
