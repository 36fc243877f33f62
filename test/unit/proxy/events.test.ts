/** SSE events, however reads divide them. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventDivider } from '../../../src/proxy/events.ts';
import { pieces } from '../../helpers/pieces.ts';

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
