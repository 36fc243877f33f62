import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderTable } from '../../src/format/table.ts';
import { displayWidth, truncate, wrap } from '../../src/format/width.ts';

// No control characters: code that prints text from a target strips them first.
const words = fc
  .string({ unit: 'grapheme', maxLength: 24 })
  .map((text) => text.replaceAll(/\p{C}/gu, ''));

const tables = fc
  .record({
    columns: fc.array(
      fc.record({
        heading: words,
        align: fc.constantFrom('left' as const, 'right' as const),
        shrink: fc.boolean(),
      }),
      { minLength: 1, maxLength: 6 },
    ),
    width: fc.integer({ min: 1, max: 120 }),
    indent: fc.constantFrom('', '  '),
  })
  .chain((base) =>
    fc.record({
      base: fc.constant(base),
      rows: fc.array(
        fc.array(words, { minLength: base.columns.length, maxLength: base.columns.length }),
        { maxLength: 8 },
      ),
    }),
  );

test('no line of a table is wider than asked for', () => {
  fc.assert(
    fc.property(tables, ({ base, rows }) => {
      const { columns, width, indent } = base;
      const lines = renderTable(columns, rows, { width, indent });
      expect(lines).toHaveLength(rows.length + 1);
      for (const line of lines) {
        expect(displayWidth(line)).toBeLessThanOrEqual(Math.max(width, indent.length + 1));
      }
    }),
  );
});

test('a wide enough table loses nothing', () => {
  fc.assert(
    fc.property(tables, ({ base, rows }) => {
      const lines = renderTable(base.columns, rows, { width: 1000 });
      for (const [index, row] of rows.entries()) {
        for (const cell of row) expect(lines[index + 1]).toContain(cell.trimEnd());
      }
    }),
  );
});

test('cutting and wrapping keep to the width', () => {
  fc.assert(
    fc.property(words, fc.integer({ min: 2, max: 30 }), (text, width) => {
      expect(displayWidth(truncate(text, width))).toBeLessThanOrEqual(width);
      for (const line of wrap(text, width)) expect(displayWidth(line)).toBeLessThanOrEqual(width);
    }),
  );
});
