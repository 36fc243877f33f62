/** A real server that streams tokens on a beat, and a client that notes what arrives together. */
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { constants, createGunzip } from 'node:zlib';
import { seededRng } from '../../src/random/rng.ts';

export interface OriginShape {
  tokens: number;
  tokenBytes: number;
  gapMs: number;
  headers?: Record<string, string>;
  /** ms from the head to the first token; default 0. */
  firstMs?: number;
  /** Each chunk is written in two halves, 3 ms apart. */
  split?: boolean;
  /** Random text, equal for equal tokens, instead of the same in each token. */
  random?: boolean;
}

export interface TokenOrigin {
  port: number;
  /** Send times of the stream asked for by this path, ms. */
  sentAt(path: string): readonly number[];
  close(): void;
}

/** Each path is asked for once; `shapes` says what is streamed there. */
export async function tokenOrigin(shapes: Record<string, OriginShape>): Promise<TokenOrigin> {
  const sent = new Map<string, number[]>();
  const server = http.createServer((request, response) => {
    const shape = shapes[request.url!];
    if (!shape) {
      response.writeHead(404).end();
      return;
    }
    const times: number[] = [];
    sent.set(request.url!, times);
    response.writeHead(200, { 'content-type': 'text/event-stream', ...shape.headers });
    response.flushHeaders();
    const start = performance.now() + (shape.firstMs ?? 0);
    const write = shape.split ? inHalves(response) : (text: string) => response.write(text);
    const next = (): void => {
      // By absolute times, so that a late timer does not shift what follows.
      while (
        times.length < shape.tokens &&
        performance.now() >= start + times.length * shape.gapMs
      ) {
        times.push(performance.now());
        write(token(times.length, shape));
      }
      const due = start + times.length * shape.gapMs;
      if (times.length < shape.tokens) setTimeout(next, Math.max(0, due - performance.now()));
      else setTimeout(() => response.end(), shape.gapMs);
    };
    next();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    sentAt: (path) => sent.get(path) ?? [],
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Chunks in separate writes, so that a proxy reads the one half before the other is there. */
function inHalves({ socket }: http.ServerResponse): (token: string) => void {
  let rest = '';
  const finish = (): void => {
    if (rest !== '') socket?.write(rest);
    rest = '';
  };
  return (token) => {
    finish();
    const half = Math.floor(token.length / 2);
    socket?.write(`${token.length.toString(16)}\r\n${token.slice(0, half)}`);
    rest = `${token.slice(half)}\r\n`;
    setTimeout(finish, 3);
  };
}

function token(index: number, { tokenBytes, random }: OriginShape): string {
  const start = `data: {"i":${String(index).padStart(6, '0')},"t":"`;
  const room = tokenBytes - start.length - 4;
  const text = random ? randomText(`token/${index}`, room) : 'x'.repeat(room);
  return `${start}${text}"}\n\n`;
}

function randomText(seed: string, length: number): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const rng = seededRng(seed);
  return Array.from({ length }, () => letters[Math.floor(rng() * letters.length)]).join('');
}

/** What one client saw of one stream; times in ms, from its request. */
export interface Observed {
  headMs: number;
  tokens: number;
  /** Groups of arrivals that completed a token, none further apart than 8 ms within. */
  batches: number;
  tokensPerBatch: number;
  bytesPerBatch: number;
  delayP50: number;
  /** Not the largest: one stall of a busy machine makes that. */
  delayP80: number;
  headers: http.IncomingHttpHeaders;
  complete: boolean;
}

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;

export function observe(
  port: number,
  path: string,
  origin: TokenOrigin,
  tokenBytes: number,
  acceptGzip: boolean,
): Promise<Observed> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const headers = acceptGzip ? { 'accept-encoding': 'gzip' } : {};
    const request = http.request({ host: '127.0.0.1', port, path, headers, agent: false });
    request.on('error', reject);
    request.on('response', (answer) => {
      const headMs = performance.now() - started;
      const gzipped = answer.headers['content-encoding'] === 'gzip';
      let body = 0;
      let tokens = 0;
      let lastAt = 0;
      const batches: { atMs: number; tokens: number; bytes: number }[] = [];
      const delays: number[] = [];
      const took = (plain: number, atMs: number): void => {
        body += plain;
        const done = Math.floor(body / tokenBytes);
        if (done === tokens) return;
        const sentAt = origin.sentAt(path);
        const batch = batches.at(-1)!;
        for (; tokens < done; tokens++) {
          delays.push(atMs - sentAt[tokens]!);
          batch.tokens += 1;
        }
      };
      const gunzip = gzipped ? createGunzip({ flush: constants.Z_SYNC_FLUSH }) : undefined;
      // Decompressed text counts from when its bytes came.
      gunzip?.on('data', (plain: Buffer) => took(plain.length, lastAt));
      const finish = (): void => {
        const whole = batches.filter((batch) => batch.tokens > 0);
        resolve({
          headMs,
          tokens,
          batches: whole.length,
          tokensPerBatch: quantile(
            whole.map((batch) => batch.tokens),
            0.5,
          ),
          bytesPerBatch: quantile(
            whole.map((batch) => batch.bytes),
            0.5,
          ),
          delayP50: quantile(delays, 0.5),
          delayP80: quantile(delays, 0.8),
          headers: answer.headers,
          complete: answer.complete,
        });
      };
      answer.on('data', (bytes: Buffer) => {
        const now = performance.now();
        if (batches.length === 0 || now - lastAt > 8)
          batches.push({ atMs: now, tokens: 0, bytes: 0 });
        lastAt = now;
        batches.at(-1)!.bytes += bytes.length;
        if (gunzip) gunzip.write(bytes);
        else took(bytes.length, now);
      });
      answer.on('error', reject);
      answer.on('end', () => {
        if (!gunzip) finish();
        else gunzip.end(() => setTimeout(finish, 20));
      });
    });
    request.end();
  });
}
