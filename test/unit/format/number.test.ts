import { describe, expect, test } from 'vitest';
import { progressBar } from '../../../src/format/bar.ts';
import { durationColumn, formatDuration, formatLong } from '../../../src/format/duration.ts';
import {
  formatBytes,
  formatChange,
  formatCount,
  formatNumber,
  formatRate,
  formatShare,
} from '../../../src/format/number.ts';
import { sparkline } from '../../../src/format/sparkline.ts';

describe('numbers', () => {
  test.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1_234_567, '1,234,567'],
  ])('count %d → %s', (value, text) => expect(formatCount(value)).toBe(text));

  test.each([
    [0, '0'],
    [0.123, '0.12'],
    [12.34, '12.3'],
    [123.4, '123'],
    [12_345.6, '12,346'],
    [Number.NaN, '–'],
  ])('number %d → %s', (value, text) => expect(formatNumber(value)).toBe(text));

  test.each([
    [0, '0 %'],
    [1, '100 %'],
    [0.0117, '1.17 %'],
    [0.5, '50 %'],
    [0.00001, '<0.01 %'],
    [0.99999, '>99.9 %'],
    [-0.17, '-17 %'],
  ])('share %d → %s: nearly none is not none', (value, text) =>
    expect(formatShare(value)).toBe(text),
  );

  test.each([
    [0.052, '+5.2 %'],
    [-0.0004, '0.0 %'],
    [-0.02, '-2.0 %'],
    [1.5, '+150 %'],
    [Number.POSITIVE_INFINITY, '–'],
  ])('change %d → %s', (value, text) => expect(formatChange(value)).toBe(text));

  test('rates and bytes', () => {
    expect(formatRate(1234.4)).toBe('1,234/s');
    expect(formatBytes(999)).toBe('999 B');
    expect(formatBytes(1_500_000)).toBe('1.50 MB');
  });
});

describe('durations', () => {
  test.each([
    [0, '0 ms'],
    [0.0042, '4.2 µs'],
    [0.042, '42 µs'],
    [0.42, '0.42 ms'],
    [18.25, '18.3 ms'],
    [99.96, '100 ms'],
    [184, '184 ms'],
    [1634, '1.63 s'],
    [12_340, '12.3 s'],
    [125_000, '2 min 5 s'],
    [Number.NaN, '–'],
  ])('%d ms → %s', (value, text) => expect(formatDuration(value)).toBe(text));

  test('long ones', () => {
    expect(formatLong(5000)).toBe('5 s');
    expect(formatLong(60_000)).toBe('1 min');
    expect(formatLong(7_500_000)).toBe('2 h 5 min');
  });

  test('a column has one unit and one precision', () => {
    const column = durationColumn([19.6, 31.6, 125.8]);
    expect(column.unit).toBe('ms');
    expect([19.6, 125.8, Number.NaN].map((value) => column.format(value))).toEqual([
      '19.6',
      '125.8',
      '–',
    ]);
    expect(durationColumn([0.05, 0.2]).unit).toBe('µs');
    expect(durationColumn([15_000, 22_000, 31_000]).unit).toBe('s');
    expect(durationColumn([]).unit).toBe('ms');
  });
});

describe('small charts', () => {
  test('a sparkline scales to its largest and leaves gaps', () => {
    expect(sparkline([0, 4, null, 8])).toBe('▁▅ █');
    expect(sparkline([0, 0])).toBe('▁▁');
  });

  test('bars', () => {
    expect(progressBar(0.5, 4)).toBe('██░░');
    expect(progressBar(7, 4)).toBe('████');
  });
});
