/**
 * What one probe saw, as it came off the socket. Everything the analysis knows it knows from here, so
 * that a test can write an observation down instead of making one.
 *
 * Times are milliseconds after the request was written, sizes bytes.
 */

/** How the body's end is marked: HTTP chunks, a declared length, the end of the connection, HTTP/2 frames. */
export type BodyFraming = 'chunked' | 'length' | 'close' | 'frames' | 'none';

export type PathName = 'url' | 'direct';

/** One read from the socket that brought body bytes. */
export interface BodyRead {
  at: number;
  /** Body bytes as transferred: without chunk lines, still compressed. */
  bytes: number;
  /** Events that it completed. */
  events: number;
}

/** One event of the stream: an SSE block with data, a line, a record. Keep-alive comments are none. */
export interface ObservedEvent {
  at: number;
  /** Index of the read that completed it. */
  read: number;
  /** Index of the read that brought its first byte. */
  firstRead: number;
  /** Size after decompression. */
  size: number;
  /** Whether it carries generated output, as far as the dialect can tell; generic: every event does. */
  token: boolean;
}

/** How a probe ended. */
export type ProbeEnd =
  /** As HTTP asks. */
  | 'complete'
  /** FIN in the middle of the framing. */
  | 'cut'
  /** RST, or an HTTP/2 stream or session error. */
  | 'reset'
  /** We had seen enough, or our time was up. */
  | 'budget'
  /** A signal. */
  | 'aborted'
  /** No connection; see `detail`. */
  | 'connect_failed'
  /** No TLS; see `detail`. */
  | 'tls_failed'
  /** Not HTTP. */
  | 'malformed';

export interface Observation {
  /** What was asked: `as asked`, `no compression`, `HTTP/1.0`. */
  probe: ProbeName;
  path: PathName;
  repeat: number;
  /** How it differs from the request as the user gave it, in words. */
  toggles: readonly string[];
  status: number | null;
  statusText: string;
  httpVersion: string;
  /** Names in lower case, in order; a name may come more than once. */
  headers: readonly (readonly [name: string, value: string])[];
  framing: BodyFraming;
  /** TCP handshake: one round trip. Null where the connection was reused or failed. */
  connectMs: number | null;
  headersMs: number | null;
  reads: readonly BodyRead[];
  /** HTTP/1 chunk sizes as written, in order. */
  chunkSizes: readonly number[];
  events: readonly ObservedEvent[];
  /** Keep-alive comments. */
  comments: number;
  /** Whether the dialect's last event came; null where the dialect has none. */
  terminal: boolean | null;
  endedMs: number | null;
  end: ProbeEnd;
  detail: string;
  /** Whether the connection had carried a request before. */
  reused: boolean;
  /** When this process itself was not running: arrivals then are not the network's. */
  processPauses: readonly { at: number; length: number }[];
  /** The first bytes of the body as text, for a message about what is not a stream. */
  bodyStart: string;
  /** Why the body could not be decompressed; '' where it could. */
  decodeProblem: string;
}

/** The probes by name; what each changes is in plan/toggles.ts. */
export const probeNames = [
  'as asked',
  'no compression',
  'HTTP/1.0',
  'HTTP/2',
  'same connection',
  'other method',
  'tokens × 4',
  'interval × 4',
  'silence',
  'silence with heartbeat',
  'long stream',
] as const;

export type ProbeName = (typeof probeNames)[number];

/** The value of a header, '' where it is absent; several are joined by a comma. */
export function headerOf(observation: Pick<Observation, 'headers'>, name: string): string {
  return observation.headers
    .filter(([key]) => key === name)
    .map(([, value]) => value)
    .join(', ');
}

/** The content encoding in lower case, '' where the body is plain. */
export function encodingOf(observation: Pick<Observation, 'headers'>): string {
  const name = headerOf(observation, 'content-encoding').trim().toLowerCase();
  return name === 'identity' || name === 'none' ? '' : name;
}

/** The media type without its parameters, in lower case. */
export function mediaTypeOf(observation: Pick<Observation, 'headers'>): string {
  return headerOf(observation, 'content-type').split(';')[0]!.trim().toLowerCase();
}
