/**
 * HTTP by `undici`: plain requests, and HTTP/2. One client, and so one connection, per session.
 */
import { buildConnector, Client, type Dispatcher } from 'undici';
import { codeOf, messageOf } from '../errors.ts';
import { monotonicNow } from '../world.ts';
import { connectDetail } from './connect-detail.ts';
import type { BodyReader } from './body-reader.ts';
import { requestHeaders, requestTarget } from './http-request.ts';
import { addressOf } from './socket.ts';
import type {
  Channel,
  ConnectTiming,
  Endpoint,
  Exchange,
  ExchangeEnd,
  ExchangeObserver,
  LeaveHow,
  WireRequest,
} from './transport.ts';
import { endCutBody, releaseLingerMs, type BodyReaderFactory } from './http1-channel.ts';

export class UndiciChannel implements Channel {
  private readonly endpoint: Endpoint;
  private readonly accept: string;
  private readonly makeReader: BodyReaderFactory;
  private client: Client | undefined;
  private connected: ConnectTiming | undefined;
  private alpn = '1.1';
  private current: { observer: ExchangeObserver; abort: () => void } | undefined;
  private readCount = -1;

  constructor(endpoint: Endpoint, accept: string, makeReader: BodyReaderFactory) {
    this.endpoint = endpoint;
    this.accept = accept;
    this.makeReader = makeReader;
  }

  start(request: WireRequest, observer: ExchangeObserver): Exchange {
    const client = (this.client ??= this.makeClient());
    const reader = this.makeReader(observer);
    const running = { observer, abort: () => {} };
    this.current = running;
    const isCurrent = (): boolean => this.current === running;
    let linger: NodeJS.Timeout | undefined;
    client.dispatch(
      {
        method: request.method,
        path: requestTarget(this.endpoint, request),
        headers: {
          ...requestHeaders(this.endpoint, request, this.accept),
          host: this.endpoint.baseUrl.host,
        },
        body: request.body === undefined ? null : JSON.stringify(request.body),
        // Deadlines are the session's; undici's own would hide which one passed.
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      this.handler(reader, running, isCurrent),
    );
    return {
      cancel: () => {
        if (!isCurrent()) return;
        this.finish({ kind: 'cancelled', at: monotonicNow() });
        running.abort();
      },
      release: () => {
        linger ??= setTimeout(() => {
          if (!isCurrent()) return;
          this.finish({ kind: 'complete', at: monotonicNow() });
          running.abort();
        }, releaseLingerMs);
      },
      send: () => {
        throw new Error('HTTP cannot send within an exchange');
      },
    };
  }

  close(_how: LeaveHow): void {
    this.finish({ kind: 'cancelled', at: monotonicNow() });
    void this.client?.destroy();
    this.client = undefined;
  }

  private handler(
    reader: BodyReader,
    running: { observer: ExchangeObserver; abort: () => void },
    isCurrent: () => boolean,
  ): Dispatcher.DispatchHandler {
    const { observer } = running;
    let at = 0;
    let gotHead = false;
    let sameRead = false;
    const stamp = (): void => {
      if (sameRead) return;
      // undici hands on several pieces of one read within one callback of the event loop.
      sameRead = true;
      process.nextTick(() => (sameRead = false));
      at = monotonicNow();
      this.readCount++;
    };
    return {
      onRequestStart: (controller) => {
        running.abort = () => controller.abort(new Error('cancelled'));
        if (this.connected) {
          observer.onConnected(this.connected);
          this.connected = undefined;
        }
        // undici writes the request synchronously after this call.
        observer.onWritten(monotonicNow());
      },
      onResponseStart: (_controller, status, headers) => {
        if (!isCurrent() || status < 200) return;
        gotHead = true;
        stamp();
        const flat: Record<string, string> = {};
        for (const [name, value] of Object.entries(headers)) {
          if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
        }
        observer.onHead({ at, status, headers: flat, httpVersion: this.alpn });
        reader.onHead(status, flat);
      },
      onResponseData: (controller, chunk) => {
        if (!isCurrent()) return;
        stamp();
        try {
          reader.onBytes(chunk, at, this.readCount);
        } catch (error) {
          this.finish({ kind: 'malformed', at, detail: `unreadable body: ${messageOf(error)}` });
          controller.abort(new Error('unreadable body'));
        }
      },
      onResponseEnd: () => {
        if (!isCurrent()) return;
        stamp();
        try {
          reader.onEnd(at, this.readCount);
          this.finish({ kind: 'complete', at });
        } catch (error) {
          this.finish({ kind: 'malformed', at, detail: `unreadable body: ${messageOf(error)}` });
        }
      },
      onResponseError: (_controller, error) => {
        if (!isCurrent()) return;
        if (gotHead) endCutBody(reader, monotonicNow(), this.readCount);
        this.finish(endOfError(error, gotHead));
        void this.client?.destroy();
        this.client = undefined;
      },
    };
  }

  private makeClient(): Client {
    const { endpoint } = this;
    const wantsH2 = endpoint.httpVersion === '2';
    const connector = buildConnector({
      allowH2: wantsH2,
      timeout: endpoint.timeouts.connectMs,
      rejectUnauthorized: endpoint.tls.rejectUnauthorized,
      ...(endpoint.tls.ca === undefined ? {} : { ca: endpoint.tls.ca }),
    });
    const { host, port } = addressOf(endpoint);
    return new Client(endpoint.baseUrl.origin, {
      allowH2: wantsH2,
      pipelining: 1,
      connect: (options, callback) => {
        const startedAt = monotonicNow();
        connector(
          { ...options, hostname: host, port: String(port), servername: options.servername ?? '' },
          (error, socket) => {
            if (error) {
              callback(error, null);
              return;
            }
            this.connected = { totalMs: (monotonicNow() - startedAt) / 1e6 };
            this.alpn = 'alpnProtocol' in socket && socket.alpnProtocol === 'h2' ? '2' : '1.1';
            if (wantsH2 && this.alpn !== '2') {
              socket.destroy();
              const refusal = new Error('the target does not offer HTTP/2 by ALPN');
              callback(Object.assign(refusal, { code: 'ERR_NO_HTTP2' }), null);
              return;
            }
            callback(null, socket);
          },
        );
      },
    });
  }

  private finish(end: ExchangeEnd): void {
    const running = this.current;
    if (!running) return;
    this.current = undefined;
    running.observer.onEnd(end);
  }
}

/** Sorts undici's and the system's errors into the ways an exchange can end. */
export function endOfError(error: unknown, gotHead: boolean): ExchangeEnd {
  const at = monotonicNow();
  // fetch wraps the socket's error twice; the innermost one names what happened.
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  const code = codeOf(cause) || codeOf(error);
  const innermost = connectDetail(cause);
  const detail = cause === error ? innermost : `${messageOf(error)}: ${innermost}`;
  const connectCodes =
    /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|ERR_NO_HTTP2|ERR_TLS\w*|ERR_SSL\w*|CERT_\w+|DEPTH_ZERO\w*|SELF_SIGNED\w*|UNABLE_TO\w*|EPROTO)$/;
  if (!gotHead && connectCodes.test(code)) return { kind: 'connect_failed', at, code, detail };
  if (code === 'UND_ERR_SOCKET' || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') {
    return { kind: 'cut', at, detail };
  }
  if (code.startsWith('HPE_') || (cause instanceof Error && cause.name === 'HTTPParserError'))
    return { kind: 'malformed', at, detail };
  if (code === 'ECONNRESET' || code === 'EPIPE' || code.startsWith('ERR_HTTP2')) {
    return { kind: 'reset', at, detail: code };
  }
  return gotHead
    ? { kind: 'reset', at, detail }
    : { kind: 'connect_failed', at, code: code || 'ERROR', detail };
}
