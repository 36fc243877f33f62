/**
 * One response on its way through a simulated proxy: upstream's bytes → buffer model → gzip → TCP →
 * client. It knows no sockets, so the whole path runs on virtual time.
 */
import { messageOf } from '../errors.ts';
import type { Scheduled, Scheduler } from '../timer/scheduler.ts';
import { ChunkedDecoder } from '../wire/chunked-decoder.ts';
import { join } from './join.ts';
import { GzipEncoder } from './gzip.ts';
import { OutgoingHead } from './headers.ts';
import type {
  Breakage,
  BufferContext,
  BufferModel,
  ResponseBuffer,
  UpstreamHead,
} from './buffer-model.ts';
import { SegmentHold } from './segment-hold.ts';

/** Where a response goes. Calls in a row, at one time, make one packet where they fit in one. */
export interface ClientSide {
  head(head: OutgoingHead): void;
  write(bytes: Uint8Array): void;
  /** The response is complete. */
  end(): void;
  /** FIN without the end of the body, after all that was written. */
  cut(): void;
  /** The proxy's answer: 502 or 504. */
  gatewayError(status: 502 | 504, reason: string): void;
}

/** What the path needs to know of the request. */
export interface RequestFacts {
  method: string;
  /** Which request on its client connection, from 0. */
  number: number;
  acceptsGzip: boolean;
}

export class ResponsePath {
  private readonly model: BufferModel;
  private readonly facts: RequestFacts;
  private readonly client: ClientSide;
  private readonly scheduler: Scheduler;
  private buffer: ResponseBuffer | undefined;
  private decoder: ChunkedDecoder | undefined;
  private outgoing: OutgoingHead | undefined;
  private encoder: GzipEncoder | undefined;
  private hold: SegmentHold | undefined;
  private headSent = false;
  /** Upstream has ended or was given up; the rest may still be on its way to the client. */
  private upstreamOver = false;
  private over = false;
  private lastReadNs = 0;
  private silence: Scheduled | undefined;

  constructor(model: BufferModel, facts: RequestFacts, client: ClientSide, scheduler: Scheduler) {
    this.model = model;
    this.facts = facts;
    this.client = client;
    this.scheduler = scheduler;
  }

  /** The request has gone out: from now on upstream's silence counts. */
  requestSent(): void {
    this.lastReadNs = this.scheduler.now();
    this.watchSilence();
  }

  upstreamHead(head: UpstreamHead): void {
    if (this.upstreamOver) return;
    this.lastReadNs = this.scheduler.now();
    const outgoing = new OutgoingHead(head.status, head.statusText, head.headers);
    this.outgoing = outgoing;
    if (head.framing === 'chunked') this.decoder = new ChunkedDecoder();
    const context: BufferContext = {
      requestNumber: this.facts.number,
      acceptsGzip: this.facts.acceptsGzip,
      bodyless: this.facts.method === 'HEAD' || head.status === 204 || head.status === 304,
      head: outgoing,
      now: () => this.scheduler.now(),
      schedule: (atNs, action) => this.scheduler.at(atNs, action),
      compress: (settings) => {
        outgoing.remove('content-length');
        outgoing.set('content-encoding', 'gzip');
        this.encoder = new GzipEncoder(settings, (bytes) => this.emit(bytes));
      },
      holdSegments: (settings) => {
        this.hold = new SegmentHold(settings, this.scheduler, outgoing.bytes, {
          head: () => this.client.head(outgoing),
          write: (bytes) => this.client.write(bytes),
        });
      },
      sendHead: () => this.sendHead(),
      send: (bytes) => (this.encoder ? this.encoder.write(bytes) : this.emit(bytes)),
      reject: (reason) => this.reject(502, reason),
    };
    this.buffer = this.model.response(head, context);
  }

  /** @param wire - what one read brought of the body, chunk lines included. */
  upstreamRead(wire: Uint8Array): void {
    if (this.upstreamOver || !this.buffer) return;
    this.lastReadNs = this.scheduler.now();
    try {
      this.buffer.read({ wire, body: this.decoder ? join(this.decoder.decode(wire)) : wire });
    } catch (error) {
      this.reject(502, messageOf(error));
    }
  }

  upstreamEnd(): void {
    if (!this.stopListening()) return;
    this.buffer!.end();
    this.finish('end');
  }

  /** Upstream cannot be reached, talks nonsense, or breaks off. */
  upstreamBroken(how: Breakage, reason: string): void {
    if (!this.buffer) {
      this.reject(how === 'timeout' ? 504 : 502, reason);
      return;
    }
    if (this.stopListening()) this.finish(this.buffer.broken(how));
  }

  /** The client has left, or all is said. */
  close(): void {
    this.over = true;
    this.upstreamOver = true;
    this.silence?.cancel();
    this.buffer?.close?.();
    this.hold?.close();
    this.encoder?.close();
  }

  /** Whether the proxy keeps for a slow client what the target sends. */
  get absorbs(): boolean {
    return this.buffer?.absorbs ?? false;
  }

  /** Once zlib, which works at the same time as this thread, has caught up. */
  settled(): Promise<void> {
    return this.encoder?.settled() ?? Promise.resolve();
  }

  /** @returns whether upstream was still being listened to, and the response not yet decided. */
  private stopListening(): boolean {
    if (this.upstreamOver) return false;
    this.upstreamOver = true;
    this.silence?.cancel();
    return true;
  }

  private finish(how: 'end' | 'cut'): void {
    if (this.over) return;
    const last = (): void => {
      if (this.over) return;
      this.sendHead();
      this.hold?.flush();
      this.close();
      if (how === 'end') this.client.end();
      else this.client.cut();
    };
    // What was compressed but not put out is lost when a response is cut.
    if (this.encoder && how === 'end') this.encoder.end(last);
    else last();
  }

  private reject(status: 502 | 504, reason: string): void {
    if (this.over) return;
    const begun = this.headSent;
    this.close();
    if (begun) this.client.cut();
    else this.client.gatewayError(status, reason);
  }

  private sendHead(): void {
    if (this.headSent || this.over || !this.outgoing) return;
    this.headSent = true;
    if (this.hold) this.hold.head();
    else this.client.head(this.outgoing);
  }

  private emit(bytes: Uint8Array): void {
    if (this.over) return;
    this.sendHead();
    if (this.hold) this.hold.write(bytes);
    else this.client.write(bytes);
  }

  private watchSilence(): void {
    const { readTimeoutMs } = this.model;
    if (readTimeoutMs === undefined) return;
    const dueNs = this.lastReadNs + readTimeoutMs * 1e6;
    if (dueNs <= this.scheduler.now()) {
      this.upstreamBroken('timeout', `the target was silent for ${readTimeoutMs} ms`);
      return;
    }
    this.silence = this.scheduler.at(dueNs, () => this.watchSilence());
  }
}
