/**
 * The transport seam: bytes ⇄ frames.
 *
 * Each session gets one `Channel` (registry.ts: `openChannel`). A channel runs exchanges one after the other: a
 * request goes out, frames come back. What a frame *means* is the dialect's business; a transport
 * never looks inside `data`.
 *
 * Every frame is stamped when the bytes that completed it were read from the socket, before any
 * parsing, and knows which read that was: frames that share a read arrived together, and without
 * that the gap between them means nothing.
 *
 * To add one, see docs/adding-a-transport.md.
 */

/** How to reach the target; the same for all sessions of an arm. */
export interface Endpoint {
  /** `http:` or `https:` base URL, e.g. `http://127.0.0.1:8080/v1`. Paths are appended to it. */
  baseUrl: URL;
  /**
   * Where to connect instead of `baseUrl`'s host and port (a relay); the Host header stays.
   * `handshakeMs`: what a TCP handshake costs on the simulated path; the relay holds the first bytes
   * that long, and a transport that owns its socket counts it as connect time, where it belongs.
   */
  connectTo?: { host: string; port: number; handshakeMs: number };
  /** Headers of every request or upgrade. */
  headers: Readonly<Record<string, string>>;
  tls: { rejectUnauthorized: boolean; ca?: string };
  httpVersion: '1.1' | '2';
  timeouts: { connectMs: number };
  /** Ask the mock server to stamp every event with its send time and index. */
  groundTruth: boolean;
}

/** One frame: an SSE event, a WebSocket message, or a whole body. Reused: valid during the call only. */
export interface Frame {
  /** Monotonic ns when the bytes that completed the frame were read. */
  at: number;
  /** Ordinal of that read within the connection, from 0. */
  read: number;
  /** Size of the frame on the wire before TLS and compression: SSE block or WebSocket payload, bytes. */
  bytes: number;
  /** SSE event name, '' where unnamed or not SSE. */
  event: string;
  /** SSE last event id, '' where none. It outlives the event that set it. */
  id: string;
  /** Whether this event set the id itself. */
  setsId: boolean;
  /** The payload as text. */
  data: string;
  /** The payload already parsed, where the transport had to parse it anyway (an SDK). */
  json?: unknown;
  /** Mock's index of this event within its stream, −1 where the frame carries no ground truth. */
  truthIndex: number;
  /** Mock's send time on the shared monotonic clock, ns; 0 where none. */
  truthSentAt: number;
}

/** A frame with nothing in it, for a transport to fill and reuse. */
export function emptyFrame(): Frame {
  return {
    at: 0,
    read: 0,
    bytes: 0,
    event: '',
    id: '',
    setsId: false,
    data: '',
    json: undefined,
    truthIndex: -1,
    truthSentAt: 0,
  };
}

/** What a turn sends. HTTP transports use `method`…`body`, WebSocket transports `messages`. */
export interface WireRequest {
  /** Names the stream in the mock's log: `arm/trial/session.turn`; sent only with ground truth on. */
  streamId: string;
  method: 'GET' | 'POST';
  /** Path below the base URL, with query: `/answers?stream=1`. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  /** JSON body (HTTP); an SDK transport takes the object, others serialise it. */
  body?: Readonly<Record<string, unknown>>;
  /** Messages for one turn (WebSocket), in order. */
  messages?: readonly WireMessage[];
}

export interface WireMessage {
  body: Readonly<Record<string, unknown>>;
  /** Send this long after the previous message, ms; 0 or absent: immediately. Paces spoken audio. */
  afterMs?: number;
  /** The turn's clock (`request written`) starts when this message is written. Default: the last one. */
  startsClock?: boolean;
}

/** Durations of opening a connection, ms; a part that does not apply is absent. */
export interface ConnectTiming {
  /** Socket asked for → ready to send a request. */
  totalMs: number;
  dnsMs?: number;
  tcpMs?: number;
  tlsMs?: number;
  upgradeMs?: number;
}

export interface ResponseHead {
  at: number;
  status: number;
  headers: Readonly<Record<string, string>>;
  httpVersion: string;
}

/** How an exchange ended, as the wire shows it. The session turns this into an outcome. */
export type ExchangeEnd =
  /** Framing ended as the protocol asks, or the session released a WebSocket exchange. */
  | { kind: 'complete'; at: number }
  /** The peer closed in the middle of the framing: a chunk or the final chunk is missing. */
  | { kind: 'cut'; at: number; detail: string }
  /** RST, EPIPE, HTTP/2 RST_STREAM. */
  | { kind: 'reset'; at: number; detail: string }
  /** WebSocket closed by the peer; 1006 where no close frame came. */
  | { kind: 'closed'; at: number; closeCode: number; detail: string }
  /** No connection: refused, unresolvable, TLS failure, timeout. `code` is the system's, e.g. ECONNREFUSED. */
  | { kind: 'connect_failed'; at: number; code: string; detail: string }
  /** The bytes are not the protocol they should be. */
  | { kind: 'malformed'; at: number; detail: string }
  /** An HTTP answer that is not a stream (WebSocket upgrade refused); `onHead` came before. */
  | { kind: 'refused_upgrade'; at: number; status: number; body: string }
  /** Ended by `Exchange.cancel`. */
  | { kind: 'cancelled'; at: number };

/** What an exchange reports. Calls come in this order; `onEnd` comes exactly once, last. */
export interface ExchangeObserver {
  /** A connection was opened for this exchange (not called when one was reused). */
  onConnected(timing: ConnectTiming): void;
  /** The message that starts the turn's clock is written to the socket; monotonic ns. */
  onWritten(at: number): void;
  onHead(head: ResponseHead): void;
  /** The stream asks for this reconnection time (SSE `retry:`), ms. */
  onRetry?(ms: number): void;
  onFrame(frame: Frame): void;
  onEnd(end: ExchangeEnd): void;
}

/**
 * How the client leaves:
 * - `close`: as a well-behaved client does: WebSocket close frame 1000, HTTP/2 RST_STREAM, else FIN
 * - `fin`: closes the connection, as the kernel does for a process that ends: FIN, and RST to
 *   whatever still comes; no WebSocket close frame
 * - `rst`: resets the connection, under TLS too
 * - `half_close`: FIN, and keeps reading until the target ends the connection
 * - `black_hole`: keeps the connection, reads nothing more, says nothing
 * - `ws_close`: WebSocket close frame with a code
 * - `h2_reset`: RST_STREAM (CANCEL); the connection stays
 */
export const leaveHows = [
  'close',
  'fin',
  'rst',
  'half_close',
  'black_hole',
  'ws_close',
  'h2_reset',
] as const;
export type LeaveHow = (typeof leaveHows)[number];

export interface Exchange {
  /**
   * Stop now; `onEnd({kind: 'cancelled'})` follows. A second call does nothing.
   * @param code - of the close frame (`ws_close`); default 1000.
   */
  cancel(how: LeaveHow, code?: number): void;
  /**
   * The turn is over although the framing is not (WebSocket: the terminal message was seen);
   * the connection stays usable and `onEnd({kind: 'complete'})` follows synchronously.
   */
  release(): void;
  /** Send a further message during the exchange (WebSocket only: an in-band cancel). */
  send(message: WireMessage): void;
}

/** One session's connection(s). Not reentrant: one exchange at a time. */
export interface Channel {
  start(request: WireRequest, observer: ExchangeObserver): Exchange;
  /** Idempotent; a running exchange is cancelled. */
  close(how: LeaveHow): void;
}

export const transportNames = ['http', 'sse', 'websocket'] as const;
export type TransportName = (typeof transportNames)[number];
