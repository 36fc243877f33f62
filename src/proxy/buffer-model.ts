/**
 * The seam of the simulated proxies: when a buffering intermediary forwards what it has read.
 *
 * A `BufferModel` is one configured proxy; it makes one `ResponseBuffer` for each response, which is
 * told what arrives from upstream and says what the client gets, and when. It knows no sockets: time
 * and timers come from its context, so its behaviour is exact on virtual time. To add one, see
 * docs/proxy-buffering.md.
 */
import type { z } from 'zod';
import type { Scheduled } from '../timer/scheduler.ts';
import type { GzipSettings } from './gzip.ts';
import type { SegmentHoldSettings } from './segment-hold.ts';

/** How upstream marks the end of a body: chunks, a declared length, or the end of the connection. */
export type Framing = 'chunked' | 'length' | 'close';

/** The head of a response as upstream sent it. */
export interface UpstreamHead {
  status: number;
  statusText: string;
  /** Names as written, in order; a name may come more than once. */
  headers: readonly (readonly [name: string, value: string])[];
  /** Size on the wire, status line and blank line included. */
  bytes: number;
  framing: Framing;
}

/** One read from the upstream socket, as far as it belongs to the body. */
export interface UpstreamRead {
  /** The bytes as they came, chunk lines and trailers included. */
  wire: Uint8Array;
  /** The part of the body that they carry; may be empty. */
  body: Uint8Array;
}

/** The head that the client will get; a model may change it until it is sent. */
export interface ClientHead {
  readonly status: number;
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  remove(name: string): void;
}

export interface BufferContext {
  /** Which request on its client connection this is, from 0. */
  readonly requestNumber: number;
  /** Whether the client lists gzip in Accept-Encoding. */
  readonly acceptsGzip: boolean;
  /** Whether no body follows: the answer to HEAD, 204, 304. */
  readonly bodyless: boolean;
  readonly head: ClientHead;
  /** Monotonic ns. */
  now(): number;
  /** Runs `action` at a monotonic time, ns. */
  schedule(atNs: number, action: () => void): Scheduled;
  /** Sends everything from now on through gzip; only before anything is sent. */
  compress(settings: GzipSettings): void;
  /** Lets TCP hold small segments back; only before anything is sent. */
  holdSegments(settings: SegmentHoldSettings): void;
  /** Sends the head now. Without this it goes out together with the first bytes. */
  sendHead(): void;
  /** Hands one burst to the client. */
  send(bytes: Uint8Array): void;
  /** Answers 502 instead; only before the head is sent. */
  reject(reason: string): void;
}

/** How a response broke off: upstream's FIN or RST in the middle, or silence past the time limit. */
export type Breakage = 'fin' | 'reset' | 'timeout';

export interface ResponseBuffer {
  /**
   * Takes what a slow client leaves, into memory and files, instead of making the target wait.
   */
  readonly absorbs?: boolean;
  read(read: UpstreamRead): void;
  /** The body is complete: send what is held. The response is ended afterwards. */
  end(): void;
  /**
   * Upstream broke off: send what such a proxy still sends. `end` finishes the response as if it were
   * whole; `cut` sends FIN without the final chunk, so that a client can tell.
   */
  broken(how: Breakage): 'end' | 'cut';
  /** The response is over or the client has left: cancel timers. */
  close?(): void;
}

/**
 * When a proxy gives up a request whose client has left:
 * - `at_once`: it watches its client's connection, and a FIN is enough
 * - `when_reset`: a FIN means no more requests; only an RST, the answer to its next write, ends it
 * - `on_failed_write`: it does not watch; the first write after an RST fails
 * - `never`: it reads the whole answer, to store it
 */
export type ClientAbort = 'at_once' | 'when_reset' | 'on_failed_write' | 'never';

export interface BufferModel {
  /** Default `at_once`. */
  readonly clientAbort?: ClientAbort;
  /** Longest silence between two reads from upstream, ms; then 504, or `broken('timeout')`. */
  readonly readTimeoutMs?: number;
  response(head: UpstreamHead, context: BufferContext): ResponseBuffer;
}

/** A member of the registry: a kind with its settings, as users write them, and what they make. */
export interface ProxyKind<S extends ProxySchema = ProxySchema> {
  kind: string;
  /** The reference lists the kinds by it, the lowest first. */
  place: number;
  schema: S;
  make(options: z.infer<S>): BufferModel;
}

/** Settings whose `kind` is the name of the proxy. */
type ProxySchema = z.ZodObject<{ kind: z.ZodLiteral<string> }>;

/** Ties a kind's schema to the type of what its factory takes. */
export function proxyKind<S extends ProxySchema>(
  place: number,
  schema: S,
  make: (options: z.infer<S>) => BufferModel,
): ProxyKind<S> {
  return { kind: schema.shape.kind.value, place, schema, make };
}
