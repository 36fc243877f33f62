/** Files that a scenario names: relative to its folder, each missing one a mistake with a place. */
import * as path from 'node:path';
import { codeOf, messageOf } from '../errors.ts';
import type { FileSystem } from '../world.ts';
import type { Path, Problem } from '../settings/problem.ts';

export interface ScenarioFiles {
  /** The absolute path of a file named in the scenario. */
  resolve(name: string): string;
  /** Its text; undefined, and a mistake reported, where it cannot be read. */
  read(name: string, at: Path, report: (problem: Problem) => void): string | undefined;
  /** Whether it is there; a mistake is reported where it is not. */
  check(name: string, at: Path, report: (problem: Problem) => void): boolean;
}

export function scenarioFiles(files: FileSystem, directory: string): ScenarioFiles {
  const resolve = (name: string): string => path.resolve(directory, name);
  const missing = (name: string, at: Path, why: string): Problem => ({
    path: at,
    code: 'file-missing',
    message: `cannot read ${name}: ${why}`,
    hints: [`looked at ${resolve(name)}; paths are relative to the scenario's folder`],
  });
  return {
    resolve,
    read: (name, at, report) => {
      try {
        return files.readText(resolve(name));
      } catch (error) {
        report(missing(name, at, codeOf(error) === 'ENOENT' ? 'no such file' : messageOf(error)));
        return undefined;
      }
    },
    check: (name, at, report) => {
      if (files.exists(resolve(name))) return true;
      report(missing(name, at, 'no such file'));
      return false;
    },
  };
}
