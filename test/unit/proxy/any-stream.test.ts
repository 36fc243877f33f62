/** Whatever comes, however divided and whenever: every kind passes each byte once, in order. */
import * as fc from 'fast-check';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import type { Framing } from '../../../src/proxy/buffer-model.ts';
import { makeBufferModel, type ProxySettings } from '../../../src/proxy/registry.ts';
import { ResponsePath } from '../../../src/proxy/response-path.ts';
import { VirtualScheduler } from '../../../src/timer/virtual-scheduler.ts';

const bytes = fc.integer({ min: 1, max: 5000 }).map((size) => `${size}B`);
const onOff = fc.constantFrom('on' as const, 'off' as const);
const rtt = fc.constantFrom('0ms', '7ms', '50ms');
const headers = fc.constantFrom('early' as const, 'with_first_burst' as const);

const settings: fc.Arbitrary<ProxySettings> = fc.oneof(
  fc.record({
    kind: fc.constant('nginx' as const),
    buffering: onOff,
    http_version: fc.constantFrom('1.0' as const, '1.1' as const),
    buffer_size: bytes,
    buffers_size: bytes,
    gzip: onOff,
    rtt,
  }),
  fc.record({ kind: fc.constant('haproxy' as const), no_delay: onOff, rtt }),
  fc.record({ kind: fc.constant('gzip-hold' as const), level: fc.integer({ min: 1, max: 9 }) }),
  fc.constant({ kind: 'store-and-forward' as const }),
  fc.record({ kind: fc.constant('size' as const), bytes, headers }),
  fc.record({ kind: fc.constant('interval' as const), period: fc.constant('30ms'), headers }),
  fc.record({
    kind: fc.constant('count' as const),
    events: fc.integer({ min: 1, max: 9 }),
    headers,
  }),
  fc.constant({ kind: 'header-hold' as const }),
  fc.constant({ kind: 'one-token-lag' as const }),
);

const piece = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 3000 }),
  fc.constantFrom('data: a\n\n', 'data: b\r\n\r\n', '\n', '\r').map((text) => Buffer.from(text)),
);

/** The body on the wire, as a server would frame it. */
function framed(framing: Framing, pieces: readonly Uint8Array[]): Buffer {
  if (framing !== 'chunked') return Buffer.concat(pieces);
  const chunks = pieces.flatMap((data) => [
    Buffer.from(`${data.length.toString(16)}\r\n`),
    data,
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')]);
}

it('passes every byte once, in order, then the end', async () => {
  await fc.assert(
    fc.asyncProperty(
      settings,
      fc.constantFrom<Framing>('chunked', 'length', 'close'),
      fc.array(piece, { maxLength: 12 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 4000 }), fc.integer({ min: 0, max: 300 })), {
        maxLength: 30,
      }),
      fc.boolean(),
      async (chosen, framing, pieces, reads, acceptsGzip) => {
        const scheduler = new VirtualScheduler();
        const seen = { heads: 0, early: 0, body: [] as Uint8Array[], ends: 0, late: 0 };
        let gzipped = false;
        const path = new ResponsePath(
          makeBufferModel(chosen),
          { method: 'GET', number: 0, acceptsGzip },
          {
            head(head) {
              seen.heads += 1;
              gzipped = head.get('content-encoding') === 'gzip';
            },
            write(part) {
              if (seen.heads === 0) seen.early += 1;
              if (seen.ends > 0) seen.late += 1;
              seen.body.push(Buffer.from(part));
            },
            end: () => void (seen.ends += 1),
            cut: () => expect.unreachable('cut'),
            gatewayError: () => expect.unreachable('gateway error'),
          },
          scheduler,
        );
        const wire = framed(framing, pieces);
        path.requestSent();
        path.upstreamHead({
          status: 200,
          statusText: 'OK',
          headers: [['content-type', 'text/event-stream']],
          bytes: 100,
          framing,
        });
        let at = 0;
        for (const [size, pauseMs] of reads) {
          if (at < wire.length) path.upstreamRead(wire.subarray(at, at + size));
          at += size;
          scheduler.advanceMs(pauseMs);
        }
        if (at < wire.length) path.upstreamRead(wire.subarray(at));
        path.upstreamEnd();
        await path.settled();
        scheduler.advanceMs(60_000);
        const body = Buffer.concat(seen.body);
        expect({ ...seen, body: 0 }).toEqual({ heads: 1, early: 0, body: 0, ends: 1, late: 0 });
        const plain = gzipped ? gunzipSync(body) : body;
        expect(plain.equals(Buffer.concat(pieces))).toBe(true);
      },
    ),
    { numRuns: 400 },
  );
});
