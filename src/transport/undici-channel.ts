/**
 * HTTP by `undici`: plain requests, and HTTP/2. One client, and so one connection, per session.
 */
import type * as net from 'node:net';
import { buildConnector, Client, type Dispatcher } from 'undici';
import { codeOf, messageOf } from '../errors.ts';
import { monotonicNow } from '../world.ts';
import { connectDetail } from './connect-detail.ts';
import type { BodyReader } from './body-reader.ts';
import { requestHeaders, requestTarget } from './http-request.ts';
import { leaveSocket, resetBelowTls, resetSocket } from './leaving.ts';
import { PacedReader } from './paced-reader.ts';
import type { ChannelOptions } from './registry.ts';
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
  private readonly options: Omit<ChannelOptions, 'via'>;
  private client: Client | undefined;
  private socket: net.Socket | undefined;
  private connected: ConnectTiming | undefined;
  private alpn = '1.1';
  private current: Running | undefined;
  private readCount = -1;

  constructor(
    endpoint: Endpoint,
    accept: string,
    makeReader: BodyReaderFactory,
    options: Omit<ChannelOptions, 'via'> = {},
  ) {
    this.options = options;
    this.endpoint = endpoint;
    this.accept = accept;
    this.makeReader = makeReader;
  }

  start(request: WireRequest, observer: ExchangeObserver): Exchange {
    const client = (this.client ??= this.makeClient());
    const reader = this.makeReader(observer);
    const running: Running = { observer, controller: undefined, paced: undefined };
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
      cancel: (how) => {
        if (!isCurrent()) return;
        this.finish({ kind: 'cancelled', at: monotonicNow() });
        this.leave(running, how);
      },
      release: () => {
        linger ??= setTimeout(() => {
          if (!isCurrent()) return;
          this.finish({ kind: 'complete', at: monotonicNow() });
          running.controller?.abort(new Error('released'));
        }, releaseLingerMs);
      },
      send: () => {
        throw new Error('HTTP cannot send within an exchange');
      },
    };
  }

  close(_how: LeaveHow): void {
    this.finish({ kind: 'cancelled', at: monotonicNow() });
    this.dropClient();
  }

  private leave({ controller }: Running, how: LeaveHow): void {
    const { client, socket } = this;
    const abort = (): void => controller?.abort(new Error('cancelled'));
    switch (how) {
      case 'close':
      case 'h2_reset':
      case 'ws_close':
        abort();
        // A request that has not been sent yet cannot be aborted; its connection can.
        if (!controller) this.dropClient();
        return;
      case 'fin':
      case 'rst':
        // An HTTP/2 session owns its socket, and undici must end the session itself.
        if (this.alpn === '2') {
          if (how === 'rst' && socket) resetBelowTls(socket);
        } else if (how === 'rst' && socket) resetSocket(socket);
        else socket?.destroy();
        this.dropClient();
        return;
      case 'half_close':
      case 'black_hole':
        // undici reads on by itself; stopping is asked of it, not of the socket.
        if (how === 'black_hole') controller?.pause();
        else if (socket) leaveSocket(socket, how, this.options.parked);
        if (client) this.options.parked?.keep(client);
        this.client = undefined;
        this.socket = undefined;
    }
  }

  private dropClient(): void {
    void this.client?.destroy();
    this.client = undefined;
    this.socket = undefined;
  }

  private handler(
    reader: BodyReader,
    running: Running,
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
        running.controller = controller;
        const { reader: pace } = this.options;
        if (pace) running.paced = new PacedReader(pace, controller, monotonicNow);
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
        running.paced?.onRead(chunk.length);
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
        this.dropClient();
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
            this.socket = socket;
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
    running.paced?.close();
    running.observer.onEnd(end);
  }
}

interface Running {
  observer: ExchangeObserver;
  /** Once the request is on its connection. */
  controller: Dispatcher.DispatchController | undefined;
  paced: PacedReader | undefined;
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
