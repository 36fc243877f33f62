import { describe, expect, it } from 'vitest';
import { OffsetIndex } from '../../../mock-server/apis/streams/offset-index.ts';

// 1, 2, 3 and 4 bytes of UTF-8 a character; the last is two UTF-16 units.
const texts = ['ab\n', 'ä→\n', '😀z\n'];

function indexOf(unit: 'utf16' | 'bytes'): OffsetIndex {
  const index = new OffsetIndex(unit);
  for (const text of texts) index.add(text);
  return index;
}

describe('an offset into a stream', () => {
  it('counts what its unit says', () => {
    expect(indexOf('utf16').length).toBe(3 + 3 + 4);
    expect(indexOf('bytes').length).toBe(3 + 6 + 6);
  });

  it.each(['utf16', 'bytes'] as const)('leaves exactly the rest, at every place, in %s', (unit) => {
    const index = indexOf(unit);
    const whole = texts.join('');
    const units = unit === 'utf16' ? whole.length : Buffer.byteLength(whole);
    for (let offset = 0; offset <= units; offset++) {
      const { after, skip } = index.find(offset);
      const [first, ...others] = texts.slice(after + 1);
      const rest =
        first === undefined
          ? Buffer.alloc(0)
          : Buffer.concat([index.rest(first, skip), Buffer.from(others.join(''))]);
      // Half of a surrogate pair is not text: what is left of it is the replacement character.
      const wanted =
        unit === 'bytes' ? Buffer.from(whole).subarray(offset) : Buffer.from(whole.slice(offset));
      expect(rest).toEqual(wanted);
    }
  });

  it('means another place in the other unit, as soon as the text is not ASCII', () => {
    const [utf16, bytes] = [indexOf('utf16'), indexOf('bytes')];
    expect(utf16.find(3)).toEqual(bytes.find(3));
    expect(utf16.find(6)).toEqual({ after: 1, skip: 0 });
    expect(bytes.find(6)).toEqual({ after: 0, skip: 3 });
  });
});
