import { describe, expect, it } from 'vitest';
import { readTrace } from '../../../src/load/read-trace.ts';

describe('readTrace', () => {
  it.each([
    ['ISO dates', 'timestamp\n2026-03-01T12:00:00.000Z\n2026-03-01T12:00:00.250Z\n', [0, 250]],
    ['epoch seconds', 'timestamp\n1772366400\n1772366401.5\n', [0, 1500]],
    ['epoch milliseconds', 'timestamp\n1772366400000\n1772366400250\n', [0, 250]],
    ['epoch microseconds', 'timestamp\n1772366400000000\n1772366400250000\n', [0, 250]],
    ['a named unit', 'timestamp_s,user\n10,a\n12.5,b\n', [0, 2500]],
    ['milliseconds by name', 'id,timestamp_ms\n1,500\n2,750\n', [0, 250]],
    ['other columns and quotes', 'user,timestamp\n"a, b",1772366400\n"c",1772366402\n', [0, 2000]],
    ['no header', '2026-03-01T12:00:00Z\n2026-03-01T12:00:01Z\n', [0, 1000]],
    ['CRLF, a mark and blank lines', '\uFEFFtimestamp_ms\r\n5\r\n\r\n9\r\n', [0, 4]],
    [
      'JSONL',
      '{"timestamp":"2026-03-01T12:00:00Z"}\n{"timestamp":"2026-03-01T12:00:02Z"}',
      [0, 2000],
    ],
    ['JSONL with a named unit', '{"timestamp_ms":100}\n{"timestamp_ms":130}\n', [0, 30]],
    ['any order', 'timestamp_ms\n30\n10\n20\n', [0, 10, 20]],
  ])('reads %s', (_name, text, expected) => {
    expect(readTrace(text)).toEqual(expected);
  });

  it('takes the unit of unnamed numbers from the caller', () => {
    expect(readTrace('timestamp\n0\n0.5\n', { unit: 1000 })).toEqual([0, 500]);
  });

  it.each([
    [
      'a guess between seconds and milliseconds',
      'timestamp\n0\n27\n',
      /timestamp_s or timestamp_ms/,
    ],
    ['an empty file', '\n\n', /empty/],
    ['a header alone', 'timestamp\n', /no rows/],
    ['a missing column', 'when,user\n1,a\n', /no column "timestamp" among when, user/],
    ['a bad cell', 'timestamp\n2026-03-01T12:00:00Z\nsoon\n', /line 3: "soon"/],
    ['bad JSON', '{"timestamp":1772366400}\n{oops\n', /line 2 is not JSON/],
    ['a missing member', '{"timestamp":1772366400}\n{"time":1}\n', /line 2 has no member/],
  ])('refuses %s', (_name, text, message) => {
    expect(() => readTrace(text)).toThrow(message);
  });
});
