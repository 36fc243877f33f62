/** Chunk lines and SSE events, however reads divide them. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventDivider } from '../../../src/proxy/events.ts';
import { ChunkedDecoder } from '../../../src/proxy/framing.ts';

/** `bytes` in pieces, cut at the given places. */
function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, i) => bytes.subarray(from, places[i] ?? bytes.length));
}

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
  });

  it.each(['hello', '\r\n', `3\r\nabcX`, `${'f'.repeat(13)}\r\n`])('refuses %j', (wire) => {
    expect(() => new ChunkedDecoder().decode(Buffer.from(wire))).toThrow('chunked');
  });
});

describe('EventDivider', () => {
  it.each(['\n', '\r', '\r\n'])('finds the events of a stream with line ends %j', (end) => {
    fc.assert(
      fc.property(fc.array(fc.nat(200), { maxLength: 10 }), (cuts) => {
        const events = ['data: a', `id: 1${end}data: b`, ': comment'].map(
          (text) => text + end + end,
        );
        const divider = new EventDivider('text/event-stream; charset=utf-8');
        let found = 0;
        let at = 0;
        const ends: number[] = [];
        for (const piece of pieces(Buffer.from(events.join('')), cuts)) {
          for (const boundary of divider.boundaries(piece)) {
            found += 1;
            ends.push(at + boundary);
          }
          at += piece.length;
        }
        expect(found).toBe(3);
        // A line feed that comes after a division may fall to the next event; never more.
        let expected = 0;
        for (const [i, event] of events.entries()) {
          expected += event.length;
          expect(expected - ends[i]!).toBeLessThanOrEqual(1);
          expect(ends[i]!).toBeLessThanOrEqual(expected);
        }
      }),
    );
  });

  it('takes each read of another type for one event', () => {
    const divider = new EventDivider('application/json');
    expect(divider.boundaries(Buffer.from('{"a":\n\n1}'))).toEqual([9]);
    expect(divider.boundaries(Buffer.alloc(0))).toEqual([]);
  });
});
