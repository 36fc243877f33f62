import { SseParser, type SseParserOptions } from '../../src/transport/sse-parser.ts';

/** What a parser reported, in the order it did. */
export type Report =
  | { kind: 'event'; data: string; event: string; id: string; comment: string }
  | { kind: 'retry'; ms: number }
  | { kind: 'comment'; comment: string };

/** Feeds the chunks to a new parser and ends the stream. */
export function parse(
  chunks: Iterable<Uint8Array>,
  options?: SseParserOptions,
): { reports: Report[]; bytes: number[] } {
  const reports: Report[] = [];
  const bytes: number[] = [];
  const parser = new SseParser(
    {
      onEvent(data, event, id, size, comment) {
        reports.push({ kind: 'event', data, event, id, comment });
        bytes.push(size);
      },
      onRetry: (ms) => reports.push({ kind: 'retry', ms }),
      onComment: (comment) => reports.push({ kind: 'comment', comment }),
    },
    options,
  );
  for (const chunk of chunks) {
    // The parser may keep nothing of a chunk, so each is overwritten as soon as it was taken.
    const copy = Uint8Array.from(chunk);
    parser.feed(copy);
    copy.fill(0x23);
  }
  parser.end();
  return { reports, bytes };
}

/** The bytes in two chunks, cut at `at`. */
export function cutAt(bytes: Uint8Array, at: number): Uint8Array[] {
  return [bytes.subarray(0, at), bytes.subarray(at)];
}

/** The bytes one by one. */
export function singly(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte));
}

/**
 * The standard's algorithm word by word on the whole text: slow, and too plain to hide a mistake.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function parseByTheBook(bytes: Uint8Array): Report[] {
  const reports: Report[] = [];
  // The standard's "UTF-8 decode" takes one byte order mark off, as TextDecoder does by itself.
  const lines = new TextDecoder().decode(bytes).split(/\r\n|\r|\n/);
  lines.pop(); // What follows the last line end is not a line yet.
  let data = '';
  let event = '';
  let id = '';
  let comment: string | undefined;
  for (const line of lines) {
    if (line === '') {
      if (data !== '') {
        reports.push({ kind: 'event', data: data.slice(0, -1), event, id, comment: comment ?? '' });
      } else if (comment !== undefined) reports.push({ kind: 'comment', comment });
      data = '';
      event = '';
      comment = undefined;
      continue;
    }
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (colon === 0) comment = value;
    else if (name === 'data') data += `${value}\n`;
    else if (name === 'event') event = value;
    else if (name === 'id' && !value.includes('\0')) id = value;
    else if (name === 'retry' && /^[0-9]+$/.test(value)) {
      reports.push({ kind: 'retry', ms: Number.parseInt(value, 10) });
    }
  }
  return reports;
}
