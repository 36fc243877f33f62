/** Sample events of a dialect: what its server says in a small answer, in the API's words. */
import type { Dialect, MeaningSink } from '../dialect/dialect.ts';
import type { DialectOptions } from '../dialect/options.ts';
import { emptyFrame, type Frame, type WireRequest } from '../transport/transport.ts';

/** One event as it stands on the wire. Over WebSocket only `data` is sent. */
export interface SampleEvent {
  /** The `event:` field of SSE. */
  event?: string;
  /** The `id:` field of SSE. */
  id?: string;
  /** The `retry:` field of SSE, ms. */
  retry?: number;
  /** The payload: an object stands for its JSON. */
  data: object | string;
}

/** What a turn may ask for, and a request may carry. */
export const requestParts = [
  'prompt',
  'instructions',
  'maxTokens',
  'model',
  'stream',
  'extraBody',
] as const;

export type RequestPart = (typeof requestParts)[number];

/** How the API is asked for an answer. */
export interface SampleRequest {
  /** Over HTTP. Default `POST`. */
  method?: WireRequest['method'];
  /**
   * What a request has a place for: a body, a query, a message. Default: all of {@link requestParts}. What
   * is left out must not be in the request at all, so that a sample cannot ask for less than there is.
   *
   * - `prompt`, `instructions`, `maxTokens`: anywhere in the request.
   * - `model`: as `model` of the body where there is such a member, else anywhere in the request.
   * - `stream`: as `stream` of the body: whether the answer streams.
   * - `extraBody`: the further members that an arm may ask for.
   */
  carries?: readonly RequestPart[];
}

export interface DialectSample {
  /** How the API is asked. Default: by POST, with everything that a turn may ask for. */
  request?: SampleRequest;
  /**
   * What the data of an event is. `json`, the default: an object, and anything else is malformed. `text`:
   * whatever it says, so that nothing is malformed by itself.
   */
  payload?: 'json' | 'text';
  /** Whether the API reports how many tokens it has generated. Default true. */
  usage?: boolean;
  /** The first event of an answer, without a token. */
  progress: SampleEvent;
  /** Content, the text `hi`. */
  token: SampleEvent;
  /** Reasoning, the text `hm`; absent where the API has none. */
  reasoning?: SampleEvent;
  /** From the last token to the end: usage of 2 output tokens unless `usage` is false, status completed. */
  terminal: readonly SampleEvent[];
  /** An error inside a stream: message `m`, code `c` where the API has codes. */
  error: SampleEvent;
  /** For each landmark that the dialect declares: events of which the last one reaches it. */
  landmarks?: Readonly<Record<string, readonly SampleEvent[]>>;
  /** Other events that the API sends, for the comparison of event kinds. */
  more?: readonly SampleEvent[];
  /** Headers that present the key `secret`. Default: `authorization: Bearer secret`. */
  authorization?: Readonly<Record<string, string>>;
  /** Options under which a broken answer can be continued, or cancelled. Default: the neutral ones. */
  optionsToResume?: DialectOptions;
  /**
   * Whether the API says with this event that the answer is over although the dialect waits for a later
   * one (a reason to finish, before the last event). Default: never.
   */
  announcesEnd?(data: string, eventName: string): boolean;
}

/** A dialect under test. */
export interface DialectSetUp {
  dialect: Dialect;
  sample: DialectSample;
}

/** Every event of a sample, in the order of an answer. */
export function eventsOf(sample: DialectSample): SampleEvent[] {
  const { progress, reasoning, token, landmarks = {}, terminal, error, more = [] } = sample;
  return [
    progress,
    ...(reasoning ? [reasoning] : []),
    token,
    ...Object.values(landmarks).flat(),
    ...terminal,
    error,
    ...more,
  ];
}

export function dataOf({ data }: SampleEvent): string {
  return typeof data === 'string' ? data : JSON.stringify(data);
}

/** The event as a block of SSE. */
export function blockOf(event: SampleEvent): string {
  const lines = [
    ...(event.event === undefined ? [] : [`event: ${event.event}`]),
    ...(event.id === undefined ? [] : [`id: ${event.id}`]),
    ...(event.retry === undefined ? [] : [`retry: ${event.retry}`]),
    ...dataOf(event)
      .split('\n')
      .map((line) => `data: ${line}`),
  ];
  return `${lines.join('\n')}\n\n`;
}

/** The event as a transport hands it over. */
export function frameOf(event: SampleEvent): Frame {
  return {
    ...emptyFrame(),
    event: event.event ?? '',
    id: event.id ?? '',
    setsId: event.id !== undefined,
    data: dataOf(event),
    bytes: Buffer.byteLength(blockOf(event)),
  };
}

/** Writes down what a frame means, a line for each call. */
export function recordingSink(): MeaningSink & { calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    position: (number) => void calls.push(`position ${number}`),
    progress: () => void calls.push('progress'),
    token: (kind, text) => void calls.push(`token ${kind} ${text}`),
    usage: (usage) => void calls.push(`usage ${usage.outputTokens}`),
    error: (code, message) => void calls.push(`error ${code} ${message}`),
    terminal: (status) => void calls.push(`terminal ${status}`),
    malformed: () => void calls.push('malformed'),
    landmark: (name) => void calls.push(`landmark ${name}`),
  };
}
