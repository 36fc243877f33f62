/** Finds an installed program. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where daemons are installed that an ordinary user's PATH often lacks. */
const daemons = ['/usr/sbin', '/usr/local/sbin', '/sbin', '/opt/homebrew/bin'];

/** The path of the first program found, in PATH and where daemons are; undefined where none is. */
export function findProgram(
  names: readonly string[],
  path = process.env['PATH'] ?? '',
): string | undefined {
  const directories = [...path.split(delimiter).filter(Boolean), ...daemons];
  for (const name of names) {
    for (const directory of directories) {
      const file = join(directory, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // Not here.
      }
    }
  }
  return undefined;
}
