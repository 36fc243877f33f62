/** A path of faults without sockets, on virtual time: what goes in, and when it comes out. */
import type { Direction } from '../../src/fault/direction.ts';
import type { Ending, Fault } from '../../src/fault/fault.ts';
import { FaultPath } from '../../src/fault/relay/pipe-chain.ts';
import { VirtualScheduler } from '../../src/timer/virtual-scheduler.ts';

export interface Arrival {
  atMs: number;
  bytes: Uint8Array;
}

/** One connection on virtual time; both of its directions go through the same faults. */
export class VirtualConnection {
  readonly scheduler: VirtualScheduler;
  readonly arrivals: Record<Direction, Arrival[]> = { client_to_target: [], target_to_client: [] };
  /** When the end came through, ms. */
  readonly ends: Record<Direction, number[]> = { client_to_target: [], target_to_client: [] };
  /** Endings that faults asked for. */
  readonly endings: { atMs: number; how: Ending }[] = [];
  readonly backPressure: { atMs: number; on: boolean }[] = [];
  readonly up: FaultPath;
  readonly down: FaultPath;
  /** Timers that are still to run. */
  timers = 0;

  constructor(
    faults: readonly Fault[],
    { seed = 'test', scheduler = new VirtualScheduler() } = {},
  ) {
    this.scheduler = scheduler;
    const connection = {};
    const path = (direction: Direction): FaultPath =>
      new FaultPath(
        {
          direction,
          seed,
          connection,
          scheduler: {
            now: () => scheduler.now(),
            close: () => {},
            soon: (action) => scheduler.soon(action),
            inBackground: (dueNs, action) => scheduler.inBackground(dueNs, action),
            at: (dueNs, action) => {
              this.timers++;
              let live = true;
              const over = (): void => {
                if (live) this.timers--;
                live = false;
              };
              const entry = scheduler.at(dueNs, () => {
                over();
                action();
              });
              return {
                cancel: () => {
                  over();
                  entry.cancel();
                },
              };
            },
          },
          deliver: (bytes) => this.arrivals[direction].push({ atMs: this.nowMs, bytes }),
          deliverEnd: () => this.ends[direction].push(this.nowMs),
          backPressure: (on) => this.backPressure.push({ atMs: this.nowMs, on }),
          endConnection: (how) => {
            // Both directions ask for this one.
            const again = how === 'ws_close' && this.endings.some((ending) => ending.how === how);
            if (!again) this.endings.push({ atMs: this.nowMs, how });
            if (how === 'half_close') this.up.end();
          },
        },
        faults,
      );
    this.up = path('client_to_target');
    this.down = path('target_to_client');
  }

  get nowMs(): number {
    return this.scheduler.now() / 1e6;
  }

  path(direction: Direction): FaultPath {
    return direction === 'client_to_target' ? this.up : this.down;
  }

  /** Everything that came out, in one piece. */
  bytes(direction: Direction): Uint8Array {
    return Uint8Array.from(this.arrivals[direction].flatMap(({ bytes }) => [...bytes]));
  }

  /** `[ms, byte count]` of each arrival. */
  times(direction: Direction): [ms: number, bytes: number][] {
    return this.arrivals[direction].map(({ atMs, bytes }) => [round(atMs), bytes.length]);
  }
}

/** To the nanosecond: what is left is the noise of floating point. */
export function round(ms: number): number {
  return Math.round(ms * 1e6) / 1e6;
}
