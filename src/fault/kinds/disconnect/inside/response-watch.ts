/**
 * One answer under observation: waits for its moment, and says at which byte of the connection it
 * lies. For an answer over SSE (a response, or a stream of HTTP/2) or a turn over WebSocket.
 */
import type { EventKind } from '../../../../wire/event-kind.ts';

/** A moment that is about what an answer says. */
export type InsideMoment =
  /** Before the first byte of the response. */
  | { kind: 'headers' }
  /** Before the first event. */
  | { kind: 'first_event' }
  /** Before the first event that carries tokens. */
  | { kind: 'first_token' }
  /** Before the first event of this name. */
  | { kind: 'before_event'; name: string }
  /** Behind the first event of this name. */
  | { kind: 'after_event'; name: string }
  /** Behind so many events that carry tokens. */
  | { kind: 'tokens'; count: number }
  /** Behind so many events. */
  | { kind: 'events'; count: number }
  /** All tokens have passed; before the event that says that the answer is over. */
  | { kind: 'last_token' }
  /** Behind so many bytes of the body of a stream of HTTP/2. */
  | { kind: 'body_bytes'; bytes: number }
  /** Said from outside, by the clock. */
  | { kind: 'outside' }
  /** Before the final chunk. */
  | { kind: 'final_chunk' }
  /** At the next place that `inside` names. */
  | { kind: 'anywhere' };

/** In the middle of what; reached at the first such place once the moment has come. */
export type Inside = 'utf8' | 'blank_line';

export interface WatchOptions {
  moment: InsideMoment;
  inside: Inside | undefined;
}

const holding = new Set<InsideMoment['kind']>([
  'first_event',
  'first_token',
  'before_event',
  'last_token',
]);

export class ResponseWatch {
  private readonly moment: InsideMoment;
  private readonly inside: Inside | undefined;
  private readonly reached: (offset: number) => void;
  private readonly holds: boolean;
  private done = false;
  /** Only `inside` is still to be met. */
  private armed: boolean;
  private events = 0;
  private tokens = 0;
  private bodyBytes = 0;
  private kind: EventKind | undefined;
  /** Bytes from here on are held back, because the moment may lie here. */
  holdFrom = Number.POSITIVE_INFINITY;

  /** @param reached - called once, with the offset of the first byte that must not pass. */
  constructor({ moment, inside }: WatchOptions, reached: (offset: number) => void) {
    this.moment = moment;
    this.inside = inside;
    this.reached = reached;
    this.holds = holding.has(moment.kind);
    this.armed = moment.kind === 'anywhere';
  }

  /** Whether anything in the body matters. */
  get readsBody(): boolean {
    return this.moment.kind !== 'headers' && this.moment.kind !== 'final_chunk';
  }

  /** Whether the events' kinds matter. */
  get readsEvents(): boolean {
    return !this.done && !this.armed;
  }

  /** The response's first byte. */
  begins(offset: number): void {
    if (this.moment.kind === 'headers') this.come(offset);
  }

  /** An event begins here, or may: the frame that would hold its first byte does. */
  eventBegins(offset: number): void {
    if (this.holds && !this.done) this.holdFrom = Math.min(this.holdFrom, offset);
  }

  /** What the event is; undefined for a block that is none. */
  eventKnown(kind: EventKind | undefined): void {
    this.kind = kind;
    if (!this.holds || this.done) return;
    if (kind && this.comesBefore(kind)) this.come(this.holdFrom);
    else this.holdFrom = Number.POSITIVE_INFINITY;
  }

  /** Behind the event. */
  eventEnds(offset: number): void {
    const { kind, moment } = this;
    if (!kind || this.done || this.armed) return;
    this.events++;
    if (kind.token) this.tokens++;
    if (
      (moment.kind === 'tokens' && kind.token && this.tokens === moment.count) ||
      (moment.kind === 'events' && this.events === moment.count) ||
      (moment.kind === 'after_event' && kind.name === moment.name)
    ) {
      this.come(offset);
    }
  }

  /** Behind the first byte of a character of several bytes. */
  insideCharacter(offset: number): void {
    if (this.armed && this.inside === 'utf8') this.finish(offset);
  }

  /** Between the end of an event's last line and its blank line. */
  insideBlankLine(offset: number): void {
    if (this.armed && this.inside === 'blank_line') this.finish(offset);
  }

  /** Bytes of the body of a stream, and where the first of them lies. */
  body(byteCount: number, offset: number): void {
    const { moment } = this;
    if (moment.kind !== 'body_bytes') return;
    const room = moment.bytes - this.bodyBytes;
    this.bodyBytes += byteCount;
    if (byteCount >= room) this.finish(offset + room);
  }

  /** No event has begun where one might have. */
  nothingBegan(): void {
    this.holdFrom = Number.POSITIVE_INFINITY;
  }

  /** The size line of a chunk begins; the size says whether it is the final one. */
  chunkBegins(offset: number): void {
    if (this.moment.kind === 'final_chunk' && !this.done) this.holdFrom = offset;
  }

  chunkKnown(line: number, size: number): void {
    if (this.moment.kind !== 'final_chunk') return;
    this.holdFrom = Number.POSITIVE_INFINITY;
    if (size === 0) this.come(line);
  }

  /** The answer is over: the moment will not come any more. */
  over(): void {
    this.done = true;
    this.holdFrom = Number.POSITIVE_INFINITY;
  }

  private comesBefore(kind: EventKind): boolean {
    switch (this.moment.kind) {
      case 'first_event':
        return true;
      case 'first_token':
        return kind.token;
      case 'before_event':
        return kind.name === this.moment.name;
      default:
        // A last token may come in the event that ends the answer.
        return this.tokens > 0 && kind.terminal && !kind.token;
    }
  }

  private come(offset: number): void {
    if (this.inside === undefined) this.finish(offset);
    else this.armed = true;
  }

  private finish(offset: number): void {
    if (this.done) return;
    this.over();
    this.reached(offset);
  }
}
