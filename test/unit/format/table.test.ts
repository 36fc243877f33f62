import { describe, expect, test } from 'vitest';
import { styleFor } from '../../../src/format/style.ts';
import { renderTable, tableFits } from '../../../src/format/table.ts';
import { displayWidth, pad, truncate, wrap } from '../../../src/format/width.ts';

describe('width', () => {
  test('counts cells, not characters', () => {
    expect(displayWidth('abc')).toBe(3);
    expect(displayWidth('日本')).toBe(4);
    expect(displayWidth('e\u0301')).toBe(1);
    expect(displayWidth('👩‍👩‍👧')).toBe(2);
    expect(displayWidth(styleFor(true).bad('abc'))).toBe(3);
  });

  test('cuts at cells and says so', () => {
    expect(truncate('abcdef', 4)).toBe('abc…');
    expect(truncate('日本語', 4)).toBe('日…');
    expect(truncate('abc', 3)).toBe('abc');
    expect(truncate('abc', 0)).toBe('');
  });

  test('pads to cells', () => {
    expect(pad('日', 4)).toBe('日  ');
    expect(pad('x', 3, 'right')).toBe('  x');
  });

  test('wraps at spaces, and inside a word that has none', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('one two three', 7, '  ')).toEqual(['one two', '  three']);
    expect(wrap('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
    expect(wrap('', 4)).toEqual(['']);
  });
});

describe('table', () => {
  const columns = [
    { heading: 'name', shrink: true },
    { heading: 'n', align: 'right' },
  ] as const;

  test('aligns columns', () => {
    expect(
      renderTable(
        columns,
        [
          ['sse', '1,234'],
          ['websocket', '5'],
        ],
        { width: 40 },
      ).join('\n'),
    ).toMatchInlineSnapshot(`
      "name           n
      sse        1,234
      websocket      5"
    `);
  });

  test('shrinks what may shrink and keeps numbers whole', () => {
    const rows = [['a very long name of an arm', '1,234']];
    expect(renderTable(columns, rows, { width: 16 })[1]).toBe('a very l…  1,234');
    expect(tableFits(columns, rows, 16)).toBe(true);
    expect(tableFits(columns, rows, 8)).toBe(false);
  });

  test('colour does not disturb the layout', () => {
    const plain = renderTable(columns, [['sse', '1']], { width: 40 });
    const style = styleFor(true);
    const coloured = renderTable(columns, [['sse', '1']], {
      width: 40,
      paint: (text) => style.good(text),
    });
    expect(coloured.map(displayWidth)).toEqual(plain.map(displayWidth));
    expect(coloured[1]).toContain('\u001b[32m');
  });

  test('without colour, styles change nothing', () => {
    expect(styleFor(false).bad('x')).toBe('x');
  });
});
