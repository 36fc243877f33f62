/**
 * WebSocket by the `ws` package, on a socket of our own so that every read is stamped before the
 * frame parser sees it. One connection per session; a turn is an exchange on it.
 */
import type { IncomingMessage } from 'node:http';
import { WebSocket, type RawData } from 'ws';
import { codeOf, messageOf } from '../errors.ts';
import { monotonicNow } from '../world.ts';
import { requestTarget } from './http-request.ts';
import { sendPaced, type PacedSending } from './paced-messages.ts';
import { openSocket } from './socket.ts';
import {
  emptyFrame,
  type Channel,
  type ConnectTiming,
  type Endpoint,
  type Exchange,
  type ExchangeEnd,
  type ExchangeObserver,
  type LeaveHow,
  type WireMessage,
  type WireRequest,
} from './transport.ts';

const truthKey = '"x_streamgauge":';
/** Body of a refused upgrade that is kept for the message, bytes. */
const maxRefusalBody = 64 * 1024;

interface RunningExchange {
  observer: ExchangeObserver;
  sending: PacedSending | undefined;
}

export class WebSocketChannel implements Channel {
  private readonly endpoint: Endpoint;
  private socket: WebSocket | undefined;
  private current: RunningExchange | undefined;
  private readonly frame = emptyFrame();
  private readAt = 0;
  private readCount = -1;
  private failure: { code: string; detail: string } | undefined;
  private refused = false;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }

  start(request: WireRequest, observer: ExchangeObserver): Exchange {
    const running: RunningExchange = { observer, sending: undefined };
    this.current = running;
    if (this.socket?.readyState === WebSocket.OPEN) this.sendAll(running, request);
    else this.connect(running, request);
    return {
      cancel: (how) => {
        if (this.current !== running) return;
        this.drop(how);
        this.finish({ kind: 'cancelled', at: monotonicNow() });
      },
      release: () => {
        if (this.current === running) this.finish({ kind: 'complete', at: this.readAt });
      },
      send: (message) => this.socket?.send(JSON.stringify(message.body)),
    };
  }

  close(how: LeaveHow): void {
    this.drop(how);
    this.finish({ kind: 'cancelled', at: monotonicNow() });
  }

  private connect(running: RunningExchange, request: WireRequest): void {
    this.readCount = -1;
    this.failure = undefined;
    this.refused = false;
    const { endpoint } = this;
    const url = new URL(endpoint.baseUrl);
    url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:';
    const [path = '', query = ''] = requestTarget(endpoint, request).split('?');
    url.pathname = path;
    url.search = query;

    let tcp: ConnectTiming | undefined;
    let upgradeFrom = 0;
    const socket = new WebSocket(url, [...(endpoint.subprotocols ?? [])], {
      headers: {
        'user-agent': 'streamgauge',
        ...(endpoint.groundTruth ? { 'x-streamgauge-truth': '1' } : {}),
        ...endpoint.headers,
      },
      // Compression would batch bytes and cost more CPU than the frames themselves.
      perMessageDeflate: false,
      // An invalid sequence shows as U+FFFD in JSON; validating every frame again costs the hot path.
      skipUTF8Validation: true,
      maxPayload: 64 * 1024 * 1024,
      handshakeTimeout: endpoint.timeouts.connectMs,
      createConnection: () => {
        const pending = openSocket(endpoint, { alpn: ['http/1.1'] });
        pending.onReady((timing, failure) => {
          if (failure) this.failure = failure;
          tcp = timing;
          upgradeFrom = monotonicNow();
        });
        // First listener: the stamp is taken before `ws` parses a byte.
        pending.socket.on('data', () => {
          this.readAt = monotonicNow();
          this.readCount++;
        });
        pending.socket.on('error', (error) => {
          this.failure ??= { code: codeOf(error), detail: messageOf(error) };
        });
        return pending.socket;
      },
    });
    this.socket = socket;

    socket.on('open', () => {
      if (this.socket !== socket) return;
      const upgradeMs = (monotonicNow() - upgradeFrom) / 1e6;
      running.observer.onConnected({ ...tcp, totalMs: (tcp?.totalMs ?? 0) + upgradeMs, upgradeMs });
      running.observer.onHead({
        at: this.readAt,
        status: 101,
        headers: socket.protocol ? { 'sec-websocket-protocol': socket.protocol } : {},
        httpVersion: '1.1',
      });
      if (this.current === running) this.sendAll(running, request);
    });
    socket.on('message', (data) => {
      if (this.socket === socket) this.onMessage(data);
    });
    socket.on('unexpected-response', (_request, response: IncomingMessage) => {
      this.refused = true;
      collectRefusal(response, (body) => {
        socket.terminate();
        if (this.socket !== socket) return;
        this.socket = undefined;
        const at = monotonicNow();
        const status = response.statusCode ?? 0;
        const headers = flatten(response.headers);
        this.current?.observer.onHead({ at, status, headers, httpVersion: response.httpVersion });
        this.finish({ kind: 'refused_upgrade', at, status, body });
      });
    });
    socket.on('error', (error) => {
      this.failure ??= { code: codeOf(error), detail: messageOf(error) };
    });
    socket.on('close', (closeCode, reason) => {
      if (this.socket !== socket || this.refused) return;
      this.socket = undefined;
      this.finish(this.endOf(closeCode, reason.toString(), tcp !== undefined));
    });
  }

  /** What a closed socket means for the exchange that was running. */
  private endOf(closeCode: number, reason: string, connected: boolean): ExchangeEnd {
    const at = monotonicNow();
    const { failure } = this;
    if (this.readCount < 0 || !connected) {
      return {
        kind: 'connect_failed',
        at,
        code: failure?.code || 'ECLOSED',
        detail: failure?.detail ?? 'closed before the WebSocket upgrade was answered',
      };
    }
    if (failure?.code.startsWith('WS_ERR_')) {
      return { kind: 'malformed', at, detail: failure.detail };
    }
    if (failure?.code) return { kind: 'reset', at, detail: failure.code };
    const detail = reason || (closeCode === 1006 ? 'no close frame' : '');
    return { kind: 'closed', at, closeCode, detail };
  }

  private onMessage(data: RawData): void {
    const running = this.current;
    if (!running) return;
    const { frame } = this;
    const bytes = data as Buffer;
    frame.at = this.readAt;
    frame.read = this.readCount;
    frame.bytes = bytes.length;
    // Some servers send JSON in binary frames; what it means is the dialect's business.
    frame.data = bytes.toString('utf8');
    frame.truthIndex = -1;
    if (this.endpoint.groundTruth) readTruthMember(frame);
    running.observer.onFrame(frame);
  }

  private sendAll(running: RunningExchange, request: WireRequest): void {
    running.sending = sendPaced(
      request.messages ?? [],
      (message) => this.sendMessage(message, request.streamId),
      () => running.observer.onWritten(monotonicNow()),
    );
  }

  private sendMessage(message: WireMessage, streamId: string): void {
    const body = this.endpoint.groundTruth
      ? { ...message.body, x_streamgauge: { stream: streamId } }
      : message.body;
    this.socket?.send(JSON.stringify(body));
  }

  private drop(how: LeaveHow): void {
    const { socket } = this;
    if (!socket) return;
    this.socket = undefined;
    if (how === 'fin' && socket.readyState === WebSocket.OPEN) socket.close(1000);
    else socket.terminate();
  }

  private finish(end: ExchangeEnd): void {
    const running = this.current;
    if (!running) return;
    this.current = undefined;
    running.sending?.stop();
    running.observer.onEnd(end);
  }
}

/** Reads the mock's stamp `"x_streamgauge":{"n":…,"t":…}}` off the end of a message. */
function readTruthMember(frame: { data: string; truthIndex: number; truthSentAt: number }): void {
  const { data } = frame;
  const start = data.lastIndexOf(truthKey);
  if (start < 0 || data.length - start > 80) return;
  const match = /\{"n":(\d+),"t":([\d.]+)\}\}$/.exec(data.slice(start));
  if (!match) return;
  frame.truthIndex = Number(match[1]);
  frame.truthSentAt = Number(match[2]);
}

function collectRefusal(response: IncomingMessage, done: (body: string) => void): void {
  let body = '';
  response.setEncoding('utf8');
  response.on('data', (text: string) => {
    if (body.length < maxRefusalBody) body += text;
  });
  response.once('close', () => done(body));
}

function flatten(headers: IncomingMessage['headers']): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
