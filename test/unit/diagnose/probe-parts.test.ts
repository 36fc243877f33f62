/** What a probe is made of: divider, decompression, request. */
import * as zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decompressor } from '../../../src/diagnose/observe/decompress.ts';
import { EventSplitter, readBlock } from '../../../src/diagnose/observe/event-splitter.ts';
import { genericMeaning } from '../../../src/diagnose/observe/meaning.ts';
import { BodyRecorder } from '../../../src/diagnose/observe/recorder.ts';
import { publicUrl, requestTemplate } from '../../../src/diagnose/request.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

describe('the divider', () => {
  const feed = (parts: string[], splitter = new EventSplitter({ kind: 'sse' })) =>
    parts.flatMap((part, read) =>
      splitter.feed(bytes(part), read).map(({ text, firstRead }) => [text, firstRead, read]),
    );

  it('says in which read an event began and in which it ended', () => {
    expect(feed(['data: 1\n\nda', 'ta: 2\n', '\ndata: 3\n\n'])).toEqual([
      ['data: 1\n', 0, 0],
      ['data: 2\n', 0, 2],
      ['data: 3\n', 2, 2],
    ]);
  });

  it.each(['\n', '\r\n', '\r'])('ends events at blank lines of %j, however they are cut', (end) => {
    const text = `data: a${end}${end}data: b${end}data: c${end}${end}data: d${end}${end}`;
    for (let cut = 1; cut < text.length; cut++) {
      const blocks = feed([text.slice(0, cut), text.slice(cut)]).map(
        ([block]) => readBlock(String(block)).data,
      );
      expect(blocks, `cut at ${cut}`).toEqual(['a', 'b\nc', 'd']);
    }
  });

  it('divides by a delimiter of several bytes, and by reads where there is none', () => {
    const records = new EventSplitter({ kind: 'delimiter', bytes: bytes('||') });
    expect(feed(['a|', '|b||', 'c'], records)).toEqual([
      ['a||', 0, 1],
      ['b||', 1, 1],
    ]);
    expect(feed(['a', 'b'], new EventSplitter({ kind: 'reads' }))).toHaveLength(2);
  });

  it('tells a comment from an event', () => {
    expect(readBlock(': ping\n\n').data).toBeUndefined();
    expect(readBlock('event: x\ndata:1\n\n')).toEqual({ event: 'x', data: '1' });
  });
});

describe('decompression', () => {
  const events = Array.from({ length: 20 }, (_, index) => `data: number ${index}\n\n`);

  it.each(['gzip', 'deflate', 'br'] as const)(
    'lays each event at the read that let it out of %s, and hides no holding',
    async (encoding) => {
      const flushed = await compressed(encoding, events, true);
      const recorder = new BodyRecorder({
        encoding,
        divider: { kind: 'sse' },
        meaning: genericMeaning(),
      });
      for (const [at, part] of flushed.entries()) recorder.read(at, [part]);
      await recorder.settle();
      expect(recorder.decodeProblem).toBe('');
      expect(recorder.events).toHaveLength(20);
      expect(recorder.events.map((event) => event.read)).toEqual(events.map((_, index) => index));

      const held = new BodyRecorder({
        encoding,
        divider: { kind: 'sse' },
        meaning: genericMeaning(),
      });
      const [whole] = await compressed(encoding, [events.join('')], false);
      held.read(0, [whole!.subarray(0, 10)]);
      held.read(1, [whole!.subarray(10)]);
      await held.settle();
      expect(held.reads.map((read) => read.events)).toEqual([0, 20]);
    },
  );

  it('says what it cannot unpack', async () => {
    await expect(decompressor('zstd').feed(bytes('x'))).rejects.toThrow('"zstd"');
    const recorder = new BodyRecorder({
      encoding: 'gzip',
      divider: { kind: 'sse' },
      meaning: genericMeaning(),
    });
    recorder.read(0, [bytes('this is not gzip')]);
    await recorder.settle();
    expect(recorder.decodeProblem).toContain('gzip');
  });
});

async function compressed(
  encoding: 'gzip' | 'deflate' | 'br',
  parts: readonly string[],
  flush: boolean,
): Promise<Buffer[]> {
  const packer =
    encoding === 'gzip'
      ? zlib.createGzip()
      : encoding === 'br'
        ? zlib.createBrotliCompress()
        : zlib.createDeflate();
  const out: Buffer[] = [];
  let current: Buffer[] = [];
  packer.on('data', (part: Buffer) => current.push(part));
  for (const part of parts) {
    await new Promise<void>((resolve) => void packer.write(part, () => resolve()));
    if (!flush) continue;
    await new Promise<void>((resolve) => packer.flush(() => resolve()));
    out.push(Buffer.concat(current));
    current = [];
  }
  if (!flush) {
    packer.end();
    await new Promise((resolve) => packer.once('end', resolve));
    out.push(Buffer.concat(current));
  }
  return out;
}

describe('the request', () => {
  const template = (options: Partial<Parameters<typeof requestTemplate>[0]>) =>
    requestTemplate({ url: 'http://h/v1', ...options }, '1.0');

  it('completes the base URL of an API, and takes the endpoint itself', () => {
    const base = template({ dialect: 'openai-chat', apiKey: 'k' });
    expect(base.url.href).toBe('http://h/v1/chat/completions');
    expect(base.note).toContain('/chat/completions');
    expect(base.headers).toContainEqual(['authorization', 'Bearer k']);
    const whole = template({ url: 'http://h/v1/chat/completions?a=b', dialect: 'openai-chat' });
    expect(whole.url.href).toBe('http://h/v1/chat/completions?a=b');
    expect(whole.note).toBeUndefined();
  });

  it('asks with GET, or with POST where there is a body', () => {
    expect(template({}).methods).toEqual(['GET']);
    const posted = template({ body: '{"stream":true}', headers: [['X-A', '1']] });
    expect(posted.methods).toEqual(['POST']);
    expect(posted.headers).toContainEqual(['content-type', 'application/json']);
    expect(posted.headers).toContainEqual(['x-a', '1']);
  });

  it.each([
    [{ url: 'nothing' }, 'is not a URL'],
    [{ url: 'ws://h/' }, 'cannot be diagnosed'],
    [{ dialect: 'openai-chatt' as 'openai-chat' }, 'no dialect'],
    [{ dialect: 'openai-chat' as const, body: 'x' }, '--body is for the generic dialect'],
    [{ methods: ['G T'] }, 'is not an HTTP method'],
    [{ delimiter: '' }, '--delimiter'],
  ])('refuses %j', (options, message) => {
    expect(() => template(options)).toThrow(message);
  });

  it('shows no secrets of a URL, and logs in with them', () => {
    expect(publicUrl(new URL('http://me:secret@h/x?api_key=abc&q=1'))).toBe(
      'http://h/x?api_key=hidden&q=1',
    );
    expect(template({ url: 'http://me:pw@h/' }).headers).toContainEqual([
      'authorization',
      'Basic bWU6cHc=',
    ]);
  });
});
