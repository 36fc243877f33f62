/** Our framing against the `ws` package's, both ways, over random messages and random splits. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Writable } from 'node:stream';
import * as ws from 'ws';
import { WebSocketFrameParser, WebSocketSyntaxError } from '../../src/transport/ws-frames.ts';
import { encodeFrame, opcodes } from '../../src/wire/websocket-frame.ts';

// The package exports its framing, its type declarations leave it out.
const { Receiver, Sender } = ws as unknown as {
  Receiver: new (options: { isServer: boolean }) => Writable;
  Sender: { frame(data: Buffer, options: Record<string, unknown>): Buffer[] };
};

const message = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  // Lengths around the two places where the header changes its form.
  fc.integer({ min: 120, max: 130 }).map((length) => 'x'.repeat(length)),
  fc.integer({ min: 65_530, max: 65_540 }).map((length) => 'y'.repeat(length)),
);

function serverFrames(text: string, fragments: number): Buffer {
  const payload = Buffer.from(text);
  const size = Math.max(1, Math.ceil(payload.length / fragments));
  const pieces: Buffer[] = [];
  for (let at = 0; at === 0 || at < payload.length; at += size) {
    pieces.push(payload.subarray(at, at + size));
  }
  const frames = pieces.map((piece, index) =>
    Buffer.concat(
      Sender.frame(piece, {
        fin: index === pieces.length - 1,
        opcode: index === 0 ? opcodes.text : opcodes.continuation,
        mask: false,
        readOnly: true,
        rsv1: false,
      }),
    ),
  );
  // A ping may stand between fragments.
  const ping = Buffer.from([0x89, 1, 0x21]);
  return Buffer.concat(frames.flatMap((frame) => [frame, ping]));
}

function parse(bytes: Buffer, cuts: readonly number[]): { texts: string[]; pings: number } {
  const seen = { texts: [] as string[], pings: 0 };
  const parser = new WebSocketFrameParser({
    onMessage: (payload) => seen.texts.push(payload.toString('utf8')),
    onPing: () => seen.pings++,
    onClose: () => {},
  });
  const reused = Buffer.alloc(bytes.length + 8);
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...places, bytes.length]) {
    if (to <= from) continue;
    reused.fill(0xee);
    bytes.copy(reused, 3, from, to); // Not at 0: the channel feeds from the middle after an upgrade.
    parser.feed(reused, 3, 3 + (to - from));
    from = to;
  }
  return seen;
}

describe('WebSocket framing', () => {
  it('reads what ws sends, fragmented and split anywhere, pings in between', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(message, fc.integer({ min: 1, max: 4 })), { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 10 }),
        (messages, cuts) => {
          const bytes = Buffer.concat(messages.map(([text, parts]) => serverFrames(text, parts)));
          const seen = parse(bytes, cuts);
          expect(seen.texts).toEqual(messages.map(([text]) => Buffer.from(text).toString('utf8')));
          expect(seen.pings).toBeGreaterThanOrEqual(messages.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('reads frames byte by byte', () => {
    const bytes = Buffer.concat([serverFrames('héllo', 2), serverFrames('z'.repeat(200), 1)]);
    const everywhere = Array.from({ length: bytes.length }, (_, index) => index);
    expect(parse(bytes, everywhere).texts).toEqual(['héllo', 'z'.repeat(200)]);
  });

  it('sends what ws can read', async () => {
    await fc.assert(
      fc.asyncProperty(message, async (text) => {
        const receiver = new Receiver({ isServer: true });
        const received = new Promise<string>((resolve, reject) => {
          receiver.on('message', (data: Buffer) => resolve(data.toString('utf8')));
          receiver.on('error', reject);
        });
        receiver.write(encodeFrame(opcodes.text, Buffer.from(text)));
        expect(await received).toBe(Buffer.from(text).toString('utf8'));
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['reserved bits', [0xc1, 0x00], /reserved bits/],
    ['a masked frame', [0x81, 0x80, 0, 0, 0, 0], /must not mask/],
    ['an unknown data opcode', [0x83, 0x00], /unknown opcode 3/],
    ['an unknown control opcode', [0x8b, 0x00], /unknown opcode 11/],
    ['a fragmented ping', [0x09, 0x00], /must not be fragmented/],
    ['a long ping', [0x89, 126, 0, 126], /above 125 bytes/],
    ['a continuation of nothing', [0x80, 0x00], /without a beginning/],
    ['a message within a message', [0x01, 0x00, 0x81, 0x00], /within a fragmented/],
    ['an absurd length', [0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0], /above 64 MiB/],
    ['half a close code', [0x88, 1, 3], /half a code/],
  ])('refuses %s', (_name, bytes, why) => {
    const feed = (): unknown => parse(Buffer.from(bytes), []);
    expect(feed).toThrow(WebSocketSyntaxError);
    expect(feed).toThrow(why);
  });
});
