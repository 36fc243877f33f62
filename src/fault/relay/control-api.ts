/**
 * The HTTP API of a running proxy, on a separate port:
 *
 *   GET    /status        connections, bytes, and how often each fault acted
 *   GET    /faults        the faults, in full form
 *   PUT    /faults        other faults: a list, or { "profile": "3g", "faults": [ … ] }
 *   POST   /reset         the faults of the start, every count at 0
 *   DELETE /connections   ends every open connection; ?how=rst (default), fin or black_hole
 */
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { StreamgaugeError, StreamgaugeErrors, codeOf, messageOf } from '../../errors.ts';
import { profileFaults } from '../network/network.ts';
import type { FaultProxy } from './fault-proxy.ts';
import { parseFaults, type FaultSpec } from '../registry.ts';

const bodyLimit = 256 * 1024;
const dropWays = ['rst', 'fin', 'black_hole'] as const;

export interface ControlServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** A mistake of the caller, with the status it is answered with. */
class BadRequest extends StreamgaugeError {
  readonly status: number;

  constructor(status: number, message: string, code: string, hints: string[] = []) {
    super(message, { code, exit: 'usage', hints });
    this.status = status;
  }
}

/** @throws StreamgaugeError where it cannot listen. */
export async function startControl(
  proxy: FaultProxy,
  listen: { host: string; port: number },
): Promise<ControlServer> {
  const server = http.createServer((request, response) => {
    answer(proxy, request).then(
      (body) => send(response, 200, body),
      (error: unknown) => sendError(response, error),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const inUse = codeOf(error) === 'EADDRINUSE';
      reject(
        new StreamgaugeError(
          inUse
            ? `the control port ${listen.port} is in use`
            : `cannot listen on ${listen.host}:${listen.port}: ${messageOf(error)}`,
          { code: inUse ? 'port-in-use' : 'cannot-listen', exit: 'usage', cause: error },
        ),
      );
    });
    server.listen(listen.port, listen.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  return {
    url: `http://${host}:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Route = (proxy: FaultProxy, request: http.IncomingMessage, url: URL) => unknown;

const routes: Record<string, Record<string, Route>> = {
  '/status': { GET: (proxy) => proxy.status() },
  '/faults': {
    GET: (proxy) => ({ faults: proxy.faults }),
    PUT: async (proxy, request) => {
      proxy.setFaults(faultsIn(await readJson(request)));
      return { faults: proxy.faults };
    },
  },
  '/reset': {
    POST: (proxy) => {
      proxy.reset();
      return proxy.status();
    },
  },
  '/connections': {
    DELETE: (proxy, _, url) => {
      const asked = url.searchParams.get('how') ?? 'rst';
      const how = dropWays.find((way) => way === asked);
      if (!how) {
        throw new BadRequest(400, `how must be one of ${dropWays.join(', ')}`, 'bad-value');
      }
      return { dropped: proxy.dropConnections(how) };
    },
  },
};

async function answer(proxy: FaultProxy, request: http.IncomingMessage): Promise<unknown> {
  const url = new URL(request.url ?? '/', 'http://control');
  const methods = Object.hasOwn(routes, url.pathname) ? routes[url.pathname] : undefined;
  if (!methods) {
    throw new BadRequest(404, `there is no ${url.pathname}`, 'not-found', [
      `known: ${Object.keys(routes).join(', ')}`,
    ]);
  }
  const route = methods[request.method ?? ''];
  if (!route) {
    throw new BadRequest(405, `${url.pathname} knows no ${request.method}`, 'method-not-allowed', [
      `known: ${Object.keys(methods).join(', ')}`,
    ]);
  }
  return route(proxy, request, url);
}

/** A list of faults, or an object with a profile, a list, or both. */
function faultsIn(body: unknown): FaultSpec[] {
  if (Array.isArray(body)) return parseFaults(body);
  if (typeof body !== 'object' || body === null) {
    throw new BadRequest(400, 'the body must be a list of faults, or an object', 'bad-body', [
      'for example [{ "kind": "delay", "rtt": "50ms" }] or { "profile": "3g" }',
    ]);
  }
  const { profile, faults, ...others } = body as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined || (profile === undefined && faults === undefined)) {
    throw new BadRequest(
      400,
      unknown === undefined ? 'profile or faults is needed' : `unknown key "${unknown}"`,
      unknown === undefined ? 'missing-key' : 'unknown-key',
      ['allowed: profile, faults'],
    );
  }
  if (profile !== undefined && typeof profile !== 'string') {
    throw new BadRequest(400, 'profile must be text', 'bad-value');
  }
  return [
    ...(profile === undefined ? [] : profileFaults(profile)),
    ...(faults === undefined ? [] : parseFaults(faults)),
  ];
}

async function readJson(request: http.IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bodyLimit) {
      throw new BadRequest(413, `the body is over ${bodyLimit} bytes`, 'body-too-large');
    }
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch (error) {
    throw new BadRequest(400, `the body is not JSON: ${messageOf(error)}`, 'bad-json');
  }
}

function send(response: http.ServerResponse, status: number, body: unknown): void {
  const text = `${JSON.stringify(body, null, 2)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

function sendError(response: http.ServerResponse, error: unknown): void {
  const errors = error instanceof StreamgaugeErrors ? error.errors : [error];
  const status =
    error instanceof BadRequest ? error.status : error instanceof StreamgaugeError ? 400 : 500;
  send(response, status, {
    errors: errors.map((one) =>
      one instanceof StreamgaugeError
        ? { code: one.code, message: one.message, hints: one.hints }
        : { code: 'internal', message: messageOf(one), hints: [] },
    ),
  });
}
