/**
 * A stream is judged the same whatever ends its lines. Python's sse-starlette, the MCP SDK on top of it
 * and hypercorn write CR LF, and a lone CR is allowed as well.
 */
import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/diagnose/judge/decision-table.ts';
import { genericMeaning } from '../../../src/diagnose/observe/meaning.ts';
import type { Observation } from '../../../src/diagnose/observe/observation.ts';
import { BodyRecorder } from '../../../src/diagnose/observe/recorder.ts';
import { observed, produce } from '../../helpers/arrivals.ts';

interface Read {
  at: number;
  bytes: Buffer;
}

/** Texts of events of about 220 bytes, with the line ends asked for. */
type LineEnds = (event: number) => readonly [line: string, blank: string];
const same =
  (end: string): LineEnds =>
  () => [end, end];
const lineEnds: Record<string, LineEnds> = {
  LF: same('\n'),
  'CR LF': same('\r\n'),
  CR: same('\r'),
  mixed: (event) => {
    const ends = ['\n', '\r\n', '\r'];
    return [ends[event % 3]!, event % 3 === 2 ? '\r' : ends[(event + 1) % 2]!];
  },
};

const source = (seed: string) => produce({ seed, beat: 20 });

/** A clean path: each event in a separate read. */
function clean(ends: LineEnds, seed: string): Read[] {
  return source(seed).map(({ at, size }, index) => {
    const [line, blank] = ends(index);
    return { at: at + 1, bytes: Buffer.from(`data: ${'x'.repeat(size)}${line}${blank}`) };
  });
}

/** The last byte of each read comes with the next one, or `laterMs` after it in a separate read. */
function lastByteLater(reads: readonly Read[], laterMs?: number): Read[] {
  let carried: Buffer = Buffer.alloc(0);
  const out: Read[] = [];
  for (const { at, bytes } of reads) {
    out.push({ at, bytes: Buffer.concat([carried, bytes.subarray(0, -1)]) });
    const last = bytes.subarray(-1);
    if (laterMs === undefined) carried = last;
    else out.push({ at: at + laterMs, bytes: last });
  }
  if (carried.length > 0) out.push({ at: out.at(-1)!.at + 20, bytes: carried });
  return out;
}

/** Holds until so many bytes are there, as a buffering proxy does. */
function held(reads: readonly Read[], size: number): Read[] {
  const out: Read[] = [];
  let waiting: Buffer = Buffer.alloc(0);
  for (const { at, bytes } of reads) {
    waiting = Buffer.concat([waiting, bytes]);
    while (waiting.length >= size) {
      out.push({ at, bytes: waiting.subarray(0, size) });
      waiting = waiting.subarray(size);
    }
  }
  return [...out, { at: reads.at(-1)!.at + 1, bytes: waiting }];
}

/** What the probe would have recorded of these reads. */
function recorded(reads: readonly Read[], repeat: number): Observation {
  const recorder = new BodyRecorder({
    encoding: '',
    divider: { kind: 'sse' },
    meaning: genericMeaning(),
  });
  for (const { at, bytes } of reads) recorder.read(at, [bytes]);
  return observed([], [], {
    repeat,
    reads: recorder.reads,
    events: recorder.events,
    endedMs: reads.at(-1)!.at + 20,
  });
}

const verdictOf = (make: (seed: string) => Read[]) =>
  judge(['a', 'b'].map((seed, repeat) => recorded(make(seed), repeat))).verdict;
const streams = { kind: 'streams', confidence: 'high' };

describe.each(Object.keys(lineEnds))('a stream with line ends of %s', (name) => {
  const ends = lineEnds[name]!;

  it('streams on a clean path', () => {
    expect(verdictOf((seed) => clean(ends, seed))).toEqual(streams);
  });

  it('streams with a byte order mark in front', () => {
    const withMark = (seed: string): Read[] => {
      const [first, ...rest] = clean(ends, seed);
      const bytes = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), first!.bytes]);
      return [{ at: first!.at, bytes }, ...rest];
    };
    expect(verdictOf(withMark)).toEqual(streams);
    expect(recorded(withMark('a'), 0).events).toHaveLength(100);
  });

  it('is held back where a buffer holds it', () => {
    expect(verdictOf((seed) => held(clean(ends, seed), 4096))).toMatchObject({
      kind: 'buffered_by_size',
      size_bytes: 4096,
    });
  });
});

describe('a line end of CR LF that is cut in two', () => {
  it('streams where the LF comes with the next event', () => {
    expect(verdictOf((seed) => lastByteLater(clean(lineEnds['CR LF']!, seed)))).toEqual(streams);
  });

  it('streams where the LF comes in a separate read', () => {
    expect(verdictOf((seed) => lastByteLater(clean(lineEnds['CR LF']!, seed), 1))).toEqual(streams);
  });

  it('is told from an LF that ends the event itself, which is late then', () => {
    expect(verdictOf((seed) => lastByteLater(clean(lineEnds['LF']!, seed)))).not.toEqual(streams);
  });
});

describe('the reads of an event', () => {
  const placesOf = (parts: readonly string[]) =>
    recorded(
      parts.map((text, at) => ({ at, bytes: Buffer.from(text) })),
      0,
    ).events.map(({ firstRead, read, size }) => [firstRead, read, size]);

  it.each([
    [
      'LF',
      ['data: 1\n\n', 'data: 2\n', '\n'],
      [
        [0, 0, 9],
        [1, 2, 9],
      ],
    ],
    [
      'CR LF',
      ['data: 1\r\n\r\n', 'data: 2\r\n\r\n'],
      [
        [0, 0, 11],
        [1, 1, 11],
      ],
    ],
    // Whether an LF follows is not known when the CR is there; the event does not wait for it.
    [
      'a trailing CR',
      ['data: 1\r\n\r', '\ndata: 2\r\n\r', '\n'],
      [
        [0, 0, 10],
        [1, 1, 10],
      ],
    ],
    [
      'CR',
      ['data: 1\r\r', 'data: 2\r', '\r'],
      [
        [0, 0, 9],
        [1, 2, 9],
      ],
    ],
    [
      'blank lines between',
      ['data: 1\n\n\n', '\r\n', 'data: 2\n\n'],
      [
        [0, 0, 9],
        [2, 2, 9],
      ],
    ],
    [
      'a block without data',
      ['data: 1\n\nid: 5\n', '\ndata: 2\n\n'],
      [
        [0, 0, 9],
        [1, 1, 9],
      ],
    ],
  ])('are found with %s', (_, parts, expected) => {
    expect(placesOf(parts)).toEqual(expected);
  });

  it('do not depend on where the bytes are cut', () => {
    const text = '\uFEFFdata: a\r\ndata: b\r\n\r\n: ping\r\n\r\nevent: x\rdata: c\r\rdata: d\n\n';
    const bytes = Buffer.from(text);
    for (let cut = 1; cut < bytes.length; cut++) {
      const seen = recorded(
        [bytes.subarray(0, cut), bytes.subarray(cut)].map((part, at) => ({ at, bytes: part })),
        0,
      );
      expect(seen.events, `cut at ${cut}`).toHaveLength(3);
    }
  });
});
