/** What a channel is opened with, in addition to its endpoint. */
import type { Scheduler } from '../timer/scheduler.ts';
import type { ParkedConnections } from './leaving.ts';
import type { ReaderPace } from './paced-reader.ts';
import type { SdkAdapter } from './sdk.ts';

export interface ChannelOptions {
  /** Stamps reads, and carries every wait: connecting, pacing, closing. */
  time: Scheduler;
  /** The official package to go through; undefined: streamgauge's client. */
  sdk?: SdkAdapter | undefined;
  /** Read no faster than that; the official client cannot be told. */
  reader?: ReaderPace | undefined;
  /** Takes connections that are left open on purpose. */
  parked?: ParkedConnections | undefined;
}
