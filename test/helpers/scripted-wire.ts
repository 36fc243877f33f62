/**
 * Channels in memory, for sessions in virtual time: the test says what the other side does and at which
 * instant, and sees what the session did. Bodies go through the body readers of the real transports, so
 * that events are what they would be on a socket.
 *
 *   const time = new VirtualScheduler();
 *   const wire = new ScriptedWire(time, () => [head(), body(20, chatDelta('a')), ends(5)]);
 *   // SessionShared: { …, time, openChannel: wire.open }
 */
import type { Scheduled } from '../../src/timer/scheduler.ts';
import type { VirtualScheduler } from '../../src/timer/virtual-scheduler.ts';
import { after } from '../../src/timer/waiting.ts';
import {
  SseBodyReader,
  WholeBodyReader,
  type BodyReader,
} from '../../src/transport/body-reader.ts';
import type { openChannel } from '../../src/transport/registry.ts';
import {
  emptyFrame,
  type Channel,
  type Exchange,
  type ExchangeEnd,
  type ExchangeObserver,
  type LeaveHow,
  type TransportName,
  type WireMessage,
  type WireRequest,
} from '../../src/transport/transport.ts';

/** One thing that the other side does, so many ms after the one before it. */
export interface Step {
  afterMs: number;
  run(exchange: ScriptedExchange): void;
}

/** What the other side does in answer to one request. Where it does not end, it stays silent. */
export type Script = readonly Step[];

type EndOf<T> = T extends { at: number } ? Omit<T, 'at'> : never;

/** The head of an answer; with no further steps it is followed by silence. */
export function head(afterMs = 0, status = 200, headers: Record<string, string> = {}): Step {
  return { afterMs, run: (exchange) => exchange.head(status, headers) };
}

/** Bytes of the body: one read. */
export function body(afterMs: number, text: string): Step {
  return { afterMs, run: (exchange) => exchange.bytes(text) };
}

/** A WebSocket message. */
export function message(afterMs: number, json: object): Step {
  return { afterMs, run: (exchange) => exchange.message(JSON.stringify(json)) };
}

/** Ends the exchange; by default as the protocol asks. */
export function ends(afterMs = 0, end: EndOf<ExchangeEnd> = { kind: 'complete' }): Step {
  return { afterMs, run: (exchange) => exchange.end(end) };
}

/** A whole answer that is not a stream: a refusal. */
export function refusal(
  status: number,
  json: object,
  headers: Record<string, string> = {},
): Script {
  const type = { 'content-type': 'application/json' };
  return [head(0, status, { ...type, ...headers }), body(0, JSON.stringify(json)), ends()];
}

/** The peer closes in the middle of the framing. */
export const fin = (afterMs = 0): Step =>
  ends(afterMs, { kind: 'cut', detail: 'closed before the final chunk' });
export const rst = (afterMs = 0): Step => ends(afterMs, { kind: 'reset', detail: 'ECONNRESET' });

/** So many equal steps, one every `gapMs`. */
export function repeated(count: number, gapMs: number, step: (afterMs: number, i: number) => Step) {
  return Array.from({ length: count }, (_, i) => step(gapMs, i));
}

/** One request, and what came of it. Times are virtual ms since the wire was made. */
export class ScriptedExchange implements Exchange {
  readonly request: WireRequest;
  /** When the request was written. */
  readonly writtenAtMs: number;
  /** What was sent after the request. */
  readonly sent: { atMs: number; message: WireMessage }[] = [];
  /** How and when the session left. */
  cancelled: { atMs: number; how: LeaveHow; code: number | undefined } | undefined;
  releasedAtMs: number | undefined;
  private readonly channel: ScriptedChannel;
  private readonly observer: ExchangeObserver;
  private readonly reader: BodyReader;
  private readonly frame = emptyFrame();
  private lastReadNs = Number.NaN;
  private read = -1;
  private next: Scheduled | undefined;
  private over = false;

  constructor(channel: ScriptedChannel, request: WireRequest, observer: ExchangeObserver) {
    this.channel = channel;
    this.request = request;
    this.observer = observer;
    this.reader =
      channel.transport === 'http' ? new WholeBodyReader(observer) : new SseBodyReader(observer);
    const { time, connectMs, nowMs } = channel.wire;
    const opens = !channel.isOpen;
    this.writtenAtMs = nowMs + (opens ? connectMs : 0);
    // Never within `start`, as on a socket: the session has not got the exchange before it returns.
    this.next = after(time, opens ? connectMs : 0, () => {
      if (opens) {
        channel.opened();
        observer.onConnected({ totalMs: connectMs });
      }
      if (channel.transport === 'websocket' && opens) this.head(101, {});
      observer.onWritten(time.now());
      const script = channel.wire.scriptFor(this);
      this.play(script, 0, time.now());
    });
  }

  // ── the session's side ────────────────────────────────────────────────────────────────────────

  cancel(how: LeaveHow, code?: number): void {
    if (this.over) return;
    this.cancelled = { atMs: this.channel.wire.nowMs, how, code };
    this.channel.isOpen = how === 'h2_reset';
    this.finish({ kind: 'cancelled' });
  }

  release(): void {
    this.releasedAtMs ??= this.channel.wire.nowMs;
    // On a stream of HTTP the end of the framing is still to come.
    if (this.channel.transport === 'websocket') this.finish({ kind: 'complete' });
  }

  send(sent: WireMessage): void {
    this.sent.push({ atMs: this.channel.wire.nowMs, message: sent });
    this.channel.wire.onSend?.(this, sent);
  }

  // ── the other side ────────────────────────────────────────────────────────────────────────────

  head(status: number, headers: Record<string, string>): void {
    const type = this.channel.transport === 'http' ? 'application/json' : 'text/event-stream';
    const all = { 'content-type': type, ...headers };
    this.observer.onHead({
      at: this.channel.wire.time.now(),
      status,
      headers: all,
      httpVersion: '1.1',
    });
    this.reader.onHead(status, all);
  }

  bytes(text: string): void {
    this.reader.onBytes(Buffer.from(text), this.channel.wire.time.now(), this.readNow());
  }

  message(text: string): void {
    const { frame } = this;
    frame.at = this.channel.wire.time.now();
    frame.read = this.readNow();
    frame.bytes = Buffer.byteLength(text);
    frame.data = text;
    this.observer.onFrame(frame);
  }

  end(end: EndOf<ExchangeEnd>): void {
    if (end.kind !== 'complete' && end.kind !== 'refused_upgrade') this.channel.isOpen = false;
    if (!this.over && this.channel.transport !== 'websocket') {
      this.reader.onEnd(this.channel.wire.time.now(), this.readNow());
    }
    this.finish(end);
  }

  /** Plays steps now, as an answer to something that the session has sent. */
  answer(...steps: Script): void {
    this.next?.cancel();
    this.play(steps, 0, this.channel.wire.time.now());
  }

  private play(script: Script, at: number, fromNs: number): void {
    const step = script[at];
    if (!step || this.over) return;
    const dueNs = fromNs + step.afterMs * 1e6;
    this.next = this.channel.wire.time.at(dueNs, () => {
      step.run(this);
      this.play(script, at + 1, dueNs);
    });
  }

  /** What comes at one instant came in one read. */
  private readNow(): number {
    const nowNs = this.channel.wire.time.now();
    if (nowNs !== this.lastReadNs) this.read += 1;
    this.lastReadNs = nowNs;
    return this.read;
  }

  private finish(end: EndOf<ExchangeEnd>): void {
    if (this.over) return;
    this.over = true;
    this.next?.cancel();
    this.observer.onEnd({ ...end, at: this.channel.wire.time.now() });
  }
}

class ScriptedChannel implements Channel {
  readonly wire: ScriptedWire;
  readonly transport: TransportName;
  readonly closes: { atMs: number; how: LeaveHow }[] = [];
  /** A connection is there for the next exchange. */
  isOpen = false;
  connections = 0;
  private current: ScriptedExchange | undefined;

  constructor(wire: ScriptedWire, transport: TransportName) {
    this.wire = wire;
    this.transport = transport;
  }

  opened(): void {
    this.isOpen = true;
    this.connections += 1;
  }

  start(request: WireRequest, observer: ExchangeObserver): Exchange {
    this.current = new ScriptedExchange(this, request, observer);
    this.wire.exchanges.push(this.current);
    return this.current;
  }

  close(how: LeaveHow): void {
    this.closes.push({ atMs: this.wire.nowMs, how });
    this.current?.cancel(how);
    this.isOpen = false;
  }
}

export class ScriptedWire {
  readonly time: VirtualScheduler;
  /** Every exchange of every channel, in the order they began. */
  readonly exchanges: ScriptedExchange[] = [];
  readonly channels: ScriptedChannel[] = [];
  /** What opening a connection takes, ms. */
  connectMs = 0;
  /** Called for what a session sends in mid-exchange. */
  onSend: ((exchange: ScriptedExchange, message: WireMessage) => void) | undefined;
  private readonly startNs: number;
  private readonly script: (number: number, request: WireRequest) => Script;

  /** @param script - what is done in answer to the n-th request of all, from 0. */
  constructor(time: VirtualScheduler, script: (number: number, request: WireRequest) => Script) {
    this.time = time;
    this.startNs = time.now();
    this.script = script;
  }

  /** For `SessionShared.openChannel`. */
  readonly open: typeof openChannel = (transport) => {
    const channel = new ScriptedChannel(this, transport);
    this.channels.push(channel);
    return channel;
  };

  /** Since the wire was made. */
  get nowMs(): number {
    return (this.time.now() - this.startNs) / 1e6;
  }

  get connections(): number {
    return this.channels.reduce((sum, channel) => sum + channel.connections, 0);
  }

  scriptFor(exchange: ScriptedExchange): Script {
    return this.script(this.exchanges.indexOf(exchange), exchange.request);
  }
}
