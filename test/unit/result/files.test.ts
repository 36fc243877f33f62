import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { StreamgaugeError } from '../../../src/errors.ts';
import { readResult } from '../../../src/result/read.ts';
import { parseStreamRecords, StreamLog } from '../../../src/result/streams.ts';
import { prepareOutput, writeAtomic, writeResult } from '../../../src/result/write.ts';
import { realWorld } from '../../../src/world.ts';
import { memoryWorld } from '../../helpers/memory-world.ts';
import { sampleResult } from '../../helpers/sample-result.ts';

const result = sampleResult();

function thrownBy(action: () => unknown): StreamgaugeError {
  try {
    action();
  } catch (thrown) {
    if (thrown instanceof StreamgaugeError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

describe('result files', () => {
  test('what was written is what is read, from the file or its directory', () => {
    const world = memoryWorld();
    const directory = prepareOutput('out/run', world);
    const file = writeResult(directory, result, world);
    expect(file).toBe('/work-folder/out/run/result.json');
    expect(readResult('out/run/result.json', world)).toEqual(result);
    expect(readResult('out/run', world)).toEqual(result);
    expect([...world.stored.keys()]).toEqual([file]);
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['result-not-found', {}, /there is no r\.json/],
    ['result-not-json', { 'r.json': '{"version": 1,' }, /r\.json is not JSON/],
    ['not-a-result', { 'r.json': '[1, 2]' }, /not a streamgauge result/],
    ['not-a-result', { 'r.json': '{"tool": {"name": "k6"}}' }, /not a streamgauge result/],
    [
      'result-too-new',
      {
        'r.json': JSON.stringify({
          ...result,
          version: 2,
          tool: { ...result.tool, version: '9.0.0' },
        }),
      },
      /format version 2; this streamgauge reads up to 1/,
    ],
    [
      'result-damaged',
      { 'r.json': JSON.stringify({ ...result, arms: [], partial: 'no' }) },
      /does not follow the result schema/,
    ],
  ])('%s', (code, files, message) => {
    const error = thrownBy(() => readResult('r.json', memoryWorld({ files })));
    expect(error).toMatchObject({ code, exit: 'usage' });
    expect(error.message).toMatch(message);
    expect(error.hints.length).toBeGreaterThan(0);
  });

  test('a directory that cannot be written is found before the run', () => {
    const world = memoryWorld({ readOnly: '/work-folder/locked', files: { file: 'x' } });
    expect(thrownBy(() => prepareOutput('locked/a', world))).toMatchObject({
      code: 'output-not-writable',
      exit: 'usage',
      message: 'cannot write to the output directory locked/a: permission denied',
    });
    expect(thrownBy(() => prepareOutput('file', world)).message).toMatch(
      /there is a file of that name/,
    );
  });

  test('a failed write leaves the old file and no temporary one', () => {
    const world = memoryWorld({ files: { 'a.json': 'old' } });
    const working = world.files;
    world.files = {
      ...working,
      rename: () => {
        throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      },
    };
    expect(thrownBy(() => writeAtomic('a.json', 'new', world)).message).toMatch(/no space left/);
    expect([...world.stored]).toEqual([['/work-folder/a.json', 'old']]);
    world.files = working;
    writeAtomic('a.json', 'new', world);
    expect([...world.stored]).toEqual([['/work-folder/a.json', 'new']]);
  });

  test('holds on a real disk too', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'streamgauge-test-'));
    try {
      const world = { ...realWorld(), cwd: folder };
      const directory = prepareOutput('deep/er', world);
      writeResult(directory, result, world);
      expect(fs.readdirSync(directory)).toEqual(['result.json']);
      expect(readResult('deep/er', world)).toEqual(result);
      expect(thrownBy(() => prepareOutput('deep/er/result.json', world)).code).toBe(
        'output-not-writable',
      );
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});

describe('per-stream records', () => {
  const samples = result.arms[0]!.trials[0]!.samples;

  test('one line per turn, read back as it was', () => {
    const world = memoryWorld();
    const log = new StreamLog('/work-folder/streams.jsonl', world);
    for (const sample of samples) log.add(sample);
    expect(world.stored.get(log.file)).toBe('');
    expect(log.pendingBytes).toBeGreaterThan(0);
    log.flush();
    log.flush();
    const text = world.stored.get(log.file)!;
    expect(text.trimEnd().split('\n')).toHaveLength(samples.length);
    expect(parseStreamRecords(text, 'streams.jsonl')).toEqual(samples);
    expect(log.pendingBytes).toBe(0);
  });

  test('names the damaged line', () => {
    const good = JSON.stringify(samples[0]);
    expect(thrownBy(() => parseStreamRecords(`${good}\n\n{"stre`, 's.jsonl'))).toMatchObject({
      code: 'record-damaged',
      message: 's.jsonl:3 is not a per-stream record',
    });
  });

  test('a file that cannot be written is said immediately', () => {
    const world = memoryWorld({ readOnly: '/locked' });
    expect(thrownBy(() => new StreamLog('/locked/s.jsonl', world)).code).toBe('file-not-writable');
  });
});
