/** A client that knows nothing of the project's transports: notes each read of one stream. */
import * as http from 'node:http';
import * as https from 'node:https';
import * as http2 from 'node:http2';
import { constants, createGunzip } from 'node:zlib';
import type { OpenCase } from './case.ts';

export interface Look {
  headers: http.IncomingHttpHeaders;
  headMs: number;
  /** Bytes of the body on the wire, and events (of the decompressed text) complete by then. */
  reads: { atMs: number; bytes: number; events: number }[];
  endMs: number;
  complete: boolean;
}

/** Groups of reads no further apart than `withinMs`. */
export function burstsOf(
  { reads }: Look,
  withinMs = 6,
): { atMs: number; bytes: number; events: number }[] {
  const bursts: { atMs: number; bytes: number; events: number }[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const { atMs, bytes, events } of reads) {
    if (atMs - last > withinMs) bursts.push({ atMs, bytes: 0, events: 0 });
    last = atMs;
    bursts.at(-1)!.bytes += bytes;
    bursts.at(-1)!.events += events;
  }
  return bursts;
}

export function look(
  url: string,
  { speaks, ca }: Pick<OpenCase, 'speaks' | 'ca'>,
  { gzip = false, http2: two = false } = {},
): Promise<Look> {
  const body =
    speaks === 'chat'
      ? JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }] })
      : '';
  const headers = {
    ...(gzip ? { 'accept-encoding': 'gzip' } : {}),
    ...(speaks === 'chat'
      ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
      : {}),
  };
  return two ? overHttp2(url, headers, body, ca!) : overHttp1(url, headers, body, ca);
}

type Stream = NodeJS.ReadableStream & { complete?: boolean };

/** Follows a body to its end. */
function follow(
  stream: Stream,
  started: number,
  headers: http.IncomingHttpHeaders,
  resolve: (look: Look) => void,
): void {
  const seen: Look = {
    headers,
    headMs: performance.now() - started,
    reads: [],
    endMs: 0,
    complete: false,
  };
  let tail = '';
  const took = (text: Buffer): void => {
    const all = tail + text.toString('latin1');
    const ends = all.split('\n\n').length - 1;
    seen.reads.at(-1)!.events += ends;
    tail = all.slice(-1) === '\n' && !all.endsWith('\n\n') ? '\n' : '';
  };
  const gunzip =
    headers['content-encoding'] === 'gzip'
      ? createGunzip({ flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH })
      : undefined;
  gunzip?.on('data', took);
  stream.on('data', (bytes: Buffer) => {
    seen.reads.push({ atMs: performance.now() - started, bytes: bytes.length, events: 0 });
    if (gunzip) gunzip.write(bytes);
    else took(bytes);
  });
  let over = false;
  const finish = (complete: boolean): void => {
    if (over) return;
    over = true;
    seen.endMs = performance.now() - started;
    seen.complete = complete;
    setTimeout(() => resolve(seen), 30);
  };
  stream.on('end', () => finish(stream.complete ?? true));
  stream.on('error', () => finish(false));
  stream.on('close', () => finish(false));
}

function overHttp1(
  url: string,
  headers: http.OutgoingHttpHeaders,
  body: string,
  ca: string | undefined,
): Promise<Look> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const options = { method: body === '' ? 'GET' : 'POST', headers, agent: false as const };
    const request = ca ? https.request(url, { ...options, ca }) : http.request(url, options);
    request.on('error', reject);
    request.on('response', (answer) => follow(answer, started, answer.headers, resolve));
    request.end(body);
  });
}

function overHttp2(
  url: string,
  headers: http.OutgoingHttpHeaders,
  body: string,
  ca: string,
): Promise<Look> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const { pathname, search, origin } = new URL(url);
    const session = http2.connect(origin, { ca });
    session.on('error', reject);
    const request = session.request({
      ':path': pathname + search,
      ':method': body === '' ? 'GET' : 'POST',
      ...headers,
    });
    request.on('error', reject);
    request.on('response', (answer) =>
      follow(request, started, answer, (seen) => {
        session.close();
        resolve(seen);
      }),
    );
    request.end(body);
  });
}
