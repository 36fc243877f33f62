/**
 * What `SdkChannel` needs of the official package of an API. A dialect brings it, in a separate file,
 * so that the package is loaded only by a run that goes through it.
 */
import type { Socket } from 'node:net';
import type { WireRequest } from './transport.ts';

export interface SdkAdapter {
  /** A client of the package for one session. */
  open(settings: SdkSettings): SdkClient;
}

/** How the client must reach the target, whatever it would do by itself. */
export interface SdkSettings {
  baseUrl: URL;
  /** Of every request and upgrade; `authorization` among them. */
  headers: Readonly<Record<string, string>>;
  /** The only way to ask over HTTP: its connections are the channel's. */
  fetch: typeof fetch;
  /** A socket for a WebSocket, connected by the channel. */
  openSocket(): Socket;
}

export interface SdkClient {
  /** The method that a user of the package would call. Rejects with the package's errors. */
  readonly ask?: (
    request: WireRequest,
    options: { signal: AbortSignal; headers: Record<string, string> },
  ) => Promise<{ answer: unknown; response: Response }>;
  /**
   * What ends a stream on the wire and the package keeps to itself; handed to the dialect
   * behind the last event.
   */
  readonly endOfStream?: string;
  /** Opens the package's WebSocket client. */
  readonly connect?: (
    request: WireRequest,
    headers: Readonly<Record<string, string>>,
    listener: SdkSocketListener,
  ) => SdkSocket;
  /** What an error that `ask` rejected with says; undefined for one that is not the package's. */
  failureOf(error: unknown): SdkFailure | undefined;
}

export type SdkFailure =
  /** No answer: the connection failed. */
  | { kind: 'connection'; cause: unknown }
  /** The API answered with an error; `status` is undefined where it came inside a stream. */
  | {
      kind: 'api';
      status: number | undefined;
      headers: Record<string, string>;
      /** As the dialect reads it from the wire: `{ error: … }`. */
      body: unknown;
    };

export interface SdkSocketListener {
  onOpen(): void;
  /** The package's event, parsed. */
  onEvent(event: unknown): void;
  /** @param error - what failed underneath; undefined for an error that the API has told. */
  onError(error: unknown): void;
  onClose(code: number, reason: string): void;
}

/** A WebSocket client of a package, reduced to what is used here. */
export interface SdkSocket {
  send(message: Readonly<Record<string, unknown>>): void;
  close(): void;
}
