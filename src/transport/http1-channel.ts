/**
 * HTTP/1.1 on a socket of our own: one connection per session, reused from turn to turn as long as
 * the server keeps it open.
 */
import type * as net from 'node:net';
import { codeOf, messageOf } from '../errors.ts';
import { monotonicNow } from '../world.ts';
import { Http1ResponseParser, HttpSyntaxError } from '../wire/http1-response.ts';
import { leaveSocket } from './leaving.ts';
import type { ChannelOptions } from './registry.ts';
import { openSocket, type PendingSocket } from './socket.ts';
import type { BodyReader } from './body-reader.ts';
import type {
  Channel,
  Endpoint,
  Exchange,
  ExchangeEnd,
  ExchangeObserver,
  LeaveHow,
  WireRequest,
} from './transport.ts';
import { requestHeaders, requestTarget } from './http-request.ts';

/** How long a released exchange may take to end its framing before the connection is given up, ms. */
export const releaseLingerMs = 250;

/** Makes the reader that turns one response's body into frames. */
export type BodyReaderFactory = (observer: ExchangeObserver) => BodyReader;

/** Ends a body that was cut short. That it cannot be decoded either says nothing new. */
export function endCutBody(reader: BodyReader, at: number, read: number): void {
  try {
    reader.onEnd(at, read);
  } catch {
    // The cut is the outcome.
  }
}

export class Http1Channel implements Channel {
  private readonly endpoint: Endpoint;
  private readonly makeReader: BodyReaderFactory;
  private readonly accept: string;
  private readonly options: Omit<ChannelOptions, 'via'>;
  private socket: net.Socket | undefined;
  private pending: PendingSocket | undefined;
  private ready = false;
  private current: RunningExchange | undefined;
  private readonly parser: Http1ResponseParser;
  private readAt = 0;
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
    this.parser = new Http1ResponseParser({
      onHead: (status, headers) => {
        const running = this.current;
        if (!running) return;
        running.observer.onHead({ at: this.readAt, status, headers, httpVersion: '1.1' });
        running.reader.onHead(status, headers);
      },
      onBody: (bytes) => this.current?.reader.onBytes(bytes, this.readAt, this.readCount),
      onComplete: (keepAlive) => {
        if (!keepAlive) this.drop();
        const at = this.readAt;
        try {
          this.current?.reader.onEnd(at, this.readCount);
          this.finish({ kind: 'complete', at });
        } catch (error) {
          this.finish({ kind: 'malformed', at, detail: `unreadable body: ${messageOf(error)}` });
        }
      },
    });
  }

  start(request: WireRequest, observer: ExchangeObserver): Exchange {
    const running: RunningExchange = {
      observer,
      reader: this.makeReader(observer),
      linger: undefined,
    };
    this.current = running;
    if (this.socket && this.ready && !this.socket.destroyed) {
      this.send(request);
    } else {
      this.connect(request);
    }
    return {
      cancel: (how) => {
        if (this.current !== running) return;
        this.drop(how);
        this.finish({ kind: 'cancelled', at: monotonicNow() });
      },
      release: () => {
        // The final chunk usually comes with or right after the terminal event, and reading it keeps
        // the connection; a server that holds the body open does not hold up the session.
        running.linger ??= setTimeout(() => {
          if (this.current !== running) return;
          this.drop();
          this.finish({ kind: 'complete', at: this.readAt });
        }, releaseLingerMs);
      },
      send: () => {
        throw new Error('HTTP cannot send within an exchange');
      },
    };
  }

  close(how: LeaveHow): void {
    this.drop(how);
    this.finish({ kind: 'cancelled', at: monotonicNow() });
  }

  private connect(request: WireRequest): void {
    this.ready = false;
    this.readCount = -1;
    const pending = openSocket(this.endpoint, {
      alpn: ['http/1.1'],
      reader: this.options.reader,
      onRead: (buffer, count) => {
        this.readAt = monotonicNow();
        this.readCount++;
        if (this.socket === socket) this.onRead(buffer, count);
      },
    });
    const { socket } = pending;
    this.socket = socket;
    this.pending = pending;
    pending.onReady((timing, failure) => {
      if (this.socket !== socket) return;
      if (failure) {
        this.drop();
        this.finish({ kind: 'connect_failed', at: monotonicNow(), ...failure });
        return;
      }
      this.ready = true;
      this.current?.observer.onConnected(timing!);
      this.send(request);
    });
    socket.on('end', () => this.onPeerClosed(socket));
    socket.on('error', (error) => {
      if (this.socket !== socket || !this.ready) return;
      this.drop();
      this.finish({
        kind: 'reset',
        at: monotonicNow(),
        detail: codeOf(error) || messageOf(error),
      });
    });
    socket.on('close', () => this.onPeerClosed(socket));
  }

  private onPeerClosed(socket: net.Socket): void {
    if (this.socket !== socket || !this.ready) return;
    this.drop();
    if (!this.current) return;
    const at = monotonicNow();
    this.readAt = at;
    const missing = this.parser.end();
    if (missing !== undefined) {
      endCutBody(this.current.reader, at, this.readCount);
      this.finish({ kind: 'cut', at, detail: missing });
    }
  }

  private onRead(buffer: Buffer, count: number): void {
    if (!this.current) {
      // Bytes that nobody asked for: the connection cannot be trusted any more.
      this.drop();
      return;
    }
    try {
      this.parser.feed(buffer, count);
    } catch (error) {
      this.drop();
      const detail = messageOf(error);
      if (error instanceof HttpSyntaxError)
        this.finish({ kind: 'malformed', at: this.readAt, detail });
      else
        this.finish({ kind: 'malformed', at: this.readAt, detail: `unreadable body: ${detail}` });
    }
  }

  private send(request: WireRequest): void {
    const socket = this.socket!;
    this.parser.reset();
    const body = request.body === undefined ? '' : JSON.stringify(request.body);
    const headers = requestHeaders(this.endpoint, request, this.accept);
    let head = `${request.method} ${requestTarget(this.endpoint, request)} HTTP/1.1\r\nHost: ${this.endpoint.baseUrl.host}\r\n`;
    for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
    if (request.method === 'POST') head += `Content-Length: ${Buffer.byteLength(body)}\r\n`;
    socket.write(`${head}\r\n${body}`, 'utf8');
    // The kernel has taken the bytes (or Node queues them: a slow reader is the target's time).
    this.current?.observer.onWritten(monotonicNow());
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

  private finish(end: ExchangeEnd): void {
    const running = this.current;
    if (!running) return;
    this.current = undefined;
    clearTimeout(running.linger);
    running.observer.onEnd(end);
  }
}

interface RunningExchange {
  observer: ExchangeObserver;
  reader: BodyReader;
  linger: NodeJS.Timeout | undefined;
}
