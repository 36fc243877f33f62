/**
 * WebSocket on a socket that streamgauge opens: the upgrade by the HTTP/1.1 parser, then frames straight out of
 * the read buffer. One connection per session; a turn is an exchange on it.
 */
import type * as net from 'node:net';
import { codeOf, messageOf } from '../errors.ts';
import type { Scheduled } from '../timer/scheduler.ts';
import { after } from '../timer/waiting.ts';
import { HttpSyntaxError } from '../wire/http1-response.ts';
import { closePayload, encodeFrame, opcodes } from '../wire/websocket-frame.ts';
import { ChannelBase, type RunningExchange } from './channel-base.ts';
import { namedBody, readTruthText } from './ground-truth.ts';
import { leaveSocket } from './leaving.ts';
import { sendPaced } from './paced-messages.ts';
import { ReadStamp } from './read-stamp.ts';
import { openSocket } from './socket.ts';
import {
  emptyFrame,
  type ConnectTiming,
  type ExchangeEnd,
  type ExchangeObserver,
  type LeaveHow,
  type WireMessage,
  type WireRequest,
} from './transport.ts';
import { WebSocketFrameParser } from './ws-frames.ts';
import { WebSocketUpgrade } from './ws-upgrade.ts';

/** How long a server may take to answer our close frame, ms. */
const closeTimeoutMs = 2000;

interface Running extends RunningExchange {
  /** The messages that are still to be sent. */
  sending: Scheduled | undefined;
}

/** One connection: from the socket to its end. A later connection of the channel is another object. */
interface Connection {
  readonly socket: net.Socket;
  readonly stamp: ReadStamp;
  stopPacing(): void;
  upgraded: boolean;
}

export class WebSocketChannel extends ChannelBase<Running> {
  private connection: Connection | undefined;
  private readonly frame = emptyFrame();

  protected begin(observer: ExchangeObserver): Running {
    return { observer, sending: undefined };
  }

  protected ask(request: WireRequest, running: Running): void {
    if (this.connection?.upgraded) this.sendAll(running, request);
    else this.connect(running, request);
  }

  protected release(): void {
    this.finish({ kind: 'complete', at: this.frame.at });
  }

  protected override over(running: Running): void {
    running.sending?.cancel();
  }

  protected override send(message: WireMessage): void {
    this.write(opcodes.text, Buffer.from(JSON.stringify(message.body)));
  }

  // ── connecting ────────────────────────────────────────────────────────────────────────────────

  private connect(running: Running, request: WireRequest): void {
    this.leave('fin');
    const { time } = this;
    let timing: ConnectTiming | undefined;
    let upgradeFrom = 0;

    const isCurrent = (): boolean => this.connection === connection;
    const fail = (end: ExchangeEnd): void => {
      if (isCurrent()) this.leaveWith(end, 'fin');
    };
    const refuse = (): void => {
      const { head } = upgrade;
      if (!head || upgrade.switched || !isCurrent()) return;
      this.current?.observer.onHead(head);
      fail(upgrade.refusal(head));
    };
    const accept = (): void => {
      if (!upgrade.proved) {
        const detail = 'the upgrade was answered with a wrong Sec-WebSocket-Accept';
        fail({ kind: 'malformed', at: stamp.at, detail });
        return;
      }
      connection.upgraded = true;
      const upgradeMs = (stamp.at - upgradeFrom) / 1e6;
      running.observer.onConnected({
        ...timing,
        totalMs: (timing?.totalMs ?? 0) + upgradeMs,
        upgradeMs,
      });
      running.observer.onHead(upgrade.head!);
      if (this.current === running) this.sendAll(running, request);
    };

    const stamp = new ReadStamp(time);
    const upgrade = new WebSocketUpgrade(this.endpoint, stamp, refuse);
    const frames = new WebSocketFrameParser({
      onMessage: (payload) => this.onMessage(payload, stamp),
      onPing: (payload) => this.write(opcodes.pong, payload),
      onClose: (code, reason) => this.onClose(connection, code, reason),
    });
    const pending = openSocket(this.endpoint, {
      time,
      alpn: ['http/1.1'],
      reader: this.options.reader,
      onRead: (buffer, count) => {
        stamp.mark();
        if (!isCurrent()) return;
        try {
          let at = 0;
          if (!connection.upgraded) {
            at = upgrade.feed(buffer, count);
            if (upgrade.switched) accept();
          }
          if (connection.upgraded && isCurrent()) frames.feed(buffer, at, count);
        } catch (error) {
          const detail = messageOf(error);
          if (!(error instanceof HttpSyntaxError)) this.write(opcodes.close, closePayload(1002));
          fail({ kind: 'malformed', at: stamp.at, detail });
        }
      },
    });
    const connection: Connection = {
      socket: pending.socket,
      stamp,
      stopPacing: () => pending.stopPacing(),
      upgraded: false,
    };
    this.connection = connection;
    pending.onReady((ready, failure) => {
      if (failure) {
        fail({ kind: 'connect_failed', at: time.now(), ...failure });
        return;
      }
      if (!isCurrent()) return;
      timing = ready;
      connection.socket.write(upgrade.request(request));
      upgradeFrom = time.now();
    });
    connection.socket.on('error', (error) => {
      const detail = codeOf(error) || messageOf(error);
      if (timing) fail({ kind: 'reset', at: time.now(), detail });
    });
    const onGone = (): void => {
      if (!timing || !isCurrent()) return;
      if (connection.upgraded) {
        fail({ kind: 'closed', at: time.now(), closeCode: 1006, detail: 'no close frame' });
      } else if (upgrade.head) {
        refuse();
      } else {
        const detail = 'closed before the WebSocket upgrade was answered';
        fail({ kind: 'connect_failed', at: time.now(), code: 'ECLOSED', detail });
      }
    };
    connection.socket.on('end', onGone);
    connection.socket.on('close', onGone);
  }

  // ── frames ────────────────────────────────────────────────────────────────────────────────────

  private onMessage(payload: Buffer, stamp: ReadStamp): void {
    const running = this.current;
    if (!running) return;
    const { frame } = this;
    frame.at = stamp.at;
    frame.read = stamp.ordinal;
    frame.bytes = payload.length;
    // Some servers send JSON in binary frames; what it means is the dialect's business.
    frame.data = payload.toString('utf8');
    frame.truthIndex = -1;
    if (this.endpoint.groundTruth) readTruthText(frame);
    running.observer.onFrame(frame);
  }

  private onClose(connection: Connection, code: number, reason: string): void {
    if (this.connection !== connection) return;
    this.write(opcodes.close, closePayload(code === 1005 ? 1000 : code));
    connection.socket.end();
    this.connection = undefined;
    this.finish({ kind: 'closed', at: connection.stamp.at, closeCode: code, detail: reason });
  }

  private sendAll(running: Running, request: WireRequest): void {
    running.sending = sendPaced(
      this.time,
      request.messages ?? [],
      ({ body }) => {
        const named = namedBody(this.endpoint, body, request.streamId);
        this.write(opcodes.text, Buffer.from(JSON.stringify(named)));
      },
      () => running.observer.onWritten(this.time.now()),
    );
  }

  private write(opcode: number, payload: Buffer): void {
    const socket = this.connection?.socket;
    if (socket && !socket.destroyed && !socket.writableEnded) {
      socket.write(encodeFrame(opcode, payload));
    }
  }

  protected leave(how: LeaveHow, _running?: Running, code = 1000): void {
    const { connection } = this;
    if (!connection) return;
    const { socket } = connection;
    connection.stopPacing();
    if ((how === 'close' || how === 'ws_close') && connection.upgraded) {
      this.write(opcodes.close, closePayload(code));
      socket.end();
      // A paused reader would never see the answer to it.
      socket.resume();
      const timer = after(this.time, closeTimeoutMs, () => socket.destroy());
      socket.once('close', () => timer.cancel());
    } else {
      leaveSocket(socket, how, this.options.parked);
    }
    this.connection = undefined;
  }
}
