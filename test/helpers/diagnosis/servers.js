/**
 * Child of the diagnosis tests: origins, mock servers, simulated proxies and relays, in a process of
 * their own so that they and the client that diagnoses them do not delay each other. Runs `dist/`.
 *
 * Asked by what is to be started, with its options; answers with its port.
 */
import * as http from 'node:http';
import compression from 'compression';
import express from 'express';
import { startMock } from '../../../dist/mock-server/index.js';
import { eventKindReader } from '../../../dist/src/dialect/event-kind-readers.js';
import { startFaultProxy } from '../../../dist/src/fault/relay/fault-proxy.js';
import { networkFaults } from '../../../dist/src/fault/network/network.js';
import { startBufferingProxy } from '../../../dist/src/proxy/server.js';

/**
 * What a query asks of a stream of tokens.
 *
 *   tokens, bytes, gap   how many, how large (bytes of the whole event), how far apart (ms)
 *   vary                 share by which sizes differ, the same in every stream
 *   first                ms from the head to the first token
 *   pause                `AT:MS`, a silence before token AT
 *   cut                  ms after which the connection is cut, busy or not
 *   random               text that does not compress, instead of the same letters
 *   h.NAME               a header of the answer
 */
function shapeOf(url) {
  const query = new URL(url, 'http://origin').searchParams;
  const number = (name, otherwise) => Number(query.get(name) ?? otherwise);
  const [pauseAt, pauseMs] = (query.get('pause') ?? '-1:0').split(':').map(Number);
  return {
    tokens: number('tokens', 100),
    bytes: number('bytes', 200),
    gap: number('gap', 20),
    first: number('first', 0),
    cut: number('cut', 0),
    vary: number('vary', 0),
    random: query.has('random'),
    pauseAt,
    pauseMs,
    headers: Object.fromEntries(
      [...query].filter(([name]) => name.startsWith('h.')).map(([name, v]) => [name.slice(2), v]),
    ),
  };
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function tokenText(index, { bytes, vary, random }) {
  const start = `data: {"i":${String(index).padStart(6, '0')},"t":"`;
  // Multiples of the golden ratio spread evenly and never repeat.
  const share = 1 + vary * (2 * ((index * 0.618034) % 1) - 1);
  const room = Math.max(1, Math.round(bytes * share) - start.length - 4);
  let text = '';
  for (let i = 0; i < room; i++) text += random ? letters[Math.floor(Math.random() * 64)] : 'x';
  return `${start}${text}"}\n\n`;
}

/** Writes tokens at absolute times, so that a late timer does not shift what follows. */
function stream(response, shape, afterEach = () => {}) {
  const start = performance.now() + shape.first;
  let sent = 0;
  let timer;
  const dueOf = (index) =>
    start + index * shape.gap + (shape.pauseAt >= 0 && index >= shape.pauseAt ? shape.pauseMs : 0);
  const next = () => {
    while (sent < shape.tokens && performance.now() >= dueOf(sent)) {
      response.write(tokenText(++sent, shape));
      afterEach();
    }
    if (sent < shape.tokens) timer = setTimeout(next, Math.max(0, dueOf(sent) - performance.now()));
    else timer = setTimeout(() => response.end('data: [DONE]\n\n'), shape.gap);
  };
  const cut =
    shape.cut > 0 ? setTimeout(() => response.socket?.destroySoon(), shape.cut) : undefined;
  response.on('close', () => {
    clearTimeout(timer);
    clearTimeout(cut);
  });
  next();
}

function listen(server) {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({ port: server.address().port }));
  });
}

const starters = {
  /** Any method, any path: a stream of tokens after the head, shaped by the query. */
  origin: () =>
    listen(
      http.createServer((request, response) => {
        request.resume();
        const shape = shapeOf(request.url);
        response.writeHead(200, { 'content-type': 'text/event-stream', ...shape.headers });
        response.flushHeaders();
        stream(response, shape);
      }),
    ),

  /** The same from Express, with and without its usual compression. */
  express() {
    const app = express();
    const answer = (flush) => (request, response) => {
      const shape = shapeOf(request.url);
      response.set({ 'content-type': 'text/event-stream', ...shape.headers });
      response.flushHeaders();
      stream(response, shape, flush ? () => response.flush() : undefined);
    };
    app.all('/plain', answer(false));
    app.all('/compressed', compression(), answer(false));
    app.all('/flushed', compression(), answer(true));
    return listen(http.createServer(app));
  },

  async mock(options) {
    const { port, baseUrl, secureBaseUrl, certificate } = await startMock(options);
    return { port, baseUrl, secureBaseUrl, certificate };
  },

  proxy: async (options) => ({ port: (await startBufferingProxy(options)).port }),

  async relay({ network, faults = [], target, seed }) {
    const all = [...(network ? networkFaults(network) : []), ...faults];
    const environment = {
      readText: () => {
        throw new Error('no files here');
      },
      baseDirectory: '.',
      eventKind: eventKindReader(undefined),
    };
    return { port: (await startFaultProxy({ target, faults: all, seed, environment })).port };
  },
};

/** What src/process runs in the child; see rig.ts for its parent. */
export const service = {
  name: 'the servers of the diagnosis tests',
  // Ended with the process.
  start: () => ({ started: undefined, calls: starters, close: () => {} }),
};
