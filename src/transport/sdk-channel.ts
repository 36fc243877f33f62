/**
 * The same sessions through the API's official package, so that users see what their own client adds:
 * parsing, promises, async iteration. Stamps are taken where user code first sees an event. Which
 * package that is, and which of its methods a user would call, the dialect's adapter knows.
 */
import * as net from 'node:net';
import { Agent, fetch as undiciFetch } from 'undici';
import { codeOf, messageOf } from '../errors.ts';
import { monotonicNow } from '../world.ts';
import { connectDetail } from './connect-detail.ts';
import { truthHeaders } from './http-request.ts';
import type { SdkAdapter, SdkClient, SdkSocket } from './sdk.ts';
import { addressOf, openSocket } from './socket.ts';
import {
  emptyFrame,
  type Channel,
  type Endpoint,
  type Exchange,
  type ExchangeEnd,
  type ExchangeObserver,
  type Frame,
  type LeaveHow,
  type TransportName,
  type WireMessage,
  type WireRequest,
} from './transport.ts';
import { endOfError } from './undici-channel.ts';
import { sendPaced, type PacedSending } from './paced-messages.ts';

interface RunningExchange {
  observer: ExchangeObserver;
  abort: AbortController;
  sending: PacedSending | undefined;
}

export class SdkChannel implements Channel {
  private readonly transport: TransportName;
  private readonly endpoint: Endpoint;
  private readonly client: SdkClient;
  private readonly agent: Agent;
  private socket: SdkSocket | undefined;
  private current: RunningExchange | undefined;
  private readonly frame: Frame = emptyFrame();
  private sameTick = false;
  private failure: unknown;

  constructor(transport: TransportName, endpoint: Endpoint, sdk: SdkAdapter) {
    this.transport = transport;
    this.endpoint = endpoint;
    const { host, port } = addressOf(endpoint);
    this.agent = new Agent({
      connections: 1,
      pipelining: 1,
      allowH2: endpoint.httpVersion === '2',
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: {
        timeout: endpoint.timeouts.connectMs,
        rejectUnauthorized: endpoint.tls.rejectUnauthorized,
        ...(endpoint.tls.ca === undefined ? {} : { ca: endpoint.tls.ca }),
        // A relay in between changes where the bytes go, not whom the client believes to talk to.
        ...(endpoint.connectTo
          ? {
              lookup: (_name, _options, callback) =>
                callback(null, [{ address: host, family: net.isIPv6(host) ? 6 : 4 }]),
            }
          : {}),
      },
    });
    const baseUrl = new URL(endpoint.baseUrl);
    if (endpoint.connectTo) baseUrl.port = String(port);
    this.client = sdk.open({
      baseUrl,
      headers: endpoint.headers,
      fetch: (async (url: string, init: Record<string, unknown>) =>
        undiciFetch(url, { ...init, dispatcher: this.agent })) as unknown as typeof fetch,
      openSocket: () => openSocket(this.endpoint, { alpn: ['http/1.1'] }).socket,
    });
  }

  start(request: WireRequest, observer: ExchangeObserver): Exchange {
    const running: RunningExchange = { observer, abort: new AbortController(), sending: undefined };
    this.current = running;
    if (this.transport === 'websocket') this.startSocket(request, running);
    else void this.runHttp(request, running);
    return {
      cancel: (how) => {
        if (this.current !== running) return;
        this.finish({ kind: 'cancelled', at: monotonicNow() });
        running.abort.abort();
        this.dropSocket(how);
      },
      release: () => {
        if (this.transport === 'websocket' && this.current === running) {
          this.finish({ kind: 'complete', at: this.frame.at });
        }
      },
      send: (message) => this.socket?.send(message.body),
    };
  }

  close(how: LeaveHow): void {
    const running = this.current;
    this.finish({ kind: 'cancelled', at: monotonicNow() });
    running?.abort.abort();
    this.dropSocket(how);
    void this.agent.destroy();
  }

  // ── HTTP and SSE ──────────────────────────────────────────────────────────────────────────────

  private async runHttp(request: WireRequest, running: RunningExchange): Promise<void> {
    const isCurrent = (): boolean => this.current === running;
    let gotHead = false;
    try {
      const options = {
        signal: running.abort.signal,
        headers: truthHeaders(this.endpoint, request.streamId),
      };
      // Its promise comes after the request has been made.
      const asked = this.client.ask!(request, options);
      running.observer.onWritten(monotonicNow());
      const { answer, response } = await asked;
      if (!isCurrent()) return;
      gotHead = true;
      running.observer.onHead({
        at: monotonicNow(),
        status: response.status,
        headers: Object.fromEntries(response.headers),
        httpVersion: this.endpoint.httpVersion,
      });
      if (isAsyncIterable(answer)) {
        for await (const chunk of answer) {
          if (!isCurrent()) return;
          this.deliver(chunk, running);
        }
        const { endOfStream } = this.client;
        if (isCurrent() && endOfStream !== undefined) this.deliverText(endOfStream, running);
      } else {
        this.deliver(answer, running);
      }
      if (isCurrent()) this.finish({ kind: 'complete', at: monotonicNow() });
    } catch (error) {
      if (!isCurrent()) return;
      this.reportFailure(error, gotHead, running);
    }
  }

  private reportFailure(error: unknown, gotHead: boolean, running: RunningExchange): void {
    const failure = this.client.failureOf(error);
    if (failure?.kind === 'connection') {
      this.finish(endOfError(failure.cause, gotHead));
    } else if (failure) {
      const { status, headers, body } = failure;
      if (status !== undefined) {
        running.observer.onHead({ at: monotonicNow(), status, headers, httpVersion: '1.1' });
      }
      this.deliver(body, running);
      if (this.current === running) this.finish({ kind: 'complete', at: monotonicNow() });
    } else if (error instanceof SyntaxError) {
      this.finish({ kind: 'malformed', at: monotonicNow(), detail: messageOf(error) });
    } else {
      this.finish(endOfError(error instanceof Error && error.cause ? error.cause : error, gotHead));
    }
  }

  // ── WebSocket ─────────────────────────────────────────────────────────────────────────────────

  private startSocket(request: WireRequest, running: RunningExchange): void {
    if (this.socket) {
      this.sendAll(request, running);
      return;
    }
    const startedAt = monotonicNow();
    let opened = false;
    const onClose = (closeCode: number, reason: string): void => {
      this.socket = undefined;
      const at = monotonicNow();
      const refused = /Unexpected server response: (\d+)/.exec(messageOf(this.failure));
      if (refused) {
        this.finish({ kind: 'refused_upgrade', at, status: Number(refused[1]), body: '' });
      } else if (!opened) {
        const detail = connectDetail(this.failure ?? 'closed while connecting');
        this.finish({
          kind: 'connect_failed',
          at,
          code: codeOf(this.failure) || 'ECLOSED',
          detail,
        });
      } else if (codeOf(this.failure)) {
        this.finish({ kind: 'reset', at, detail: codeOf(this.failure) });
      } else {
        this.finish({ kind: 'closed', at, closeCode, detail: reason });
      }
    };
    const headers = {
      ...(this.endpoint.groundTruth ? { 'x-streamgauge-truth': '1' } : {}),
      ...this.endpoint.headers,
    };
    this.socket = this.client.connect!(request, headers, {
      onOpen: () => {
        opened = true;
        if (this.current !== running) return;
        running.observer.onConnected({ totalMs: (monotonicNow() - startedAt) / 1e6 });
        this.sendAll(request, running);
      },
      onEvent: (event) => {
        if (this.current) this.deliver(event, this.current);
      },
      onError: (error) => (this.failure ??= error),
      onClose,
    });
  }

  private sendAll(request: WireRequest, running: RunningExchange): void {
    running.sending = sendPaced(
      request.messages ?? [],
      (message: WireMessage) => {
        const body = this.endpoint.groundTruth
          ? { ...message.body, x_streamgauge: { stream: request.streamId } }
          : message.body;
        this.socket?.send(body);
      },
      () => running.observer.onWritten(monotonicNow()),
    );
  }

  // ── both ──────────────────────────────────────────────────────────────────────────────────────

  private deliver(json: unknown, running: RunningExchange): void {
    this.stamp();
    const { frame } = this;
    frame.json = json;
    frame.data = '';
    frame.truthIndex = -1;
    if (this.transport === 'websocket' && this.endpoint.groundTruth) {
      const truth = (json as { x_streamgauge?: { n: number; t: number } }).x_streamgauge;
      if (truth) {
        frame.truthIndex = truth.n;
        frame.truthSentAt = truth.t;
      }
    }
    running.observer.onFrame(frame);
  }

  private deliverText(data: string, running: RunningExchange): void {
    this.stamp();
    this.frame.json = undefined;
    this.frame.data = data;
    this.frame.truthIndex = -1;
    running.observer.onFrame(this.frame);
  }

  /** Events that user code sees within one turn of the event loop count as one read. */
  private stamp(): void {
    this.frame.at = monotonicNow();
    if (this.sameTick) return;
    this.sameTick = true;
    this.frame.read++;
    setImmediate(() => (this.sameTick = false));
  }

  private dropSocket(_how: LeaveHow): void {
    this.socket?.close();
    this.socket = undefined;
  }

  private finish(end: ExchangeEnd): void {
    const running = this.current;
    if (!running) return;
    this.current = undefined;
    running.sending?.stop();
    running.observer.onEnd(end);
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
