/**
 * HTTP/1.1 on a socket that streamgauge opens: one connection per session, reused from turn to turn as long as
 * the server keeps it open.
 */
import type * as net from 'node:net';
import { codeOf, messageOf } from '../errors.ts';
import { Http1ResponseParser, HttpSyntaxError } from '../wire/http1-response.ts';
import { endCutBody, type BodyKind, type BodyReader } from './body-reader.ts';
import { ChannelBase, type RunningExchange } from './channel-base.ts';
import type { ChannelOptions } from './channel-options.ts';
import { requestHeaders, requestTarget } from './http-request.ts';
import { leaveSocket } from './leaving.ts';
import { ReadStamp } from './read-stamp.ts';
import { openSocket, type PendingSocket } from './socket.ts';
import type { Endpoint, ExchangeObserver, LeaveHow, WireRequest } from './transport.ts';

interface Running extends RunningExchange {
  readonly reader: BodyReader;
}

export class Http1Channel extends ChannelBase<Running> {
  private readonly body: BodyKind;
  private readonly parser: Http1ResponseParser;
  private socket: net.Socket | undefined;
  private pending: PendingSocket | undefined;
  private ready = false;
  private stamp: ReadStamp;

  constructor(endpoint: Endpoint, options: ChannelOptions, body: BodyKind) {
    super(endpoint, options);
    this.body = body;
    this.stamp = new ReadStamp(this.time);
    this.parser = new Http1ResponseParser({
      onHead: (status, headers) => {
        const running = this.current;
        if (!running) return;
        running.observer.onHead({ at: this.stamp.at, status, headers, httpVersion: '1.1' });
        running.reader.onHead(status, headers);
      },
      onBody: (bytes) => this.current?.reader.onBytes(bytes, this.stamp.at, this.stamp.ordinal),
      onComplete: (keepAlive) => {
        if (!keepAlive) this.drop();
        const { at } = this.stamp;
        try {
          this.current?.reader.onEnd(at, this.stamp.ordinal);
          this.finish({ kind: 'complete', at });
        } catch (error) {
          this.finish({ kind: 'malformed', at, detail: `unreadable body: ${messageOf(error)}` });
        }
      },
    });
  }

  protected begin(observer: ExchangeObserver): Running {
    return { observer, reader: this.body.makeReader(observer), linger: undefined };
  }

  protected ask(request: WireRequest): void {
    if (this.socket && this.ready && !this.socket.destroyed) this.write(request);
    else this.connect(request);
  }

  protected leave(how: LeaveHow): void {
    this.drop(how);
  }

  protected release(running: Running): void {
    this.lingerThenLeave(running, () => this.stamp.at);
  }

  private connect(request: WireRequest): void {
    this.ready = false;
    const stamp = new ReadStamp(this.time);
    const pending = openSocket(this.endpoint, {
      time: this.time,
      alpn: ['http/1.1'],
      reader: this.options.reader,
      onRead: (buffer, count) => {
        stamp.mark();
        if (this.socket === socket) this.onRead(buffer, count);
      },
    });
    const { socket } = pending;
    this.socket = socket;
    this.pending = pending;
    this.stamp = stamp;
    pending.onReady((timing, failure) => {
      if (this.socket !== socket) return;
      if (failure) {
        this.leaveWith({ kind: 'connect_failed', at: this.time.now(), ...failure }, 'close');
        return;
      }
      this.ready = true;
      this.current?.observer.onConnected(timing!);
      this.write(request);
    });
    socket.on('end', () => this.onPeerClosed(socket));
    socket.on('error', (error) => {
      if (this.socket !== socket || !this.ready) return;
      const detail = codeOf(error) || messageOf(error);
      this.leaveWith({ kind: 'reset', at: this.time.now(), detail }, 'close');
    });
    socket.on('close', () => this.onPeerClosed(socket));
  }

  private onPeerClosed(socket: net.Socket): void {
    if (this.socket !== socket || !this.ready) return;
    this.drop();
    if (!this.current) return;
    // What ends a body without a length ends now, not with the last read.
    const at = this.time.now();
    this.stamp.at = at;
    const missing = this.parser.end();
    if (missing !== undefined) {
      endCutBody(this.current.reader, at, this.stamp.ordinal);
      this.finish({ kind: 'cut', at, detail: missing });
    }
  }

  private onRead(buffer: Buffer, count: number): void {
    if (!this.current) {
      // Bytes that nothing asked for: the connection cannot be trusted any more.
      this.drop();
      return;
    }
    try {
      this.parser.feed(buffer, count);
    } catch (error) {
      const known = error instanceof HttpSyntaxError;
      const detail = `${known ? '' : 'unreadable body: '}${messageOf(error)}`;
      this.leaveWith({ kind: 'malformed', at: this.stamp.at, detail }, 'close');
    }
  }

  private write(request: WireRequest): void {
    const socket = this.socket!;
    this.parser.reset();
    const body = request.body === undefined ? '' : JSON.stringify(request.body);
    const headers = requestHeaders(this.endpoint, request, this.body.accept);
    let head = `${request.method} ${requestTarget(this.endpoint, request)} HTTP/1.1\r\nHost: ${this.endpoint.baseUrl.host}\r\n`;
    for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
    if (request.method === 'POST') head += `Content-Length: ${Buffer.byteLength(body)}\r\n`;
    socket.write(`${head}\r\n${body}`, 'utf8');
    // The kernel has taken the bytes (or Node queues them: a slow reader is the target's time).
    this.current?.observer.onWritten(this.time.now());
  }

  private drop(how: LeaveHow = 'close'): void {
    const { socket, pending } = this;
    if (!socket) return;
    this.socket = undefined;
    this.pending = undefined;
    this.ready = false;
    pending?.stopPacing();
    leaveSocket(socket, how, this.options.parked);
  }
}
