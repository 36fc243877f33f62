/**
 * nginx as a reverse proxy (proxy_pass), after its event pipe.
 *
 * With buffering on, nginx reads the body into buffers and passes a buffer on when it is full. The
 * first buffer also holds the response's head. What a buffer holds when it is not yet full is forwarded
 * only if no less can follow: with HTTP/1.0 to upstream (the default up to nginx 1.29.6) or with
 * Content-Length that is the end, so a stream comes in bursts of one buffer; with a chunked body (HTTP/1.1
 * to upstream) that is the end of a chunk, so each event passes immediately, unless a chunk came in two
 * reads: then its second half waits for the next one. The head goes out with the first burst.
 *
 * With buffering off (or `X-Accel-Buffering: no` from upstream) each read is passed on and flushed.
 *
 * gzip is told to flush only with buffering off. TCP_NODELAY is set with buffering off, and after the
 * first response on a connection; so the first buffered response is subject to Nagle's algorithm,
 * which shows only on a path with a round trip.
 */
import { z } from 'zod';
import { parseBytes, parseDuration } from '../../settings/units.ts';
import { duration, someBytes, someTime } from '../../settings/fields.ts';
import { onOff } from '../shared-settings.ts';
import { ChunkedDecoder } from '../../wire/chunked-decoder.ts';
import { join } from '../join.ts';
import {
  proxyKind,
  type BufferContext,
  type ResponseBuffer,
  type UpstreamHead,
  type UpstreamRead,
} from '../buffer-model.ts';

const schema = z
  .strictObject({
    kind: z.literal('nginx'),
    buffering: onOff()
      .optional()
      .describe('proxy_buffering; X-Accel-Buffering from the target overrides it. Default on'),
    http_version: z
      .enum(['1.0', '1.1'])
      .optional()
      .describe(
        'proxy_http_version: 1.0 releases full buffers, 1.1 whole chunks. Default 1.0, as up to nginx 1.29.6',
      ),
    buffer_size: someBytes()
      .optional()
      .describe('proxy_buffer_size, the first buffer, which also holds the head. Default 4KiB'),
    buffers_size: someBytes()
      .optional()
      .describe('Size of each further buffer, as in proxy_buffers 8 4k. Default 4KiB'),
    gzip: onOff().optional().describe('Compress for clients that accept it. Default off'),
    gzip_types: z
      .array(z.string())
      .optional()
      .describe('Content types to compress, "*" for all. Default all'),
    ignore_x_accel_buffering: z
      .boolean()
      .optional()
      .describe('proxy_ignore_headers X-Accel-Buffering. Default false'),
    cache: onOff()
      .optional()
      .describe(
        'proxy_cache for this response: nginx fetches it whole, whether or not its client has left. Default off',
      ),
    ignore_client_abort: onOff()
      .optional()
      .describe(
        'proxy_ignore_client_abort: a client that has left is noticed when writing to it fails. Default off',
      ),
    read_timeout: someTime(['200ms'])
      .optional()
      .describe('proxy_read_timeout: longest silence of the target. Default 60s'),
    rtt: duration(['50ms'])
      .optional()
      .describe("Round trip to the client, which paces Nagle's algorithm. Default 0s: no pacing"),
  })
  .describe('nginx: bursts of one buffer (HTTP/1.0 to the target) or whole chunks (HTTP/1.1)');

const pageBytes = '4KiB';
/** What the head of an answer to HTTP/1.0 lacks. */
const chunkedHeader = 'Transfer-Encoding: chunked\r\n';

/** Settings in base units. */
interface Settings {
  buffering: boolean;
  chunked: boolean;
  firstBytes: number;
  furtherBytes: number;
  gzipTypes: readonly string[] | undefined;
  ignoreAccel: boolean;
  rttMs: number;
}

export const nginx = proxyKind(10, schema, (options) => {
  const settings: Settings = {
    buffering: options.buffering !== 'off',
    chunked: options.http_version === '1.1',
    firstBytes: parseBytes(options.buffer_size ?? pageBytes),
    furtherBytes: parseBytes(options.buffers_size ?? pageBytes),
    gzipTypes: options.gzip === 'on' ? (options.gzip_types ?? ['*']) : undefined,
    ignoreAccel: options.ignore_x_accel_buffering ?? false,
    rttMs: parseDuration(options.rtt ?? '0'),
  };
  return {
    clientAbort:
      options.cache === 'on'
        ? 'never'
        : options.ignore_client_abort === 'on'
          ? 'on_failed_write'
          : 'at_once',
    readTimeoutMs: parseDuration(options.read_timeout ?? '60s'),
    response: (head, context) => respond(settings, head, context),
  };
});

function respond(settings: Settings, head: UpstreamHead, context: BufferContext): ResponseBuffer {
  const buffering = isBuffered(settings, context);
  context.head.remove('x-accel-buffering');
  context.head.set('server', 'nginx');
  const type = context.head.get('content-type')?.split(';')[0]?.trim() ?? '';
  if (
    settings.gzipTypes?.some((listed) => listed === '*' || listed === type) &&
    context.acceptsGzip &&
    !context.bodyless &&
    context.head.get('content-encoding') === undefined
  ) {
    // gzip_comp_level 1 is nginx's default; its output buffers are a page each.
    context.compress({ level: 1, flush: buffering ? 'none' : 'sync', block: 4096 });
  }
  if (!buffering) return new Unbuffered(settings, head, context);
  if (context.requestNumber === 0 && settings.rttMs > 0) {
    context.holdSegments({ how: 'nagle', rttMs: settings.rttMs });
  }
  return new EventPipe(settings, head, context);
}

function isBuffered({ buffering, ignoreAccel }: Settings, { head }: BufferContext): boolean {
  const accel = ignoreAccel ? undefined : head.get('x-accel-buffering')?.toLowerCase();
  if (accel === 'no') return false;
  if (accel === 'yes') return true;
  return buffering;
}

/**
 * To a request in HTTP/1.0 upstream answers without chunks, and ends the body by closing. Here the
 * request goes out as HTTP/1.1, so chunk lines are taken off first, and a FIN within them is an end.
 */
const endsByClosing = ({ chunked }: Settings, { framing }: UpstreamHead): boolean =>
  framing === 'close' || (framing === 'chunked' && !chunked);

class Unbuffered implements ResponseBuffer {
  private readonly context: BufferContext;
  private readonly byClosing: boolean;

  constructor(settings: Settings, head: UpstreamHead, context: BufferContext) {
    this.context = context;
    this.byClosing = endsByClosing(settings, head);
    context.sendHead();
  }

  read({ body }: UpstreamRead): void {
    if (body.length > 0) this.context.send(body);
  }

  end(): void {}

  broken(how: 'fin' | 'reset' | 'timeout'): 'end' | 'cut' {
    return how === 'fin' && this.byClosing ? 'end' : 'cut';
  }
}

class EventPipe implements ResponseBuffer {
  /** proxy_buffers first, then a temporary file of up to 1 GB. */
  readonly absorbs = true;
  private readonly settings: Settings;
  private readonly context: BufferContext;
  private readonly byClosing: boolean;
  /** With chunks passed as such, buffers hold chunk lines too, which are taken off on release. */
  private readonly chunks: ChunkedDecoder | undefined;
  /** proxy_busy_buffers_size: the most that goes to the client in one write. */
  private readonly writeBytes: number;
  private partial: Uint8Array[] = [];
  private filled = 0;
  private room: number;

  constructor(settings: Settings, head: UpstreamHead, context: BufferContext) {
    this.settings = settings;
    this.context = context;
    this.byClosing = endsByClosing(settings, head);
    if (settings.chunked && head.framing === 'chunked') this.chunks = new ChunkedDecoder();
    this.writeBytes = 2 * Math.max(settings.firstBytes, settings.furtherBytes);
    const unasked = this.chunks || head.framing !== 'chunked' ? 0 : chunkedHeader.length;
    this.room = Math.max(1, settings.firstBytes - (head.bytes - unasked));
  }

  read({ wire, body }: UpstreamRead): void {
    let rest = this.chunks ? wire : body;
    const ready: Uint8Array[] = [];
    while (rest.length >= this.room - this.filled) {
      const take = this.room - this.filled;
      this.fill(rest.subarray(0, take));
      ready.push(this.release());
      rest = rest.subarray(take);
    }
    if (rest.length > 0) this.fill(rest);
    // Not full, but so much that the body might end with it.
    if (this.chunks && this.filled > 0 && this.filled >= this.chunks.minimum) {
      ready.push(this.release());
    }
    this.write(ready);
  }

  end(): void {
    if (this.filled > 0) this.write([this.release()]);
  }

  broken(how: 'fin' | 'reset' | 'timeout'): 'end' | 'cut' {
    // On a time-out what a buffer holds is lost; upstream's end flushes it.
    if (how === 'timeout') return 'cut';
    this.end();
    return how === 'fin' && this.byClosing ? 'end' : 'cut';
  }

  private fill(bytes: Uint8Array): void {
    this.partial.push(bytes);
    this.filled += bytes.length;
  }

  /** Empties the buffer; the next one is of the further size. */
  private release(): Uint8Array {
    const parts = this.chunks
      ? this.partial.flatMap((part) => this.chunks!.decode(part))
      : this.partial;
    this.partial = [];
    this.filled = 0;
    this.room = this.settings.furtherBytes;
    return join(parts);
  }

  private write(ready: readonly Uint8Array[]): void {
    let group: Uint8Array[] = [];
    let size = 0;
    const flush = (): void => {
      if (size > 0) this.context.send(join(group));
      group = [];
      size = 0;
    };
    for (const bytes of ready) {
      if (size + bytes.length > this.writeBytes) flush();
      group.push(bytes);
      size += bytes.length;
    }
    flush();
  }
}
