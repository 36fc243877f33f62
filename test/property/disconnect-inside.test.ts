/** Wherever a disconnect looks inside, the cut lies at the same byte however the bytes were cut into reads. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventKindReader } from '../../src/dialect/event-kind-readers.ts';
import { makeFaults, parseFaults } from '../../src/fault/registry.ts';
import { VirtualConnection } from '../helpers/fault-path.ts';
import {
  chatEvents,
  h2Frame,
  h2Requests,
  request,
  response,
  responseMessages,
  serverMessage,
  upgrade,
  upgraded,
} from '../helpers/wire-samples.ts';

const down = 'target_to_client';
const environment = {
  readText: () => '',
  baseDirectory: '/',
  eventKind: eventKindReader(undefined),
};

const moments = fc.constantFrom(
  { before: 'headers' },
  { before: 'first_event' },
  { before: 'first_token' },
  { before: { event: '[DONE]' } },
  { before: { event: 'response.output_text.done' } },
  { after: { tokens: 1 } },
  { after: { tokens: 3 } },
  { after: { events: 2 } },
  { after: { last_token: true } },
  { after: { event: 'response.created' } },
  { after: { bytes: '150B' } },
  { inside: 'utf8' },
  { inside: 'blank_line' },
  { inside: 'blank_line', after: { tokens: 1 } },
  { inside: 'utf8', after: { events: 2 } },
);
const texts = fc.array(
  fc.constantFrom('a', ' token', '→', '漢字', '👩‍💻', 'e\u0301', '\n', '"', ''),
  { maxLength: 6 },
);
/** Sizes of reads, over and over. */
const reads = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 12 });

function split(wire: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, i = 0; at < wire.length; i++) {
    const size = sizes[i % sizes.length]!;
    pieces.push(wire.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

/** What comes through both ways, and how it ended. */
function through(
  settings: object,
  asked: readonly Uint8Array[],
  answered: readonly Uint8Array[],
): unknown[] {
  const faults = makeFaults(parseFaults([{ disconnect: settings }]), environment);
  const connection = new VirtualConnection(faults);
  for (const bytes of asked) connection.up.write(bytes);
  for (const bytes of answered) connection.down.write(bytes);
  connection.down.end();
  connection.up.end();
  expect([connection.down.held, connection.up.held, connection.timers]).toEqual([0, 0, 0]);
  return [
    Buffer.from(connection.bytes(down)).toString('latin1'),
    connection.endings,
    faults[0]!.fired,
  ];
}

function sameHowever(
  settings: object,
  ask: Uint8Array,
  answer: Uint8Array,
  [one, two]: readonly [readonly number[], readonly number[]],
): unknown[] {
  const whole = through(settings, [ask], [answer]);
  expect(through(settings, split(ask, two), split(answer, one))).toEqual(whole);
  expect(through(settings, split(ask, one), split(answer, [1]))).toEqual(whole);
  return whole;
}

const sizes = fc.tuple(reads, reads);

describe('the cut does not depend on reads', () => {
  it('in HTTP/1.1, whatever the framing, chunks and line ends', () => {
    fc.assert(
      fc.property(
        moments,
        fc.constantFrom('fin', 'rst', 'cut_chunk', 'half_close'),
        texts,
        fc.constantFrom('chunked', 'length', 'close'),
        fc.constantFrom('\n', '\r\n', '\r'),
        reads,
        sizes,
        (moment, how, said, framing, lineEnd, chunks, read) => {
          fc.pre(!(how === 'cut_chunk' && 'before' in moment && moment.before === 'headers'));
          const events = chatEvents(said).join(': a comment\n\n').replaceAll('\n', lineEnd);
          const answer = response(split(Buffer.from(events), chunks), framing);
          const [passed, endings] = sameHowever({ how, ...moment }, request, answer, read);
          const got = Buffer.from(passed as string, 'latin1');
          expect(answer.subarray(0, got.length).equals(got)).toBe(true);
          if (how !== 'half_close')
            expect(
              got.length < answer.length || (endings as []).length === 0 || framing !== 'chunked',
            ).toBe(true);
        },
      ),
      {
        numRuns: 400,
        // A blank line that ends in CR, and in its chunk: what comes next says where the event ends.
        examples: [
          [{ after: { events: 2 } }, 'fin', [''], 'chunked', '\r', [77, 27, 57, 50], [[1], [1]]],
        ],
      },
    );
  });

  it('over WebSocket, with fragments and pings among them', () => {
    fc.assert(
      fc.property(
        moments,
        fc.constantFrom('fin', 'ws_close'),
        texts,
        fc.boolean(),
        sizes,
        (moment, how, said, fragmented, read) => {
          fc.pre(
            how !== 'ws_close' ||
              !('inside' in moment || ('before' in moment && moment.before === 'headers')),
          );
          const frames = responseMessages(said).flatMap((text) => {
            const whole = serverMessage(text);
            if (!fragmented || text.length > 120) return [whole];
            // Two fragments with a ping between them.
            const bytes = Buffer.from(text);
            return [
              Buffer.concat([Buffer.from([0x01, 5]), bytes.subarray(0, 5)]),
              Buffer.from([0x89, 0]),
              Buffer.concat([Buffer.from([0x80, bytes.length - 5]), bytes.subarray(5)]),
            ];
          });
          const answer = Buffer.concat([upgraded, ...frames]);
          sameHowever({ how, ...moment }, upgrade, answer, read);
        },
      ),
      { numRuns: 250 },
    );
  });

  it('in HTTP/2, with several streams, padding and frames of any size', () => {
    fc.assert(
      fc.property(
        moments,
        fc.constantFrom('rst', 'h2_reset'),
        texts,
        reads,
        fc.boolean(),
        sizes,
        (moment, how, said, frameSizes, padded, read) => {
          const body = Buffer.from(chatEvents(said).join(''));
          const pieces = split(body, frameSizes);
          const frames = pieces.flatMap((piece, index) =>
            [1, 3].map((stream) => {
              const last = index === pieces.length - 1 ? 1 : 0;
              return padded
                ? h2Frame(
                    0,
                    8 | last,
                    stream,
                    Buffer.concat([Buffer.from([3]), piece, Buffer.alloc(3)]),
                  )
                : h2Frame(0, last, stream, piece);
            }),
          );
          const answer = Buffer.concat([
            h2Frame(1, 4, 1, Buffer.from('200')),
            h2Frame(1, 4, 3, Buffer.from('200')),
            ...frames,
          ]);
          sameHowever({ how, ...moment }, h2Requests(1, 3), answer, read);
        },
      ),
      { numRuns: 250 },
    );
  });
});

it('bytes of no known protocol pass as they are', () => {
  fc.assert(
    fc.property(
      moments,
      fc.array(fc.uint8Array({ maxLength: 60 })),
      fc.array(fc.uint8Array({ maxLength: 60 })),
      (moment, asked, answered) => {
        fc.pre(!('after' in moment && 'bytes' in moment.after));
        const [passed] = through({ how: 'fin', ...moment }, asked, answered);
        expect(passed).toBe(Buffer.concat(answered).toString('latin1'));
      },
    ),
  );
});
