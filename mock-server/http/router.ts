import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Duplex } from 'node:stream';
import { ApiProblem, notFound } from './api-problem.ts';
import { newId, type MockContext } from './context.ts';
import { Exchange, splitTarget } from './exchange.ts';

export type RouteHandler = (exchange: Exchange) => void | Promise<void>;

/** A request to become a WebSocket; the handler owns the socket. */
export interface Upgrade {
  context: MockContext;
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
  path: string;
  query: URLSearchParams;
  receivedNs: number;
  requestId: string;
}

/** May throw an ApiProblem before it has written anything: the upgrade is then refused with it. */
export type UpgradeHandler = (upgrade: Upgrade) => void;

interface Route {
  method: string;
  /** Segments; one that starts with `:` matches anything and names it. */
  segments: readonly string[];
  handler: RouteHandler;
}

/** Answers an upgrade request with a plain HTTP error. */
export function refuseUpgrade(socket: Duplex, problem: ApiProblem, requestId: string): void {
  const { body } = problem;
  const headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'x-request-id': requestId,
    connection: 'close',
    ...problem.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${problem.status} Refused\r\n${lines.join('')}\r\n${body}`);
}

/** Whatever was thrown, as the API would put it: nothing a handler does ends the server. */
function problemOf(thrown: unknown): ApiProblem {
  if (thrown instanceof ApiProblem) return thrown;
  return new ApiProblem({
    status: 500,
    message: `The server had an error while processing your request: ${String(thrown)}`,
  });
}

export class Router {
  private readonly context: MockContext;
  private readonly routes: Route[] = [];
  private readonly upgrades = new Map<string, UpgradeHandler>();

  constructor(context: MockContext) {
    this.context = context;
  }

  /** @param path - e.g. `/v1/models/:model`. */
  register(method: string, path: string, handler: RouteHandler): void {
    this.routes.push({ method, segments: path.split('/'), handler });
  }

  /** @param path - exact, without query. */
  registerUpgrade(path: string, handler: UpgradeHandler): void {
    this.upgrades.set(path, handler);
  }

  handle(
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ): void {
    const exchange = new Exchange(this.context, request, response);
    // A client may leave at any moment; what that means is up to the listeners of the handler.
    response.on('error', () => undefined);
    void this.dispatch(exchange);
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const { path, query } = splitTarget(request.url ?? '/');
    const requestId = newId('req');
    const handler = this.upgrades.get(path);
    try {
      if (!handler) throw notFound(`Invalid URL (GET ${path})`, 'unknown_url');
      handler({
        context: this.context,
        request,
        socket,
        head,
        path,
        query,
        receivedNs: this.context.scheduler.now(),
        requestId,
      });
    } catch (error) {
      const problem = problemOf(error);
      this.context.truth.refused(problem.status);
      refuseUpgrade(socket, problem, requestId);
    }
  }

  private async dispatch(exchange: Exchange): Promise<void> {
    try {
      await this.find(exchange)(exchange);
    } catch (error) {
      if (!exchange.response.destroyed) exchange.fail(problemOf(error));
    }
  }

  private find(exchange: Exchange): RouteHandler {
    const method = exchange.request.method ?? 'GET';
    const segments = exchange.path.split('/');
    let otherMethod = false;
    for (const route of this.routes) {
      const params = match(route.segments, segments);
      if (!params) continue;
      if (route.method !== method) {
        otherMethod = true;
        continue;
      }
      exchange.params = params;
      return route.handler;
    }
    if (otherMethod) {
      throw new ApiProblem({
        status: 405,
        code: 'method_not_supported',
        message: `Not allowed to ${method} on ${exchange.path}. (HINT: Perhaps you meant to use a different HTTP method?)`,
      });
    }
    throw notFound(`Invalid URL (${method} ${exchange.path})`, 'unknown_url');
  }
}

function match(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index]!;
    if (part.startsWith(':')) params[part.slice(1)] = segment;
    else if (part !== segment) return undefined;
  }
  return params;
}
