/** Chunk lines, however reads divide them. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkedDecoder } from '../../../src/wire/chunked-decoder.ts';
import { pieces } from '../../helpers/pieces.ts';

describe('ChunkedDecoder', () => {
  it('takes out what was put in, in any division', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 }),
        fc.array(fc.nat(3000), { maxLength: 12 }),
        fc.constantFrom('', ';ext=1', ' ;a="b"'),
        fc.constantFrom('', 'X-Trailer: 1\r\n'),
        (chunks, cuts, extension, trailer) => {
          const wire = Buffer.concat([
            ...chunks.flatMap((chunk) => [
              Buffer.from(`${chunk.length.toString(16)}${extension}\r\n`),
              Buffer.from(chunk),
              Buffer.from('\r\n'),
            ]),
            Buffer.from(`0\r\n${trailer}\r\n`),
          ]);
          const decoder = new ChunkedDecoder();
          const out = pieces(wire, cuts).flatMap((piece) => decoder.decode(piece));
          expect(Buffer.concat(out)).toEqual(Buffer.concat(chunks));
          expect(decoder.complete).toBe(true);
          expect(decoder.decode(Buffer.from('more'))).toEqual([]);
        },
      ),
    );
  });

  it.each([
    ['', 5],
    ['c8\r\n', 200 + 7],
    [`c8\r\n${'x'.repeat(80)}`, 120 + 7],
    [`c8\r\n${'x'.repeat(200)}`, 7],
    [`c8\r\n${'x'.repeat(200)}\r\n`, 5],
  ])('after %j at least %d bytes must follow', (wire, minimum) => {
    const decoder = new ChunkedDecoder();
    decoder.decode(Buffer.from(wire));
    expect(decoder.minimum).toBe(minimum);
    expect(decoder.complete).toBe(false);
  });

  it.each(['hello', '\r\n', `3\r\nabcX`, `${'f'.repeat(13)}\r\n`])('refuses %j', (wire) => {
    expect(() => new ChunkedDecoder().decode(Buffer.from(wire))).toThrow('chunked');
  });
});
