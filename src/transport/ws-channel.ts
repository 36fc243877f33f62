/**
 * WebSocket on a socket of our own: the upgrade by the HTTP/1.1 parser, then frames straight out of
 * the read buffer. One connection per session; a turn is an exchange on it.
 */
import { createHash, randomBytes } from 'node:crypto';
import type * as net from 'node:net';
import { codeOf, messageOf } from '../errors.ts';
import { monotonicNow } from '../world.ts';
import { requestTarget } from './http-request.ts';
import { Http1ResponseParser, HttpSyntaxError } from '../wire/http1-response.ts';
import { sendPaced, type PacedSending } from './paced-messages.ts';
import { leaveSocket } from './leaving.ts';
import type { ChannelOptions } from './registry.ts';
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
  type ResponseHead,
  type WireMessage,
  type WireRequest,
} from './transport.ts';
import { closePayload, encodeFrame, opcodes } from '../wire/websocket-frame.ts';
import { WebSocketFrameParser } from './ws-frames.ts';

const truthKey = '"x_streamgauge":';
/** RFC 6455, section 1.3: proves that the server understood the upgrade. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** Body of a refused upgrade that is kept for the message, bytes. */
const maxRefusalBody = 64 * 1024;
/** How long a server may take to answer our close frame, ms. */
const closeTimeoutMs = 2000;

interface RunningExchange {
  observer: ExchangeObserver;
  sending: PacedSending | undefined;
}

/** One connection: from the socket to its end. A later connection of the channel is another object. */
interface Connection {
  socket: net.Socket;
  stopPacing(): void;
  upgraded: boolean;
  readAt: number;
  readCount: number;
}

export class WebSocketChannel implements Channel {
  private readonly endpoint: Endpoint;
  private readonly options: Omit<ChannelOptions, 'via'>;
  private connection: Connection | undefined;
  private current: RunningExchange | undefined;
  private readonly frame = emptyFrame();

  constructor(endpoint: Endpoint, options: Omit<ChannelOptions, 'via'> = {}) {
    this.options = options;
    this.endpoint = endpoint;
  }

  start(request: WireRequest, observer: ExchangeObserver): Exchange {
    const running: RunningExchange = { observer, sending: undefined };
    this.current = running;
    if (this.connection?.upgraded) this.sendAll(running, request);
    else this.connect(running, request);
    return {
      cancel: (how, code) => {
        if (this.current !== running) return;
        this.drop(how, code);
        this.finish({ kind: 'cancelled', at: monotonicNow() });
      },
      release: () => {
        if (this.current === running) this.finish({ kind: 'complete', at: this.frame.at });
      },
      send: (message) => this.write(opcodes.text, Buffer.from(JSON.stringify(message.body))),
    };
  }

  close(how: LeaveHow): void {
    this.drop(how);
    this.finish({ kind: 'cancelled', at: monotonicNow() });
  }

  // ── connecting ────────────────────────────────────────────────────────────────────────────────

  private connect(running: RunningExchange, request: WireRequest): void {
    this.drop('fin');
    const { endpoint } = this;
    const key = randomBytes(16).toString('base64');
    let timing: ConnectTiming | undefined;
    let upgradeFrom = 0;
    let head: ResponseHead | undefined;
    let refusal = '';

    const upgrade = new Http1ResponseParser({
      onHead: (status, headers) => {
        head = { at: connection.readAt, status, headers, httpVersion: '1.1' };
      },
      onBody: (bytes) => {
        if (refusal.length < maxRefusalBody) refusal += bytes.toString('utf8');
      },
      onComplete: () => refuse(),
    });
    const frames = new WebSocketFrameParser({
      onMessage: (payload) => this.onMessage(payload, connection),
      onPing: (payload) => this.write(opcodes.pong, payload),
      onClose: (code, reason) => this.onClose(connection, code, reason),
    });

    const isCurrent = (): boolean => this.connection === connection;
    const fail = (end: ExchangeEnd): void => {
      if (!isCurrent()) return;
      this.drop('fin');
      this.finish(end);
    };
    const refuse = (): void => {
      if (!head || head.status === 101 || !isCurrent()) return;
      this.current?.observer.onHead(head);
      fail({ kind: 'refused_upgrade', at: head.at, status: head.status, body: refusal });
    };
    const accept = (): void => {
      const expected = createHash('sha1')
        .update(key + acceptSuffix)
        .digest('base64');
      const { headers } = head!;
      if (headers['sec-websocket-accept'] !== expected) {
        const detail = 'the upgrade was answered with a wrong Sec-WebSocket-Accept';
        fail({ kind: 'malformed', at: connection.readAt, detail });
        return;
      }
      connection.upgraded = true;
      const upgradeMs = (connection.readAt - upgradeFrom) / 1e6;
      running.observer.onConnected({
        ...timing,
        totalMs: (timing?.totalMs ?? 0) + upgradeMs,
        upgradeMs,
      });
      running.observer.onHead(head!);
      if (this.current === running) this.sendAll(running, request);
    };

    const pending = openSocket(endpoint, {
      alpn: ['http/1.1'],
      reader: this.options.reader,
      onRead: (buffer, count) => {
        connection.readAt = monotonicNow();
        connection.readCount++;
        if (!isCurrent()) return;
        try {
          let at = 0;
          if (!connection.upgraded) {
            at = upgrade.feed(buffer, count);
            if (head?.status === 101) accept();
          }
          if (connection.upgraded && isCurrent()) frames.feed(buffer, at, count);
        } catch (error) {
          const detail = messageOf(error);
          if (!(error instanceof HttpSyntaxError)) this.write(opcodes.close, closePayload(1002));
          fail({ kind: 'malformed', at: connection.readAt, detail });
        }
      },
    });
    const connection: Connection = {
      socket: pending.socket,
      stopPacing: () => pending.stopPacing(),
      upgraded: false,
      readAt: 0,
      readCount: -1,
    };
    this.connection = connection;
    pending.onReady((ready, failure) => {
      if (failure) {
        fail({ kind: 'connect_failed', at: monotonicNow(), ...failure });
        return;
      }
      if (!isCurrent()) return;
      timing = ready;
      connection.socket.write(upgradeRequest(endpoint, request, key));
      upgradeFrom = monotonicNow();
    });
    connection.socket.on('error', (error) => {
      if (timing)
        fail({ kind: 'reset', at: monotonicNow(), detail: codeOf(error) || messageOf(error) });
    });
    const onGone = (): void => {
      if (!timing || !isCurrent()) return;
      if (connection.upgraded) {
        fail({ kind: 'closed', at: monotonicNow(), closeCode: 1006, detail: 'no close frame' });
      } else if (head) {
        refuse();
      } else {
        const detail = 'closed before the WebSocket upgrade was answered';
        fail({ kind: 'connect_failed', at: monotonicNow(), code: 'ECLOSED', detail });
      }
    };
    connection.socket.on('end', onGone);
    connection.socket.on('close', onGone);
  }

  // ── frames ────────────────────────────────────────────────────────────────────────────────────

  private onMessage(payload: Buffer, connection: Connection): void {
    const running = this.current;
    if (!running) return;
    const { frame } = this;
    frame.at = connection.readAt;
    frame.read = connection.readCount;
    frame.bytes = payload.length;
    // Some servers send JSON in binary frames; what it means is the dialect's business.
    frame.data = payload.toString('utf8');
    frame.truthIndex = -1;
    if (this.endpoint.groundTruth) readTruthMember(frame);
    running.observer.onFrame(frame);
  }

  private onClose(connection: Connection, code: number, reason: string): void {
    if (this.connection !== connection) return;
    this.write(opcodes.close, closePayload(code === 1005 ? 1000 : code));
    connection.socket.end();
    this.connection = undefined;
    this.finish({ kind: 'closed', at: connection.readAt, closeCode: code, detail: reason });
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
    this.write(opcodes.text, Buffer.from(JSON.stringify(body)));
  }

  private write(opcode: number, payload: Buffer): void {
    const socket = this.connection?.socket;
    if (socket && !socket.destroyed && !socket.writableEnded) {
      socket.write(encodeFrame(opcode, payload));
    }
  }

  private drop(how: LeaveHow, code = 1000): void {
    const { connection } = this;
    if (!connection) return;
    const { socket } = connection;
    connection.stopPacing();
    if ((how === 'close' || how === 'ws_close') && connection.upgraded) {
      this.write(opcodes.close, closePayload(code));
      socket.end();
      // A paused reader would never see the answer to it.
      socket.resume();
      const timer = setTimeout(() => socket.destroy(), closeTimeoutMs);
      socket.once('close', () => clearTimeout(timer));
    } else {
      leaveSocket(socket, how, this.options.parked);
    }
    this.connection = undefined;
  }

  private finish(end: ExchangeEnd): void {
    const running = this.current;
    if (!running) return;
    this.current = undefined;
    running.sending?.stop();
    running.observer.onEnd(end);
  }
}

function upgradeRequest(endpoint: Endpoint, request: WireRequest, key: string): string {
  const headers: Record<string, string> = {
    host: endpoint.baseUrl.host,
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-version': '13',
    'sec-websocket-key': key,
    'user-agent': 'streamgauge',
    ...(endpoint.groundTruth ? { 'x-streamgauge-truth': '1' } : {}),
    ...endpoint.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${requestTarget(endpoint, request)} HTTP/1.1\r\n${lines.join('')}\r\n`;
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
