import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { ApiProblem } from './api-problem.ts';
import { newId, type MockContext } from './context.ts';
import { parseJsonObject, readBody } from './read-body.ts';

/** Asks for ground truth; see `truthAsked`. */
export const truthHeader = 'x-streamgauge-truth';
/** Names the stream in the log. */
export const streamHeader = 'x-streamgauge-stream';

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Whether a request or an upgrade asks for send-time stamps in its answer. */
export function truthAsked(request: IncomingMessage): boolean {
  return headerOf(request, truthHeader) === '1';
}

/** The key of `Authorization: Bearer …`, undefined where there is none. */
export function bearerKey(request: IncomingMessage): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(headerOf(request, 'authorization') ?? '')?.[1];
}

/** @throws ApiProblem 401 where the mock has an `api_key` and this is another. */
export function checkKey(context: MockContext, key: string | undefined): void {
  const wanted = context.settings.apiKey;
  if (wanted === undefined || key === wanted) return;
  throw new ApiProblem({
    status: 401,
    code: 'invalid_api_key',
    message: key
      ? `Incorrect API key provided: ${key.slice(0, 4)}****. Check the \`api_key\` of the mock server.`
      : "You didn't provide an API key. Provide it in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
    headers: { 'www-authenticate': 'Bearer realm="OpenAI API"' },
  });
}

/** A request target in its parts. Unlike `URL`, it takes whatever a client may send. */
export function splitTarget(target: string): { path: string; query: URLSearchParams } {
  const mark = target.indexOf('?');
  return mark < 0
    ? { path: target, query: new URLSearchParams() }
    : { path: target.slice(0, mark), query: new URLSearchParams(target.slice(mark + 1)) };
}

/** One HTTP request and its answer. HTTP/2 requests come through Node's compatibility layer. */
export class Exchange {
  readonly context: MockContext;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Named parts of the path, from the route. */
  params: Readonly<Record<string, string>> = {};
  readonly requestId = newId('req');
  readonly truth: boolean;
  /** The name the client gave the stream, '' where none. */
  readonly streamId: string;
  /** When the request was complete: headers first, moved on when the body has been read. */
  receivedNs: number;
  /** Headers for whatever answer follows. */
  readonly extraHeaders: Record<string, string> = {};
  /** Between keep-alive comments of a streamed answer; none where undefined. */
  heartbeatMs: number | undefined;

  constructor(
    context: MockContext,
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ) {
    this.context = context;
    this.receivedNs = context.scheduler.now();
    this.request = request as IncomingMessage;
    this.response = response as ServerResponse;
    const { path, query } = splitTarget(this.request.url ?? '/');
    this.path = path;
    this.query = query;
    this.truth = truthAsked(this.request);
    this.streamId = headerOf(this.request, streamHeader) ?? '';
  }

  /** How often an SDK has tried this request before; part of what refusals are drawn from. */
  get attempt(): number {
    return Number(headerOf(this.request, 'x-stainless-retry-count') ?? 0) || 0;
  }

  async readJson(): Promise<Record<string, unknown>> {
    const body = await readBody(this.request, this.context.settings.limits.bodyBytes);
    this.receivedNs = this.context.scheduler.now();
    return parseJsonObject(body);
  }

  /** The headers of every answer. */
  baseHeaders(): Record<string, string> {
    return {
      'x-request-id': this.requestId,
      'openai-version': '2020-10-01',
      'openai-organization': 'org-mock',
      'openai-processing-ms': String(
        Math.round((this.context.scheduler.now() - this.receivedNs) / 1e6),
      ),
      ...this.extraHeaders,
    };
  }

  sendJson(status: number, body: unknown, headers: Record<string, string> = {}): void {
    this.sendText(status, JSON.stringify(body), headers);
  }

  sendText(status: number, text: string, headers: Record<string, string> = {}): void {
    if (this.response.headersSent || this.response.destroyed) return;
    const stamps = this.truth
      ? {
          'x-streamgauge-received': String(Math.round(this.receivedNs)),
          'x-streamgauge-sent': String(Math.round(this.context.scheduler.now())),
        }
      : {};
    this.response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
      ...this.baseHeaders(),
      ...stamps,
      ...headers,
    });
    this.response.end(text);
  }

  /** An answer without body. */
  sendEmpty(status: number): void {
    if (this.response.headersSent || this.response.destroyed) return;
    this.response.writeHead(status, this.baseHeaders());
    this.response.end();
  }

  fail(problem: ApiProblem): void {
    this.context.truth.refused(problem.status);
    const headers = { ...problem.headers };
    // HTTP/2 has no such header and Node warns of it.
    if (this.request.httpVersionMajor > 1) delete headers['connection'];
    this.sendText(problem.status, problem.body, headers);
  }
}
