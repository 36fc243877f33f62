/**
 * The seam between a connection and the protocol on it: a follower reads along in both directions and
 * watches every answer for its moment. Offsets count from the first byte of their direction.
 */
import type { EventKindReader } from '../../../../wire/event-kind.ts';
import { ResponseWatch, type WatchOptions } from './response-watch.ts';

export type Protocol = 'http1' | 'websocket' | 'http2';

export interface Follower {
  readonly protocol: Protocol;
  up(bytes: Uint8Array): void;
  down(bytes: Uint8Array): void;
  /** Bytes from the target before this offset may pass. */
  readonly safe: number;
  /**
   * The moment of the connection as a whole has come, where the target's next byte has this offset: the
   * host is to be told of the next place where the connection may end in the words of the protocol.
   * A protocol without such words does nothing.
   */
  connectionMoment(offset: number): void;
}

/** What a follower needs of its connection. */
export interface FollowHost {
  /** What every answer is watched for; undefined where only places count. */
  readonly watching: WatchOptions | undefined;
  /** What an event is, in the API that is spoken. */
  readonly eventKind: EventKindReader;
  /** Whether this answer is among the share that is hit; asked once for each. */
  chooses(answer: string): boolean;
  /** @param stream - of HTTP/2. */
  reached(offset: number, stream?: number): void;
}

/** A watch for a new answer, where it is chosen. */
export function watchFor(
  host: FollowHost,
  answer: string,
  stream?: number,
): ResponseWatch | undefined {
  const { watching } = host;
  return watching && host.chooses(answer)
    ? new ResponseWatch(watching, (offset) => host.reached(offset, stream))
    : undefined;
}
