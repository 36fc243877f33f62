/**
 * Writes an SSE answer, one event per write.
 *
 * Node's `response.write` costs more than the write itself: it frames each chunk as three buffers
 * and a vectored write. Once the head is out, an HTTP/1.1 chunk is nothing but its length in hex and
 * two line ends, so it goes to the socket as one string; `response.end` then writes the closing
 * chunk and keeps the connection's bookkeeping. Where the response does not own the socket
 * (HTTP/2, HTTP/1.0, a pipelined request whose predecessor is still running), Node's way is used.
 */
import type { Socket } from 'node:net';
import type { Scheduler } from '../../src/timer/scheduler.ts';
import type { BackPressure } from '../truth/back-pressure.ts';
import type { Exchange } from './exchange.ts';

/** A client that leaves more than this unread is cut off, bytes. */
const unreadLimit = 16 * 1024 ** 2;

export interface SseWriterEvents {
  /** The connection has gone before `end`. Called once at most. */
  onGone(reason: 'client_left' | 'overflow'): void;
}

export class SseWriter {
  private readonly exchange: Exchange;
  private readonly time: Scheduler;
  private readonly stamped: boolean;
  private readonly socket: Socket | undefined;
  private closed = false;
  private readonly events: SseWriterEvents;
  private readonly pressure: BackPressure | undefined;

  /** @param pressure - told of what the client leaves unread. */
  constructor(exchange: Exchange, events: SseWriterEvents, pressure?: BackPressure) {
    this.exchange = exchange;
    this.time = exchange.context.scheduler;
    this.events = events;
    this.pressure = pressure;
    this.stamped = exchange.truth;
    const { request, response } = exchange;
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      ...exchange.baseHeaders(),
    });
    response.flushHeaders();
    const direct = request.httpVersion === '1.1' && response.socket !== null;
    this.socket = direct ? response.socket : undefined;
    response.on('close', () => this.gone('client_left'));
    if (exchange.heartbeatMs !== undefined) this.beat(exchange.heartbeatMs);
  }

  /** Whether the client can still be written to. */
  get open(): boolean {
    return !this.closed;
  }

  /**
   * Writes one event.
   *
   * @param index - its index in the stream, for the stamp.
   * @param block - `data: …\n\n`, without the stamp.
   * @returns when, monotonic ns.
   */
  write(index: number, block: string): number {
    const sentNs = this.time.now();
    if (this.closed) return sentNs;
    this.send(this.stamp(index, sentNs) + block);
    return sentNs;
  }

  /** Writes what is not a whole event: a `retry:` line, a priming event, the rest of an event. */
  writeRaw(text: string | Uint8Array): void {
    if (this.closed) return;
    if (typeof text === 'string') this.send(text);
    else this.exchange.response.write(text);
  }

  /**
   * Writes several events in one piece, each with its stamp.
   *
   * @returns when, monotonic ns.
   */
  writeJoined(events: readonly { n: number; text: string }[]): number {
    const sentNs = this.time.now();
    if (this.closed) return sentNs;
    const text = events.map((event) => this.stamp(event.n, sentNs) + event.text).join('');
    if (text !== '') this.send(text);
    return sentNs;
  }

  private stamp(index: number, sentNs: number): string {
    return this.stamped ? `: sg ${index} ${Math.round(sentNs)}\n` : '';
  }

  /** Ends the answer properly; the connection can be used again. */
  end(): void {
    if (this.closed) return;
    this.closed = true;
    this.exchange.response.end();
  }

  /** Ends the connection in mid-answer, as a crashed server or proxy does. */
  cut(): void {
    this.closed = true;
    this.exchange.response.destroy();
  }

  private beat(everyMs: number): void {
    this.time.at(this.time.now() + everyMs * 1e6, () => {
      if (this.closed) return;
      this.send(': keep-alive\n\n');
      this.beat(everyMs);
    });
  }

  private send(text: string): void {
    const nowNs = this.time.now();
    this.pressure?.beforeWrite(this.unread, nowNs);
    this.put(text);
    const { unread } = this;
    this.pressure?.afterWrite(unread, nowNs);
    if (unread <= unreadLimit) return;
    this.gone('overflow');
    this.exchange.response.destroy();
  }

  private put(text: string): void {
    const { socket } = this;
    if (!socket) {
      this.exchange.response.write(text);
      return;
    }
    const bytes = Buffer.byteLength(text);
    socket.write(
      `${bytes.toString(16)}\r\n${text}\r\n`,
      // Latin-1 is copied as it is; only text that needs it pays for UTF-8.
      bytes === text.length ? 'latin1' : 'utf8',
    );
  }

  /** Bytes that the kernel has not taken yet. */
  private get unread(): number {
    return (this.socket ?? this.exchange.response).writableLength ?? 0;
  }

  private gone(reason: 'client_left' | 'overflow'): void {
    if (this.closed) return;
    this.closed = true;
    this.events.onGone(reason);
  }
}
