/**
 * HTTP by `undici`: plain requests, and HTTP/2. One client, and so one connection, per session.
 */
import type * as net from 'node:net';
import { buildConnector, Client, type Dispatcher } from 'undici';
import { messageOf } from '../errors.ts';
import { endCutBody, type BodyKind, type BodyReader } from './body-reader.ts';
import { ChannelBase, type RunningExchange } from './channel-base.ts';
import type { ChannelOptions } from './channel-options.ts';
import { requestHeaders, requestTarget } from './http-request.ts';
import { leaveSocket, resetBelowTls, resetSocket } from './leaving.ts';
import { PacedReader } from './paced-reader.ts';
import { ReadStamp } from './read-stamp.ts';
import { addressOf } from './socket.ts';
import type {
  ConnectTiming,
  Endpoint,
  ExchangeObserver,
  LeaveHow,
  WireRequest,
} from './transport.ts';
import { endOfError } from './undici-errors.ts';

interface Running extends RunningExchange {
  readonly reader: BodyReader;
  /** Once the request is on its connection. */
  controller: Dispatcher.DispatchController | undefined;
  paced: PacedReader | undefined;
}

export class UndiciChannel extends ChannelBase<Running> {
  private readonly body: BodyKind;
  private readonly stamp: ReadStamp;
  private client: Client | undefined;
  private socket: net.Socket | undefined;
  private connected: ConnectTiming | undefined;
  private alpn = '1.1';
  private sameRead = false;

  constructor(endpoint: Endpoint, options: ChannelOptions, body: BodyKind) {
    super(endpoint, options);
    this.body = body;
    this.stamp = new ReadStamp(this.time);
  }

  protected begin(observer: ExchangeObserver): Running {
    const reader = this.body.makeReader(observer);
    return { observer, reader, linger: undefined, controller: undefined, paced: undefined };
  }

  protected ask(request: WireRequest, running: Running): void {
    this.client ??= this.makeClient();
    this.client.dispatch(
      {
        method: request.method,
        path: requestTarget(this.endpoint, request),
        headers: {
          ...requestHeaders(this.endpoint, request, this.body.accept),
          host: this.endpoint.baseUrl.host,
        },
        body: request.body === undefined ? null : JSON.stringify(request.body),
        // Deadlines are the session's; undici's deadlines would hide which one passed.
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      this.handler(running),
    );
  }

  protected release(running: Running): void {
    this.lingerThenLeave(running, () => this.time.now());
  }

  protected override over(running: Running): void {
    running.paced?.close();
  }

  protected override shut(): void {
    this.dropClient();
  }

  protected leave(how: LeaveHow, running: Running | undefined): void {
    const { client, socket } = this;
    const controller = running?.controller;
    switch (how) {
      case 'close':
      case 'h2_reset':
      case 'ws_close':
        controller?.abort(new Error('left'));
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

  /** undici passes on several pieces of one read within one callback of the event loop. */
  private mark(): void {
    if (this.sameRead) return;
    this.sameRead = true;
    process.nextTick(this.readIsOver);
    this.stamp.mark();
  }

  private readonly readIsOver = (): void => {
    this.sameRead = false;
  };

  private handler(running: Running): Dispatcher.DispatchHandler {
    const { observer, reader } = running;
    const { stamp } = this;
    const isCurrent = (): boolean => this.current === running;
    let gotHead = false;
    return {
      onRequestStart: (controller) => {
        running.controller = controller;
        const { reader: pace } = this.options;
        if (pace) running.paced = new PacedReader(pace, controller, this.time);
        if (this.connected) {
          observer.onConnected(this.connected);
          this.connected = undefined;
        }
        // undici writes the request synchronously after this call.
        observer.onWritten(this.time.now());
      },
      onResponseStart: (_controller, status, headers) => {
        if (!isCurrent() || status < 200) return;
        gotHead = true;
        this.mark();
        const flat: Record<string, string> = {};
        for (const [name, value] of Object.entries(headers)) {
          if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
        }
        observer.onHead({ at: stamp.at, status, headers: flat, httpVersion: this.alpn });
        reader.onHead(status, flat);
      },
      onResponseData: (controller, chunk) => {
        if (!isCurrent()) return;
        this.mark();
        running.paced?.onRead(chunk.length);
        try {
          reader.onBytes(chunk, stamp.at, stamp.ordinal);
        } catch (error) {
          this.finishUnreadable(error);
          controller.abort(new Error('unreadable body'));
        }
      },
      onResponseEnd: () => {
        if (!isCurrent()) return;
        this.mark();
        try {
          reader.onEnd(stamp.at, stamp.ordinal);
          this.finish({ kind: 'complete', at: stamp.at });
        } catch (error) {
          this.finishUnreadable(error);
        }
      },
      onResponseError: (_controller, error) => {
        if (!isCurrent()) return;
        const at = this.time.now();
        if (gotHead) endCutBody(reader, at, stamp.ordinal);
        this.dropClient();
        this.finish(endOfError(error, gotHead, at));
      },
    };
  }

  private finishUnreadable(error: unknown): void {
    const detail = `unreadable body: ${messageOf(error)}`;
    this.finish({ kind: 'malformed', at: this.stamp.at, detail });
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
        const startedAt = this.time.now();
        connector(
          { ...options, hostname: host, port: String(port), servername: options.servername ?? '' },
          (error, socket) => {
            if (error) {
              callback(error, null);
              return;
            }
            this.connected = { totalMs: (this.time.now() - startedAt) / 1e6 };
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
}
