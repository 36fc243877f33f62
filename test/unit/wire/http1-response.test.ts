import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Http1ResponseParser,
  HttpSyntaxError,
  type ResponseLine,
} from '../../../src/wire/http1-response.ts';

interface Parsed {
  status: number;
  headers: Record<string, string>;
  body: string;
  complete: boolean;
  keepAlive: boolean | undefined;
  missing: string | undefined;
  line: ResponseLine | undefined;
  chunkSizes: number[];
}

/** Feeds the pieces as reads into one reused buffer, as a socket does. */
function parse(pieces: readonly Buffer[], closes = true, method = 'GET'): Parsed {
  const result: Parsed = {
    status: 0,
    headers: {},
    body: '',
    complete: false,
    keepAlive: undefined,
    missing: undefined,
    line: undefined,
    chunkSizes: [],
  };
  const body: Buffer[] = [];
  const parser = new Http1ResponseParser(
    {
      onHead: (status, headers, line) => Object.assign(result, { status, headers, line }),
      onBody: (bytes) => void body.push(Buffer.from(bytes)),
      onChunk: (size) => void result.chunkSizes.push(size),
      onComplete: (keepAlive) => Object.assign(result, { complete: true, keepAlive }),
    },
    method,
  );
  const reused = Buffer.alloc(64 * 1024);
  for (const piece of pieces) {
    reused.fill(0xff);
    piece.copy(reused);
    parser.feed(reused, piece.length);
  }
  if (closes && !result.complete) result.missing = parser.end();
  result.body = Buffer.concat(body).toString('utf8');
  return result;
}

function split(text: string, cuts: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text);
  const sorted = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b);
  const pieces: Buffer[] = [];
  let from = 0;
  for (const cut of [...sorted, bytes.length]) {
    if (cut > from) pieces.push(bytes.subarray(from, cut));
    from = Math.max(from, cut);
  }
  return pieces;
}

const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\nx-a: 2\r\n\r\n';

describe('Http1ResponseParser', () => {
  it('reads a chunked body split anywhere, extensions and trailers included', () => {
    const text = `${chunked}5\r\nhéll\r\nA;name=value\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n`;
    const bytes = Buffer.byteLength(text);
    for (let cut = 1; cut < bytes; cut++) {
      const parsed = parse(split(text, [cut]));
      expect(parsed).toMatchObject({
        status: 200,
        body: 'héll0123456789',
        complete: true,
        keepAlive: true,
      });
      expect(parsed.headers['x-a']).toBe('1, 2');
    }
    expect(parse([...Buffer.from(text)].map((byte) => Buffer.from([byte]))).complete).toBe(true);
  });

  it('reads any chunking of any body under any split', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, maxLength: 60, unit: 'binary' }), { maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        (chunks, cuts) => {
          let text = chunked;
          for (const chunk of chunks)
            text += `${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`;
          text += '0\r\n\r\n';
          const parsed = parse(split(text, cuts));
          // A chunk may end inside a surrogate pair only in the source text, never in its bytes.
          expect(parsed.body).toBe(Buffer.from(chunks.join('')).toString('utf8'));
          expect(parsed.complete).toBe(true);
        },
      ),
    );
  });

  it('tells a missing final chunk from a clean end', () => {
    expect(parse([Buffer.from(`${chunked}3\r\nabc\r\n`)]).missing).toBe(
      'closed without the final chunk',
    );
    expect(parse([Buffer.from(`${chunked}3\r\nab`)]).missing).toBe('closed within a chunk');
    expect(parse([Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc')]).missing).toBe(
      'closed 2 bytes before the announced length',
    );
    expect(parse([Buffer.from('HTTP/1.1 200 OK\r\nConte')]).missing).toBe(
      'closed within the response headers',
    );
    expect(parse([]).missing).toBe('closed before the response headers');
  });

  it('takes a body without a length as ended by the close', () => {
    const parsed = parse([Buffer.from('HTTP/1.0 200 OK\r\n\r\nabc')]);
    expect(parsed).toMatchObject({ body: 'abc', complete: true, keepAlive: false });
    expect(parsed.missing).toBeUndefined();
  });

  it('skips interim responses and bodiless ones', () => {
    const interim = 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n';
    const parsed = parse([Buffer.from(`${interim}HTTP/1.1 204 No Content\r\n\r\n`)]);
    expect(parsed).toMatchObject({ status: 204, complete: true, body: '' });
  });

  it('says chunk sizes as they were written, however the bytes are cut', () => {
    const text = `${chunked}5\r\nhello\r\n1000;x=y\r\n${'z'.repeat(4096)}\r\n0\r\nT: 1\r\n\r\n`;
    for (const step of [1, 3, 7, 100, 5000]) {
      const steps = Array.from({ length: Math.ceil(text.length / step) }, (_, n) => n * step);
      const { chunkSizes, complete } = parse(split(text, steps));
      expect({ chunkSizes, complete }).toEqual({ chunkSizes: [5, 4096], complete: true });
    }
  });

  it('says what the answer is in addition to its status', () => {
    const text = 'HTTP/1.0 200 All is well\r\nX-A: 1\r\nB: 2\r\nx-a: 3\r\n\r\n';
    expect(parse([Buffer.from(text)]).line).toEqual({
      httpVersion: '1.0',
      statusText: 'All is well',
      framing: 'close',
      list: [
        ['x-a', '1'],
        ['b', '2'],
        ['x-a', '3'],
      ],
    });
  });

  it.each([
    ['HTTP/1.1 200 OK\r\nContent-Length: 0', 'length', true],
    ['HTTP/1.1 200\r\nTransfer-Encoding: gzip, Chunked', 'chunked', undefined],
    ['HTTP/1.1 200 OK\r\nConnection: close', 'close', undefined],
    ['HTTP/1.0 200 OK', 'close', undefined],
    ['HTTP/1.1 204 No Content', 'none', true],
    ['HTTP/1.1 304 Not Modified\r\nContent-Length: 9', 'none', true],
  ])('knows what ends %j', (text, framing, keepAlive) => {
    const parsed = parse([Buffer.from(`${text}\r\n\r\n`)], false);
    expect(parsed.line?.framing).toBe(framing);
    expect(parsed.keepAlive).toBe(keepAlive);
  });

  it('expects no body where HEAD asked', () => {
    const head = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n');
    expect(parse([head], false, 'HEAD')).toMatchObject({ complete: true, keepAlive: true });
    expect(parse([head]).complete).toBe(false);
  });

  it('gives up a head that does not end', () => {
    const head = split(`HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(11_000)}`, [20_000, 40_000]);
    expect(() => parse(head)).toThrow(/above 64 KiB/);
  });

  it('honours Connection: close', () => {
    const head = 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok';
    expect(parse([Buffer.from(head)])).toMatchObject({ complete: true, keepAlive: false });
  });

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', /not an HTTP response|status line/],
    ['a header without a name', 'HTTP/1.1 200 OK\r\n: x\r\n\r\n', /without a name/],
    ['a chunk size that is not a number', `${chunked}zz\r\n`, /byte 0x7a/],
    ['a chunk longer than announced', `${chunked}1\r\nab\r\n`, /longer than its chunk size/],
    ['an empty chunk size', `${chunked}\r\n`, /without a size/],
    ['bytes after the end', `${chunked}0\r\n\r\nmore`, /after the end/],
    [
      'a length that is not a number',
      'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n',
      /not a number/,
    ],
    [
      'two lengths',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n',
      /not a number: 5, 6/,
    ],
    ['a chunk size beyond all bounds', `${chunked}${'f'.repeat(13)}\r\n`, /absurdly large/],
    ['two status lines', 'HTTP/1.1 200 OK\r\nHTTP/1.1 200 OK\r\n\r\n', /without a name/],
  ])('refuses %s', (_name, text, message) => {
    expect(() => parse([Buffer.from(text)])).toThrow(HttpSyntaxError);
    expect(() => parse([Buffer.from(text)])).toThrow(message);
  });
});
