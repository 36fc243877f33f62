/** What a channel is opened with, beside its endpoint. */
import type { Scheduler } from '../timer/scheduler.ts';
import type { ParkedConnections } from './leaving.ts';
import type { ReaderPace } from './paced-reader.ts';

export interface ChannelOptions {
  via: 'wire' | 'sdk';
  /** Stamps reads, and carries every wait: connecting, pacing, closing. */
  time: Scheduler;
  /** Read no faster than that; the official client cannot be told. */
  reader?: ReaderPace | undefined;
  /** Takes connections that are left open on purpose. */
  parked?: ParkedConnections | undefined;
}

/** The same for a channel, whose kind is chosen already. */
export type WireOptions = Omit<ChannelOptions, 'via'>;
