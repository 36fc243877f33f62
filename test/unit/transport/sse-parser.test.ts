import { describe, expect, it } from 'vitest';

import { SseLimitError, SseParser } from '../../../src/transport/sse-parser.ts';
import { webPlatformVectors, type Vector } from '../../fixtures/sse/web-platform-vectors.ts';
import { cutAt, parse, parseByTheBook, singly } from '../../helpers/sse.ts';

function check(vector: Vector, chunks: Uint8Array[]): void {
  const { reports } = parse(chunks);
  const events = reports.flatMap((report) =>
    report.kind === 'event' ? [{ data: report.data, event: report.event, id: report.id }] : [],
  );
  expect(events).toEqual(vector.events.map((event) => ({ event: '', id: '', ...event })));
  const retries = reports.flatMap((report) => (report.kind === 'retry' ? [report.ms] : []));
  expect(retries).toEqual(vector.retries ?? []);
}

const lineEnds = [
  ['as written', undefined],
  ['LF', '\n'],
  ['CR', '\r'],
  ['CR LF', '\r\n'],
] as const;

describe.each(webPlatformVectors)('Web Platform Test $name', (vector) => {
  it.each(lineEnds)('line ends %s, in one piece, in any two and byte by byte', (_, lineEnd) => {
    const text = lineEnd ? vector.input.replaceAll(/\r\n|\r|\n/g, lineEnd) : vector.input;
    const bytes = Buffer.from(text);
    check(vector, [bytes]);
    check(vector, singly(bytes));
    for (let at = 1; at < bytes.length; at += 1) check(vector, cutAt(bytes, at));
  });
});

const events = (text: string | Uint8Array): string[] =>
  parse([Buffer.from(text)]).reports.flatMap((r) => (r.kind === 'event' ? [r.data] : []));

describe('the standard, where the vectors are silent', () => {
  it('discards the event whose blank line never comes', () => {
    expect(events('data: a\n\ndata: b\n')).toEqual(['a']);
    expect(events('data: a\n\ndata: b')).toEqual(['a']);
  });

  it('takes LF CR for two line ends, CR LF for one', () => {
    expect(events('data: a\n\rdata: b\n\r')).toEqual(['a', 'b']);
    expect(events('data: a\r\ndata: b\r\n\r\n')).toEqual(['a\nb']);
  });

  it('dispatches at a CR without waiting for what comes next', () => {
    const seen: string[] = [];
    const parser = new SseParser({ onEvent: (data) => seen.push(data) });
    parser.feed(Buffer.from('data: a\r\n\r'));
    expect(seen).toEqual(['a']);
    parser.feed(Buffer.from('\ndata: b\r\r'));
    expect(seen).toEqual(['a', 'b']);
  });

  it('replaces what is not UTF-8, also at the edges of lines and of the stream', () => {
    const bytes = Buffer.concat([
      Buffer.from('data: '),
      Buffer.of(0xe2, 0x80),
      Buffer.from('\ndata: '),
      Buffer.of(0xff, 0x41, 0xc3),
      Buffer.from('\n\n'),
    ]);
    for (const chunks of [[bytes], singly(bytes)]) {
      expect(parse(chunks).reports).toEqual(parseByTheBook(bytes));
    }
    expect(events(bytes)).toEqual(['\uFFFD\n\uFFFDA\uFFFD']);
  });

  it('takes the start of a byte order mark that is none for the first line', () => {
    const bytes = Buffer.concat([Buffer.of(0xef, 0xbb), Buffer.from('data: a\n\ndata: b\n\n')]);
    for (const chunks of [[bytes], singly(bytes)]) {
      expect(parse(chunks).reports).toEqual(parseByTheBook(bytes));
    }
    expect(events(bytes)).toEqual(['b']);
  });

  it('keeps a byte order mark inside a value', () => {
    expect(events('data:\uFEFFa\n\n')).toEqual(['\uFEFFa']);
  });

  it('forgets an event name at a blank line even when nothing was dispatched', () => {
    const { reports } = parse([Buffer.from('event: a\n\ndata: b\n\n')]);
    expect(reports).toEqual([{ kind: 'event', data: 'b', event: '', id: '', comment: '' }]);
  });

  it('keeps an id that came without data', () => {
    const { reports } = parse([Buffer.from('id: 7\n\ndata: b\n\n')]);
    expect(reports).toEqual([{ kind: 'event', data: 'b', event: '', id: '7', comment: '' }]);
  });
});

describe('comments', () => {
  it('gives an event the last comment of its own block', () => {
    const { reports } = parse([Buffer.from(': one\n: sg 12 34.5\ndata: a\n\ndata: b\n\n')]);
    expect(reports).toEqual([
      { kind: 'event', data: 'a', event: '', id: '', comment: 'sg 12 34.5' },
      { kind: 'event', data: 'b', event: '', id: '', comment: '' },
    ]);
  });

  it('reports a keep-alive by itself', () => {
    const { reports } = parse([Buffer.from(': ping\n\n:\r\n\r\ndata: a\n\n')]);
    expect(reports.map((report) => report.kind)).toEqual(['comment', 'comment', 'event']);
    expect(reports[0]).toEqual({ kind: 'comment', comment: 'ping' });
  });

  it('needs no handler for them', () => {
    const parser = new SseParser({ onEvent: () => expect.unreachable() });
    parser.feed(Buffer.from(': ping\nretry: 5\n\n'));
  });
});

describe('bytes of an event', () => {
  it('counts the block with its names, comments and blank line', () => {
    const blocks = [
      ': sg 0 1.5\nevent: x\ndata: größe…\n\n',
      'data: b\n\n',
      ': ping\n\n',
      'data:\n\n',
    ];
    const whole = Buffer.from(blocks.join(''));
    const expected = [0, 1, 3].map((i) => Buffer.byteLength(blocks[i] ?? ''));
    expect(parse([whole]).bytes).toEqual(expected);
    expect(parse(singly(whole)).bytes).toEqual(expected);
  });

  it('is the same however the stream is cut', () => {
    const whole = Buffer.from('\uFEFFdata: a\r\n\r\n\ndata: b\rdata: c\r\r\n\r\ndata: d\n\n');
    const { bytes } = parse([whole]);
    expect(parse(singly(whole)).bytes).toEqual(bytes);
    for (let at = 1; at < whole.length; at += 1) {
      expect(parse(cutAt(whole, at)).bytes).toEqual(bytes);
    }
  });
});

describe('limits', () => {
  const limited = { maxLineBytes: 64 };

  it('refuses a line above the limit, whole, cut, or without an end', () => {
    const line = Buffer.from(`data: ${'x'.repeat(59)}\n\n`);
    expect(() => parse([line], limited)).toThrow(SseLimitError);
    expect(() => parse(singly(line), limited)).toThrow(SseLimitError);
    expect(() => parse(singly(line.subarray(0, 65)), limited)).toThrow(/longer than 64 bytes/);
  });

  it('takes a line of exactly the limit', () => {
    const line = Buffer.from(`data: ${'x'.repeat(58)}\n\n`);
    expect(parse([line], limited).reports).toHaveLength(1);
    expect(parse(singly(line), limited).reports).toHaveLength(1);
  });

  it('refuses an event of endless short lines', () => {
    const lines = Buffer.from('data: 12345678\n'.repeat(10));
    expect(() => parse([lines], limited)).toThrow(
      expect.objectContaining({ code: 'sse-event-too-long' }),
    );
  });

  it('lets keep-alives run forever in one block', () => {
    const text = `${': ping\n'.repeat(50)}data: a\n\n`;
    expect(parse([Buffer.from(text)], limited).reports).toHaveLength(1);
  });
});

it('parses a line that dribbles in at a cost linear in its length', () => {
  // Copying what is there at each byte would move 2 TB here and never finish.
  const size = 2_000_000;
  let seen = 0;
  const parser = new SseParser({ onEvent: (data) => (seen = data.length) });
  const one = Buffer.from('x');
  parser.feed(Buffer.from('data:'));
  for (let i = 0; i < size; i += 1) parser.feed(one);
  parser.feed(Buffer.from('\n\n'));
  expect(seen).toBe(size);
});

it('delivers an event once although its handler throws', () => {
  const seen: string[] = [];
  const parser = new SseParser({
    onEvent(data) {
      seen.push(data);
      if (data === 'a') throw new Error('from the handler');
    },
  });
  expect(() => parser.feed(Buffer.from('data: a\n\n'))).toThrow('from the handler');
  parser.feed(Buffer.from('data: b\n\n'));
  expect(seen).toEqual(['a', 'b']);
});
