/** How a connection, or an answer on it, is to end, and when: a disconnect that reads what passes. */
import type { EventKindReader } from '../../../../wire/event-kind.ts';
import type { Where } from '../../../direction.ts';
import type { Ending } from '../../../fault.ts';
import type { CountedMoment } from '../connection-moment.ts';
import type { Protocol } from './follower.ts';
import type { Inside, InsideMoment, WatchOptions } from './response-watch.ts';

export type InsideHow = Ending | 'h2_reset' | 'cut_chunk' | 'no_final_chunk';

export interface InsideOptions {
  how: InsideHow;
  /** Of a close frame, or of RST_STREAM. */
  code: number;
  /** Of a close frame. */
  reason: string;
  moment: InsideMoment | CountedMoment;
  inside: Inside | undefined;
  /** Of answers, turns, streams; of connections for moments that are theirs. */
  share: number;
  /** Whose bytes count. */
  direction: Where;
  eventKind: EventKindReader;
}

function isCounted(moment: InsideMoment | CountedMoment): moment is CountedMoment {
  return moment.kind === 'bytes' || moment.kind === 'time' || moment.kind === 'idle';
}

/** The moment, where it is one of the connection as a whole; with h2_reset it is one of each stream. */
export function momentOfConnection({ moment, how }: InsideOptions): CountedMoment | undefined {
  return isCounted(moment) && how !== 'h2_reset' ? moment : undefined;
}

/** Endings that only one protocol knows. */
const only: Partial<Record<InsideHow, Protocol>> = {
  ws_close: 'websocket',
  h2_reset: 'http2',
  cut_chunk: 'http1',
  no_final_chunk: 'http1',
};

export function knows(protocol: Protocol, how: InsideHow): boolean {
  return (only[how] ?? protocol) === protocol;
}

/** What answers are watched for; undefined where nothing of theirs matters. */
export function watchingOn(protocol: Protocol, options: InsideOptions): WatchOptions | undefined {
  const { how, moment, inside } = options;
  if (!knows(protocol, how)) return undefined;
  if (!isCounted(moment)) return { moment, inside };
  if (how !== 'h2_reset') return undefined;
  return moment.kind === 'bytes'
    ? { moment: { kind: 'body_bytes', bytes: moment.bytes }, inside }
    : { moment: { kind: 'outside' }, inside };
}
