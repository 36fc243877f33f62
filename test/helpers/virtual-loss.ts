/** Drives a loss fault in virtual time, as the kernel experiments drove a real connection. */
import type { PipeContext } from '../../src/fault/fault.ts';
import { lossFault, type LossCounters, type LossOptions } from '../../src/fault/kinds/loss/loss.ts';
import { seededRng } from '../../src/random/rng.ts';
import { VirtualScheduler } from '../../src/timer/virtual-scheduler.ts';

export interface Drive {
  options: LossOptions;
  /** Chunks for each connection. */
  chunks: number;
  chunkBytes: number;
  /** Time to the next write, ms. */
  gapMs: (index: number) => number;
  connections: number;
  seed: string;
}

export interface Driven {
  /** Delay of each chunk beyond half a round trip, ms. */
  extraMs: number[];
  /** Between arrivals of neighbouring chunks of one connection, ms. */
  gapsMs: number[];
  /** Distinct arrival instants with the number of chunks that became readable, per connection. */
  bursts: number[];
  counters: LossCounters;
}

/** A context for one pipe, with what a test needs to see. */
export function virtualContext(
  scheduler: VirtualScheduler,
  seed: string,
  forward: (bytes: Uint8Array) => void,
  forwardEnd: () => void = () => {},
): PipeContext {
  return {
    direction: 'target_to_client',
    rng: seededRng(seed),
    connection: {},
    now: () => scheduler.now(),
    schedule: (atNs, action) => scheduler.at(atNs, action),
    forward,
    forwardEnd,
    inject: ({ length }) => {
      throw new Error(`put in ${length} bytes`);
    },
    discard: (count) => {
      throw new Error(`dropped ${count} bytes`);
    },
    backPressure: () => {},
    endConnection: (how) => {
      throw new Error(`ended the connection by ${how}`);
    },
  };
}

export function driveLoss(drive: Drive): Driven {
  const fault = lossFault(drive.options);
  const extraMs: number[] = [];
  const gapsMs: number[] = [];
  const bursts: number[] = [];
  const chunk = new Uint8Array(drive.chunkBytes);
  for (let connection = 0; connection < drive.connections; connection++) {
    const scheduler = new VirtualScheduler();
    const writtenMs: number[] = [];
    let bytes = 0;
    let seen = 0;
    let lastMs = NaN;
    const pipe = fault.pipe(
      virtualContext(scheduler, `${drive.seed}/${connection}`, (piece) => {
        bytes += piece.length;
        const nowMs = scheduler.now() / 1e6;
        const before = seen;
        for (; (seen + 1) * drive.chunkBytes <= bytes; seen++) {
          extraMs.push(nowMs - writtenMs[seen]! - drive.options.rttMs / 2);
          if (seen > 0) gapsMs.push(nowMs - lastMs);
          lastMs = nowMs;
        }
        if (seen > before) bursts.push(seen - before);
      }),
    );
    let atMs = 1000;
    for (let index = 0; index < drive.chunks; index++) {
      scheduler.advanceTo(atMs * 1e6);
      writtenMs.push(atMs);
      pipe.write(chunk);
      atMs += drive.gapMs(index);
    }
    scheduler.advanceTo((atMs + 3_600_000) * 1e6);
    if (seen !== drive.chunks) throw new Error(`only ${seen} of ${drive.chunks} chunks arrived`);
  }
  return { extraMs, gapsMs, bursts, counters: fault.counters() };
}

/** The p-th percentile of a sample, by the nearest rank; a typed array has been sorted. */
export function percentile(sample: readonly number[] | Float64Array, p: number): number {
  const sorted = sample instanceof Float64Array ? sample : Float64Array.from(sample).sort();
  return sorted[Math.min(sorted.length - 1, Math.ceil((p / 100) * sorted.length) - 1)]!;
}
