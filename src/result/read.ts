/**
 * Reading of result files, with an answer for whatever else a user may hand in.
 */
import * as path from 'node:path';
import { codeOf, messageOf, StreamgaugeError } from '../errors.ts';
import { problemsOf } from '../settings/schema-problems.ts';
import type { World } from '../world.ts';
import { resultSchema, resultVersion, type Result } from './schema.ts';
import { resultFileName } from './write.ts';

function fail(code: string, message: string, hints: string[], cause?: unknown): never {
  throw new StreamgaugeError(message, {
    code,
    exit: 'usage',
    hints,
    ...(cause === undefined ? {} : { cause }),
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Checks a parsed result.
 *
 * @param name - how the user knows it, for messages.
 * @throws StreamgaugeError `not-a-result`, `result-too-new` or `result-damaged` (exit: usage).
 */
function parseResult(value: unknown, name: string): Result {
  if (!isRecord(value) || !isRecord(value['tool']) || value['tool']['name'] !== 'streamgauge') {
    fail('not-a-result', `${name} is not a streamgauge result`, [
      'a result is the result.json that "streamgauge run" writes',
    ]);
  }
  const version = value['version'];
  if (typeof version === 'number' && version > resultVersion) {
    fail(
      'result-too-new',
      `${name} has format version ${version}; this streamgauge reads up to ${resultVersion}`,
      [`it was written by streamgauge ${String(value['tool']['version'])}: use that one or newer`],
    );
  }
  const parsed = resultSchema.safeParse(value);
  if (!parsed.success) {
    const problems = problemsOf(resultSchema, value, { whole: 'the result' });
    const shown = problems.slice(0, 3).map(({ message }) => message);
    const more = problems.length - shown.length;
    fail('result-damaged', `${name} does not follow the result schema`, [
      ...shown,
      ...(more > 0 ? [`and ${more} more`] : []),
      '"streamgauge schema result" prints the schema',
    ]);
  }
  return parsed.data;
}

/**
 * Reads a result file, or the `result.json` in a directory.
 *
 * @throws StreamgaugeError `result-not-found`, `result-not-json`, or as {@link parseResult}.
 */
export function readResult(file: string, world: Pick<World, 'files' | 'cwd'>): Result {
  const absolute = path.resolve(world.cwd, file);
  let text: string;
  let name = file;
  try {
    try {
      text = world.files.readText(absolute);
    } catch (thrown) {
      if (codeOf(thrown) !== 'EISDIR') throw thrown;
      name = path.join(file, resultFileName);
      text = world.files.readText(path.join(absolute, resultFileName));
    }
  } catch (thrown) {
    const missing = codeOf(thrown) === 'ENOENT' || codeOf(thrown) === 'ENOTDIR';
    fail(
      'result-not-found',
      missing ? `there is no ${name}` : `cannot read ${name}: ${messageOf(thrown)}`,
      ['give the path of a result.json, or of the directory that holds it'],
      thrown,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    fail(
      'result-not-json',
      `${name} is not JSON: ${messageOf(thrown).replaceAll(/\s+/g, ' ')}`,
      ['a result is the result.json that "streamgauge run" writes'],
      thrown,
    );
  }
  return parseResult(value, name);
}
