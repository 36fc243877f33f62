import { describe, expect, test } from 'vitest';
import { armNames } from '../../../../src/report/view/arm-names.ts';
import { featuredArms, featuredModel, featuredNote } from '../../../../src/report/view/featured.ts';
import { gatesShown } from '../../../../src/report/view/gates-shown.ts';
import { marksOf } from '../../../../src/report/view/marks.ts';
import { buildReportModel } from '../../../../src/report/view/build-report-model.ts';
import type { GateView } from '../../../../src/report/view/report-model.ts';
import { renderReport } from '../../../../src/report/registry.ts';
import { gridResult } from '../../../helpers/grid-result.ts';
import { sampleResult } from '../../../helpers/sample-result.ts';

const large = gridResult({
  bases: ['sse', 'websocket', 'http2'],
  axes: { 'network.rtt': ['1ms', '20ms', '60ms'], 'network.loss': ['0%', '1%', '3%'] },
  values: () => ({ stall_ratio: 0.1 }),
});

describe('marks', () => {
  const same = (count: number) =>
    new Set(
      marksOf(Array.from({ length: count }, () => ({ cell: undefined }))).map(
        (mark) => `${mark.color}/${mark.shape}`,
      ),
    ).size;

  test('are different for up to 32 arms', () => {
    expect([1, 8, 9, 16, 32].map(same)).toEqual([1, 8, 9, 16, 32]);
  });

  test('of a large matrix share the colour of the arm they come from', () => {
    const marks = marksOf(large.arms);
    for (const [index, { cell }] of large.arms.entries()) {
      expect(marks[index]!.color).toBe(['sse', 'websocket', 'http2'].indexOf(cell!.base));
    }
  });

  test('of a small matrix are different', () => {
    const small = gridResult({
      axes: { 'network.rtt': ['1ms', '20ms'], 'network.loss': ['0%', '1%'] },
      values: () => ({}),
    });
    expect(new Set(marksOf(small.arms).map((mark) => mark.color)).size).toBe(8);
  });
});

describe('a large matrix', () => {
  const model = buildReportModel(large);
  const shown = featuredModel(model);

  test('shows its corners in charts', () => {
    expect(shown.arms.map((arm) => arm.name)).toEqual([
      'sse @ rtt=1ms, loss=0%',
      'websocket @ rtt=1ms, loss=0%',
      'http2 @ rtt=1ms, loss=0%',
      'sse @ rtt=60ms, loss=3%',
      'websocket @ rtt=60ms, loss=3%',
      'http2 @ rtt=60ms, loss=3%',
    ]);
    expect(shown.arms.map((arm) => arm.index)).toEqual([0, 1, 2, 3, 4, 5]);
    const marks = shown.arms.map(({ mark }) => `${mark.color}/${mark.shape}`);
    expect(new Set(marks).size).toBe(6);
    for (const row of shown.metrics) {
      for (const [index, cell] of row.cells.entries()) {
        expect(cell === undefined || cell.arm === shown.arms[index]!.name).toBe(true);
      }
    }
    expect(featuredNote(model)).toContain('Of the 27 arms');
    expect(featuredNote(shown)).toBeUndefined();
  });

  test('fits on a terminal, whatever its size', () => {
    const text = renderReport('terminal', large, { width: 80 })[0]!.text;
    expect(text).toContain('21 more arms with failures');
    expect(text.split('\n').length).toBeLessThan(200);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('is whole in the files for machines', () => {
    const csv = renderReport('csv', large)[0]!.text;
    for (const { name } of large.arms) expect(csv).toContain(`"${name}",stall_ratio`);
  });
});

test('arms that no matrix made are all shown', () => {
  const model = buildReportModel(sampleResult());
  expect(featuredModel(model)).toBe(model);
  expect(featuredArms(Array.from({ length: 12 }, () => ({ cell: undefined })))).toHaveLength(12);
});

test('gates on many arms are summed up, failures are not', () => {
  const gates = Array.from({ length: 12 }, (_, index): GateView => ({
    text: 'errors < 1%',
    arm: `arm ${index}`,
    verdict: index === 3 ? 'fail' : 'pass',
    measured: 0,
    limit: 0.01,
    unit: 'ratio',
    margin: index === 7 ? 0.2 : 0.9,
  }));
  expect(gatesShown(gates).map((gate) => [gate.verdict, gate.arm])).toEqual([
    ['pass', 'arm 7, closest of 11 arms'],
    ['fail', 'arm 3'],
  ]);
  expect(gatesShown(gates.slice(0, 8))).toHaveLength(8);
});

test('names of arms in messages', () => {
  const names = (count: number): string[] =>
    Array.from({ length: count }, (_, index) => `a${index}`);
  expect(armNames(names(2), 3)).toBe('a0, a1');
  expect(armNames(names(9), 9)).toBe('all 9 arms');
  expect(armNames(names(8), 9)).toBe('a0, a1, a2 and 5 more arms');
});
