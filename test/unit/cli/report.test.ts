import { afterEach, describe, expect, test } from 'vitest';
import { compareCommand } from '../../../src/cli/commands/compare.ts';
import { reportCommand } from '../../../src/cli/commands/report.ts';
import { StreamgaugeError } from '../../../src/errors.ts';
import { renderReport } from '../../../src/report/registry.ts';
import { gridResult } from '../../helpers/grid-result.ts';
import { memoryWorld, type MemoryWorld } from '../../helpers/memory-world.ts';
import { sampleResult } from '../../helpers/sample-result.ts';

const result = sampleResult();

function worldWithResult(): MemoryWorld {
  return memoryWorld({
    files: {
      'run/result.json': JSON.stringify(result),
      'bad.json': JSON.stringify({ ...result, validity: { valid: false, reasons: ['late'] } }),
    },
  });
}

async function report(world: MemoryWorld, args: string[], opened: string[] = []) {
  const command = reportCommand(world, (file) => {
    opened.push(file);
    return Promise.resolve(true);
  });
  await command.exitOverride().parseAsync(args, { from: 'user' });
}

afterEach(() => {
  process.exitCode = undefined;
});

describe('report', () => {
  test('prints the terminal report by default', async () => {
    const world = worldWithResult();
    await report(world, ['run/result.json']);
    expect(world.out()).toBe(renderReport('terminal', result)[0]!.text);
    expect(world.err()).toBe('');
  });

  test('writes a file, or into a directory', async () => {
    const world = worldWithResult();
    await report(world, ['run', '--format', 'html', '--out', 'page.html']);
    await report(world, ['run', '--format', 'csv', '--out', 'run']);
    await report(world, ['run', '--format', 'junit', '--out', 'new/']);
    expect(world.stored.get('/work-folder/page.html')).toBe(renderReport('html', result)[0]!.text);
    expect(world.stored.has('/work-folder/run/report.csv')).toBe(true);
    expect(world.stored.has('/work-folder/new/junit.xml')).toBe(true);
    expect(world.out()).toBe('');
    expect(world.err()).toBe('page.html\nrun/report.csv\nnew/junit.xml\n');
  });

  test('takes other measures for the heat maps of a matrix', async () => {
    const grid = gridResult({
      axes: { 'network.rtt': ['1ms', '50ms'], 'network.loss': ['0%', '2%'] },
      values: () => ({ ttft: 321 }),
    });
    const world = memoryWorld({
      files: {
        'grid/result.json': JSON.stringify(grid),
        'run/result.json': JSON.stringify(result),
      },
    });
    await report(world, ['grid', '--heatmap', 'ttft.p50, errors']);
    expect(world.out()).toContain('ttft.p50 [ms] over rtt (rows) and loss (columns)');
    expect(world.out()).toContain('errors [%] over rtt (rows) and loss (columns)');
    expect(world.out()).not.toContain('stall_ratio.mean');
    const wrong = { code: 'bad-heatmap', exit: 'usage' };
    await expect(report(world, ['run', '--heatmap', 'ttft.p50'])).rejects.toMatchObject(wrong);
    await expect(report(world, ['grid', '--heatmap', 'tfft.p50'])).rejects.toMatchObject(wrong);
  });

  test('several files need a directory', async () => {
    const world = worldWithResult();
    await expect(report(world, ['run', '--format', 'hgrm'])).rejects.toMatchObject({
      code: 'several-files',
      exit: 'usage',
    });
    await report(world, ['run', '--format', 'hgrm', '--out', 'curves']);
    expect(world.stored.has('/work-folder/curves/sse.ttft.hgrm')).toBe(true);
  });

  test('--open writes the page next to the result and opens it', async () => {
    const world = worldWithResult();
    const opened: string[] = [];
    await report(world, ['run/result.json', '--open'], opened);
    expect(opened).toEqual(['/work-folder/run/report.html']);
    expect(world.stored.has('/work-folder/run/report.html')).toBe(true);
    await expect(report(world, ['run', '--open', '--format', 'csv'])).rejects.toThrow(
      StreamgaugeError,
    );
  });

  test('says what is wrong with a missing result or format', async () => {
    const world = worldWithResult();
    await expect(report(world, ['nope.json'])).rejects.toMatchObject({ code: 'result-not-found' });
    await expect(report(world, ['run', '--format', 'pdf'])).rejects.toMatchObject({
      code: 'unknown-format',
    });
    await expect(report(world, ['run', '--out', 'no/such/file.txt'])).rejects.toMatchObject({
      code: 'file-not-writable',
    });
  });
});

describe('compare', () => {
  const compare = (world: MemoryWorld, args: string[]) =>
    compareCommand(world).exitOverride().parseAsync(args, { from: 'user' });

  test('prints, or writes', async () => {
    const world = worldWithResult();
    await compare(world, ['run', 'run/result.json']);
    expect(world.out()).toMatch(/^~ NO VERDICT/);
    expect(process.exitCode).toBe(0);
    await compare(world, ['run', 'run', '--format', 'markdown', '--out', 'c.md']);
    expect(world.stored.get('/work-folder/c.md')).toMatch(/^## ~ no verdict/);
  });

  test('an invalid side ends with 96', async () => {
    const world = worldWithResult();
    await compare(world, ['run', 'bad.json']);
    expect(process.exitCode).toBe(96);
  });

  test('a missing side is a clear error', async () => {
    await expect(compare(worldWithResult(), ['run', 'gone.json'])).rejects.toMatchObject({
      code: 'result-not-found',
      message: 'there is no gone.json',
    });
  });
});
