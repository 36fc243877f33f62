/**
 * Writing of result files. The directory is tried before the run, so that an hour of load is not lost
 * to a typing error, and files appear whole or not at all.
 */
import * as path from 'node:path';
import { codeOf, messageOf, StreamgaugeError } from '../errors.ts';
import type { World } from '../world.ts';
import type { Result } from './schema.ts';

/** The result's file name inside the output directory. */
export const resultFileName = 'result.json';

type Files = Pick<World, 'files' | 'cwd'>;

const explanations: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'there is a file of that name',
  ENOTDIR: 'part of the path is a file, not a directory',
  EISDIR: 'there is a directory of that name',
  ENOENT: 'no such directory',
  ENAMETOOLONG: 'the path is too long',
};

function why(thrown: unknown): string {
  return explanations[codeOf(thrown)] ?? messageOf(thrown);
}

/**
 * Creates the output directory and proves that a file can be written in it. Called before a run.
 *
 * @returns the absolute path.
 * @throws StreamgaugeError `output-not-writable` (exit: usage).
 */
export function prepareOutput(directory: string, world: Files): string {
  const absolute = path.resolve(world.cwd, directory);
  const probe = path.join(absolute, `.streamgauge-${process.pid}.tmp`);
  try {
    world.files.makeDirectory(absolute);
    world.files.writeText(probe, '');
    world.files.remove(probe);
  } catch (thrown) {
    throw new StreamgaugeError(
      `cannot write to the output directory ${directory}: ${why(thrown)}`,
      {
        code: 'output-not-writable',
        exit: 'usage',
        hints: ['choose another directory with --out DIR'],
        cause: thrown,
      },
    );
  }
  return absolute;
}

/**
 * Writes a file through a temporary one next to it, so that no reader ever gets half of it.
 *
 * @throws StreamgaugeError `file-not-writable` (exit: usage).
 */
export function writeAtomic(file: string, text: string, world: Files): void {
  const absolute = path.resolve(world.cwd, file);
  const temporary = `${absolute}.${process.pid}.tmp`;
  try {
    world.files.writeText(temporary, text);
    world.files.rename(temporary, absolute);
  } catch (thrown) {
    try {
      world.files.remove(temporary);
    } catch {
      // The reason why the write failed is the one worth telling.
    }
    throw new StreamgaugeError(`cannot write ${file}: ${why(thrown)}`, {
      code: 'file-not-writable',
      exit: 'usage',
      hints: ['check that the directory exists and may be written to'],
      cause: thrown,
    });
  }
}

/**
 * Writes `result.json` into a directory that `prepareOutput` has accepted.
 *
 * @returns the file's path.
 * @throws StreamgaugeError `file-not-writable`.
 */
export function writeResult(directory: string, result: Result, world: Files): string {
  const file = path.join(directory, resultFileName);
  writeAtomic(file, `${JSON.stringify(result, null, 1)}\n`, world);
  return file;
}
