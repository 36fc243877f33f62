import { digestOf, type TranscriptDigest } from '../../src/transcript.ts';
import type { PieceKind } from '../timing/output-plan.ts';
import { BackPressure } from './back-pressure.ts';
import type {
  EventTruth,
  StreamEnd,
  StreamIdentity,
  StreamStop,
  StreamTruth,
} from './stream-truth.ts';

const kinds = [undefined, 'reasoning', 'content', 'tool_arguments', 'audio'] as const;
const numbersPerEvent = 5;

/** Told by the recorder; the log adds them up. */
export interface RecorderListener {
  eventRecorded(tokens: number): void;
  streamEnded(recorder: StreamRecorder): void;
}

/**
 * Records one stream as it is written. Events are kept as plain numbers in one array: an object per
 * event would cost more than writing the event does.
 */
export class StreamRecorder {
  readonly sequence: number;
  /** Writers note here what the client leaves unread. */
  readonly backPressure = new BackPressure();
  private readonly identity: StreamIdentity;
  private readonly listener: RecorderListener;
  private numbers: number[] = [];
  private content = '';
  private reasoning = '';
  private calls: { name: string; callId: string; arguments: string }[] = [];
  private admittedNs: number | undefined;
  private stretch = 1;
  private leftNs: number | undefined;
  private afterLeft = 0;
  private sent = 0;
  private sentTokenEvents = 0;
  private produced = 0;
  private endedNs: number | undefined;
  private endedAs: StreamEnd | undefined;

  constructor(sequence: number, identity: StreamIdentity, listener: RecorderListener) {
    this.sequence = sequence;
    this.identity = identity;
    this.listener = listener;
  }

  /** The client's name for the stream; undefined without one, and for a connection that carries it on. */
  get name(): string | undefined {
    const { streamId, resumedAfter } = this.identity;
    return streamId === '' || resumedAfter !== undefined ? undefined : streamId;
  }

  /** What it has said so far. */
  digest(): TranscriptDigest {
    return digestOf({
      content: this.content,
      reasoning: this.reasoning,
      tool_arguments: this.calls.map((call) => call.arguments).join(''),
    });
  }

  get running(): boolean {
    return this.endedAs === undefined;
  }

  get end(): StreamEnd | undefined {
    return this.endedAs;
  }

  get eventCount(): number {
    return this.numbers.length / numbersPerEvent;
  }

  /** Index that the next event will have. */
  get nextIndex(): number {
    return this.eventCount;
  }

  admitted(atNs: number, stretch: number): void {
    this.admittedNs = atNs;
    this.stretch = stretch;
  }

  /**
   * An event was written.
   *
   * @param n - its index as stamped.
   * @param dueNs - when the plan wanted it; pass `sentNs` for an event without its own time.
   * @param text - the text it carries, '' for an event without tokens.
   */
  event(
    n: number,
    kind: PieceKind | undefined,
    tokens: number,
    dueNs: number,
    sentNs: number,
    text = '',
  ): void {
    this.numbers.push(n, kinds.indexOf(kind), tokens, dueNs, sentNs);
    this.sent += tokens;
    if (tokens > 0) this.sentTokenEvents += 1;
    if (kind === 'content' || kind === 'audio') this.content += text;
    else if (kind === 'reasoning') this.reasoning += text;
    else if (kind === 'tool_arguments') this.calls.at(-1)!.arguments += text;
    this.listener.eventRecorded(tokens);
  }

  /** A tool call begins; `tool_arguments` events that follow belong to it. */
  toolCall(name: string, callId: string): void {
    this.calls.push({ name, callId, arguments: '' });
  }

  /** The client has left (or its half of the connection is gone). Only the first call counts. */
  clientLeft(atNs: number): void {
    this.leftNs ??= atNs;
  }

  /** Tokens were produced, whether or not they are sent. */
  tokensProduced(tokens: number): void {
    this.produced += tokens;
  }

  /** Tokens were produced that no client could receive any more. */
  producedAfterLeft(tokens: number): void {
    this.afterLeft += tokens;
  }

  /**
   * The client has come back for a stream that continued without it: what was produced meanwhile is
   * not wasted.
   */
  clientReturned(): void {
    this.leftNs = undefined;
    this.afterLeft = 0;
  }

  /** Tokens were produced; they count as wasted while the client is away. */
  producedWhileAway(tokens: number): void {
    if (this.leftNs !== undefined) this.afterLeft += tokens;
  }

  /** Only the first call counts. */
  ended(end: StreamEnd, atNs: number): void {
    if (this.endedAs !== undefined) return;
    this.endedAs = end;
    this.endedNs = atNs;
    this.backPressure.end(atNs);
    this.listener.streamEnded(this);
  }

  stop(): StreamStop {
    return {
      sequence: this.sequence,
      streamId: this.identity.streamId,
      clientLeftNs: this.leftNs ?? null,
      stoppedNs: this.endedNs ?? null,
      end: this.endedAs ?? null,
      tokensProduced: this.produced,
      tokensSent: this.sent,
      tokenEventsSent: this.sentTokenEvents,
      blockedMs: this.backPressure.blockedNs / 1e6,
      mostUnreadBytes: this.backPressure.mostUnreadBytes,
    };
  }

  truth(): StreamTruth {
    const events: EventTruth[] = [];
    for (let i = 0; i < this.numbers.length; i += numbersPerEvent) {
      const [n, kind, tokens, dueNs, sentNs] = this.numbers.slice(i, i + numbersPerEvent);
      events.push({ n: n!, kind: kinds[kind!], tokens: tokens!, dueNs: dueNs!, sentNs: sentNs! });
    }
    return {
      sequence: this.sequence,
      ...this.identity,
      admittedNs: this.admittedNs,
      stretch: this.stretch,
      transcript: this.content,
      reasoning: this.reasoning,
      toolCalls: this.calls.map((call) => ({ ...call })),
      events,
      tokensSent: this.sent,
      clientLeftNs: this.leftNs,
      tokensAfterLeft: this.afterLeft,
      tokensProduced: this.produced,
      blockedMs: this.backPressure.blockedNs / 1e6,
      mostUnreadBytes: this.backPressure.mostUnreadBytes,
      endedNs: this.endedNs,
      end: this.endedAs,
    };
  }
}
