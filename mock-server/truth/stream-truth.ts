/** What the log says of one stream. Times are monotonic ns on the clock that clients share. */

export type StreamTransport = 'sse' | 'http' | 'websocket';

/** How a stream ended, as the server knows it. */
export type StreamEnd =
  | 'completed'
  /** Its connection was ended on purpose before the terminal event. */
  | 'truncated'
  /** It ended in an error event on purpose. */
  | 'in_band_error'
  /** The client left before the terminal event was sent. */
  | 'client_left'
  /** Cancelled by an API call (background cancel, `response.cancel`). */
  | 'cancelled'
  /** The client read too slowly and its buffer limit was reached. */
  | 'overflow'
  /** The server was closed. */
  | 'aborted';

/** One event that was written. */
export interface EventTruth {
  /** Index in the stream, from 0: what the `sg` stamp carries. */
  n: number;
  /** Undefined for an event without tokens (role, acceptance, terminal). */
  kind: 'reasoning' | 'content' | 'tool_arguments' | 'audio' | undefined;
  tokens: number;
  dueNs: number;
  sentNs: number;
}

/** What is known of a stream when it begins. */
export interface StreamIdentity {
  /** The name the client gave it, '' where none. */
  streamId: string;
  seedKey: string;
  /** What the handler calls itself: `chat`, `responses`, … */
  api: string;
  transport: StreamTransport;
  model: string;
  /** The API's id (`resp_…`, `chatcmpl-…`). */
  responseId: string;
  receivedNs: number;
  /** Only on a connection that continues a stream: the place it asked to continue after. */
  resumedAfter?: number;
}

export interface StreamTruth extends StreamIdentity {
  /** Ordinal in the log, from 1: `GET /log?since=` takes it. */
  sequence: number;
  /** When it got its slot; undefined while it waits. */
  admittedNs: number | undefined;
  /** What the gaps were multiplied by because of load. */
  stretch: number;
  /** Text of what was written, by kind; audio: the words spoken. */
  transcript: string;
  reasoning: string;
  toolCalls: readonly { name: string; callId: string; arguments: string }[];
  events: readonly EventTruth[];
  tokensSent: number;
  clientLeftNs: number | undefined;
  /** Tokens that no client received. */
  tokensAfterLeft: number;
  /** Tokens produced, whether or not they could be sent. */
  tokensProduced: number;
  /** How long bytes waited because the client did not read, ms, and how many at most. */
  blockedMs: number;
  mostUnreadBytes: number;
  endedNs: number | undefined;
  /** Undefined while it runs. */
  end: StreamEnd | undefined;
}

/** What happened to one stream, in a few numbers: kept for many more streams than the whole record. */
export interface StreamStop {
  /** As in {@link StreamTruth}. */
  sequence: number;
  streamId: string;
  clientLeftNs: number | null;
  /** When production ended, monotonic ns; null while it is running. */
  stoppedNs: number | null;
  end: StreamEnd | null;
  tokensProduced: number;
  tokensSent: number;
  tokenEventsSent: number;
  blockedMs: number;
  mostUnreadBytes: number;
}
