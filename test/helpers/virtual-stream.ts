/**
 * A stream of equal tokens through a simulated proxy on virtual time, and what a client sees of it:
 * the quantities of the measured tables in docs/proxy-buffering.md.
 */
import { randomBytes } from 'node:crypto';
import { gunzipSync, constants, inflateRawSync } from 'node:zlib';
import type { UpstreamHead } from '../../src/proxy/buffer-model.ts';
import { makeBufferModel, type ProxySettings } from '../../src/proxy/registry.ts';
import { ResponsePath } from '../../src/proxy/response-path.ts';
import { VirtualScheduler } from '../../src/timer/virtual-scheduler.ts';

export interface StreamShape {
  tokens?: number;
  tokenBytes?: number;
  gapMs?: number;
  /** Cuts a token's chunk in two reads this many ms apart; in the middle, or all its three parts. */
  split?: { how: 'middle' | 'line-data-end'; ms: number };
  /** Upstream's framing; `one-chunk` is a single chunk that is sent bit by bit. */
  framing?: 'chunked' | 'length' | 'close' | 'one-chunk';
  /** Random characters in a token, which gzip cannot take out; the rest is the same in all. */
  random?: number;
  /** Size of the target's head without the line that names chunks. Default 155. */
  headBytes?: number;
  headers?: [string, string][];
  requestNumber?: number;
  acceptsGzip?: boolean;
  /** Half the round trip to the client, ms, added to every arrival. */
  oneWayMs?: number;
  /** Silence before the stream, and after so many tokens. */
  stall?: { afterTokens: number; ms: number };
}

export interface Burst {
  atMs: number;
  /** On the wire, with chunk lines where the client gets chunks. */
  bytes: number;
  tokens: number;
  chunks: number[];
}

export interface StreamReceived {
  headMs: number;
  ttftMs: number;
  endMs: number;
  end: 'end' | 'cut' | 502 | 504 | undefined;
  bursts: Burst[];
  /** Bursts that completed a token. */
  batches: number;
  tokensPerBatch: number;
  tokensPerBatchMax: number;
  bytesPerBatch: number;
  bytesPerBatchMax: number;
  delayP50: number;
  delayMax: number;
  received: number;
  headers: readonly (readonly [string, string])[];
}

/** One SSE event of exactly so many bytes. */
export function token(index: number, bytes: number, random = 0): Buffer {
  const start = `data: {"i":${String(index).padStart(6, '0')},"t":"`;
  const room = bytes - start.length - 4;
  const noise = randomBytes(random).toString('base64').slice(0, Math.min(random, room));
  return Buffer.from(`${start}${noise.padEnd(room, 'x')}"}\n\n`);
}

function headOf(
  framing: UpstreamHead['framing'],
  headers: readonly [string, string][],
  headBytes: number,
): UpstreamHead {
  return {
    status: 200,
    statusText: 'OK',
    headers: [['Content-Type', 'text/event-stream'], ...headers],
    bytes: headBytes + (framing === 'chunked' ? 28 : 0),
    framing,
  };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

export async function streamThrough(
  settings: ProxySettings,
  shape: StreamShape = {},
): Promise<StreamReceived> {
  const { tokens = 200, tokenBytes = 200, gapMs = 20, oneWayMs = 0, framing = 'chunked' } = shape;
  const scheduler = new VirtualScheduler();
  const nowMs = (): number => scheduler.now() / 1e6 + oneWayMs;
  const seen: StreamReceived = {
    headMs: Number.NaN,
    ttftMs: Number.NaN,
    endMs: Number.NaN,
    end: undefined,
    bursts: [],
    batches: 0,
    tokensPerBatch: 0,
    tokensPerBatchMax: 0,
    bytesPerBatch: 0,
    bytesPerBatchMax: 0,
    delayP50: 0,
    delayMax: 0,
    received: 0,
    headers: [],
  };
  const body: Buffer[] = [];
  let gzipped = false;
  let chunkedToClient = true;
  let decoded = 0;
  const sentAt: number[] = [];
  const delays: number[] = [];
  const burst = (): Burst => {
    const last = seen.bursts.at(-1);
    if (last && nowMs() - last.atMs < 0.5) return last;
    const fresh: Burst = { atMs: nowMs(), bytes: 0, tokens: 0, chunks: [] };
    seen.bursts.push(fresh);
    return fresh;
  };

  const path = new ResponsePath(
    makeBufferModel(settings),
    { method: 'POST', number: shape.requestNumber ?? 0, acceptsGzip: shape.acceptsGzip ?? false },
    {
      head(head) {
        seen.headMs = nowMs();
        seen.headers = head.headers;
        gzipped = head.get('content-encoding') === 'gzip';
        chunkedToClient = head.get('content-length') === undefined;
        burst().bytes += head.bytes;
      },
      write(bytes) {
        body.push(Buffer.from(bytes));
        const here = burst();
        here.chunks.push(bytes.length);
        here.bytes += bytes.length + (chunkedToClient ? bytes.length.toString(16).length + 4 : 0);
        const plain = gzipped ? partialGunzip(Buffer.concat(body)) : undefined;
        decoded = plain ? plain.length : decoded + bytes.length;
        while (delays.length < Math.floor(decoded / tokenBytes)) {
          delays.push(nowMs() - sentAt[delays.length]!);
          here.tokens += 1;
        }
      },
      end() {
        seen.end = 'end';
        seen.endMs = nowMs();
      },
      cut() {
        seen.end = 'cut';
        seen.endMs = nowMs();
      },
      gatewayError(status) {
        seen.end = status;
        seen.endMs = nowMs();
      },
    },
    scheduler,
  );

  const steps: { atMs: number; run: () => void }[] = [];
  const read = (atMs: number, bytes: Buffer): void =>
    void steps.push({ atMs, run: () => path.upstreamRead(bytes) });
  const total = tokens * tokenBytes;
  let endMs = 0;
  for (let i = 0; i < tokens; i++) {
    const stalled = shape.stall && i >= shape.stall.afterTokens ? shape.stall.ms : 0;
    const atMs = i * gapMs + stalled;
    const data = token(i, tokenBytes, shape.random);
    const line = Buffer.from(`${tokenBytes.toString(16)}\r\n`);
    const end = Buffer.from('\r\n');
    steps.push({ atMs, run: () => void (sentAt[i] = scheduler.now() / 1e6) });
    endMs = atMs + gapMs;
    if (framing !== 'chunked') read(atMs, data);
    else if (shape.split?.how === 'middle') {
      read(atMs, Buffer.concat([line, data.subarray(0, tokenBytes / 2)]));
      read(atMs + shape.split.ms, Buffer.concat([data.subarray(tokenBytes / 2), end]));
    } else if (shape.split) {
      read(atMs, line);
      read(atMs + shape.split.ms / 2, data);
      read(atMs + shape.split.ms, end);
    } else read(atMs, Buffer.concat([line, data, end]));
  }
  if (framing === 'chunked' || framing === 'one-chunk') {
    read(endMs, Buffer.from(framing === 'chunked' ? '0\r\n\r\n' : '\r\n0\r\n\r\n'));
  }
  steps.push({ atMs: endMs, run: () => path.upstreamEnd() });

  if (framing === 'one-chunk') {
    // The chunk's line comes with the head.
    steps.unshift({
      atMs: 0,
      run: () => path.upstreamRead(Buffer.from(`${total.toString(16)}\r\n`)),
    });
  }
  path.requestSent();
  const wireFraming = framing === 'one-chunk' ? 'chunked' : framing;
  const length: [string, string][] = framing === 'length' ? [['Content-Length', `${total}`]] : [];
  path.upstreamHead(
    headOf(wireFraming, [...length, ...(shape.headers ?? [])], shape.headBytes ?? 155),
  );
  for (const step of steps.sort((a, b) => a.atMs - b.atMs)) {
    scheduler.advanceTo(step.atMs * 1e6);
    step.run();
    await path.settled();
  }
  scheduler.advanceMs(1000);
  await path.settled();

  const batches = seen.bursts.filter(({ tokens }) => tokens > 0);
  seen.batches = batches.length;
  seen.tokensPerBatch = median(batches.map(({ tokens }) => tokens));
  seen.tokensPerBatchMax = Math.max(0, ...batches.map(({ tokens }) => tokens));
  seen.bytesPerBatch = median(batches.map(({ bytes }) => bytes));
  seen.bytesPerBatchMax = Math.max(0, ...batches.map(({ bytes }) => bytes));
  seen.ttftMs = batches[0]?.atMs ?? Number.NaN;
  seen.delayP50 = median(delays);
  seen.delayMax = Math.max(0, ...delays);
  seen.received = delays.length;
  return seen;
}

/** What a client can decompress of a stream that has not ended. */
function partialGunzip(bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return bytes.length > 10
      ? inflateRawSync(bytes.subarray(10), { finishFlush: constants.Z_SYNC_FLUSH })
      : Buffer.alloc(0);
  }
}
