/**
 * The same sessions through the API's official package, so that users see what their own client adds:
 * parsing, promises, async iteration. Stamps are taken where user code first sees an event. Which
 * package that is, and which of its methods a user would call, the dialect's adapter knows.
 */
import * as net from 'node:net';
import { Agent, fetch as undiciFetch } from 'undici';
import { codeOf, messageOf } from '../errors.ts';
import type { Scheduled } from '../timer/scheduler.ts';
import { ChannelBase, type RunningExchange } from './channel-base.ts';
import type { ChannelOptions } from './channel-options.ts';
import { connectDetail } from './connect-detail.ts';
import { namedBody, readTruthMember, truthHeaders, truthUpgradeHeaders } from './ground-truth.ts';
import { sendPaced } from './paced-messages.ts';
import type { SdkAdapter, SdkClient, SdkSocket } from './sdk.ts';
import { addressOf, openSocket } from './socket.ts';
import {
  emptyFrame,
  type Endpoint,
  type ExchangeObserver,
  type Frame,
  type LeaveHow,
  type TransportName,
  type WireMessage,
  type WireRequest,
} from './transport.ts';
import { endOfError } from './undici-errors.ts';

interface Running extends RunningExchange {
  readonly abort: AbortController;
  /** The messages that are still to be sent. */
  sending: Scheduled | undefined;
}

export class SdkChannel extends ChannelBase<Running> {
  private readonly transport: TransportName;
  private readonly client: SdkClient;
  private readonly agent: Agent;
  private socket: SdkSocket | undefined;
  private readonly frame: Frame = emptyFrame();
  private sameTick = false;
  private failure: unknown;

  constructor(
    transport: TransportName,
    endpoint: Endpoint,
    options: ChannelOptions,
    sdk: SdkAdapter,
  ) {
    super(endpoint, options);
    this.transport = transport;
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
      openSocket: () => openSocket(this.endpoint, { time: this.time, alpn: ['http/1.1'] }).socket,
    });
  }

  protected begin(observer: ExchangeObserver): Running {
    return { observer, abort: new AbortController(), sending: undefined };
  }

  protected ask(request: WireRequest, running: Running): void {
    if (this.transport === 'websocket') this.startSocket(request, running);
    else void this.runHttp(request, running);
  }

  protected release(): void {
    // Over HTTP the package's loop ends.
    if (this.transport === 'websocket') this.finish({ kind: 'complete', at: this.frame.at });
  }

  protected override send(message: WireMessage): void {
    this.socket?.send(message.body);
  }

  protected override over(running: Running): void {
    running.sending?.cancel();
  }

  protected leave(_how: LeaveHow, running: Running | undefined): void {
    running?.abort.abort();
    this.socket?.close();
    this.socket = undefined;
  }

  protected override shut(how: LeaveHow, running: Running | undefined): void {
    this.leave(how, running);
    void this.agent.destroy();
  }

  // ── HTTP and SSE ──────────────────────────────────────────────────────────────────────────────

  private async runHttp(request: WireRequest, running: Running): Promise<void> {
    const isCurrent = (): boolean => this.current === running;
    let gotHead = false;
    try {
      const options = {
        signal: running.abort.signal,
        headers: truthHeaders(this.endpoint, request.streamId),
      };
      // Its promise comes after the request has been made.
      const asked = this.client.ask!(request, options);
      running.observer.onWritten(this.time.now());
      const { answer, response } = await asked;
      if (!isCurrent()) return;
      gotHead = true;
      running.observer.onHead({
        at: this.time.now(),
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
      if (isCurrent()) this.finish({ kind: 'complete', at: this.time.now() });
    } catch (error) {
      if (!isCurrent()) return;
      this.reportFailure(error, gotHead, running);
    }
  }

  private reportFailure(error: unknown, gotHead: boolean, running: Running): void {
    const failure = this.client.failureOf(error);
    if (failure?.kind === 'connection') {
      this.finish(endOfError(failure.cause, gotHead, this.time.now()));
    } else if (failure) {
      const { status, headers, body } = failure;
      if (status !== undefined) {
        running.observer.onHead({ at: this.time.now(), status, headers, httpVersion: '1.1' });
      }
      this.deliver(body, running);
      if (this.current === running) this.finish({ kind: 'complete', at: this.time.now() });
    } else if (error instanceof SyntaxError) {
      this.finish({ kind: 'malformed', at: this.time.now(), detail: messageOf(error) });
    } else {
      const cause = error instanceof Error && error.cause ? error.cause : error;
      this.finish(endOfError(cause, gotHead, this.time.now()));
    }
  }

  // ── WebSocket ─────────────────────────────────────────────────────────────────────────────────

  private startSocket(request: WireRequest, running: Running): void {
    if (this.socket) {
      this.sendAll(request, running);
      return;
    }
    const startedAt = this.time.now();
    let opened = false;
    const onClose = (closeCode: number, reason: string): void => {
      this.socket = undefined;
      const at = this.time.now();
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
      ...truthUpgradeHeaders(this.endpoint),
      ...this.endpoint.headers,
    };
    this.socket = this.client.connect!(request, headers, {
      onOpen: () => {
        opened = true;
        if (this.current !== running) return;
        running.observer.onConnected({ totalMs: (this.time.now() - startedAt) / 1e6 });
        this.sendAll(request, running);
      },
      onEvent: (event) => {
        if (this.current) this.deliver(event, this.current);
      },
      onError: (error) => (this.failure ??= error),
      onClose,
    });
  }

  private sendAll(request: WireRequest, running: Running): void {
    running.sending = sendPaced(
      this.time,
      request.messages ?? [],
      ({ body }) => this.socket?.send(namedBody(this.endpoint, body, request.streamId)),
      () => running.observer.onWritten(this.time.now()),
    );
  }

  // ── both ──────────────────────────────────────────────────────────────────────────────────────

  private deliver(json: unknown, running: Running): void {
    this.stamp();
    const { frame } = this;
    frame.json = json;
    frame.data = '';
    frame.truthIndex = -1;
    if (this.transport === 'websocket' && this.endpoint.groundTruth) readTruthMember(json, frame);
    running.observer.onFrame(frame);
  }

  private deliverText(data: string, running: Running): void {
    this.stamp();
    this.frame.json = undefined;
    this.frame.data = data;
    this.frame.truthIndex = -1;
    running.observer.onFrame(this.frame);
  }

  /** Events that user code sees within one turn of the event loop count as one read. */
  private stamp(): void {
    this.frame.at = this.time.now();
    if (this.sameTick) return;
    this.sameTick = true;
    this.frame.read++;
    this.time.soon(this.tickIsOver);
  }

  private readonly tickIsOver = (): void => {
    this.sameTick = false;
  };
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
