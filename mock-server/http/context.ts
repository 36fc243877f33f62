import { randomBytes } from 'node:crypto';
import type { Clock } from '../../src/world.ts';
import type { MockSettings } from '../settings/resolve-options.ts';
import { Capacity } from '../timing/capacity.ts';
import { RateLimiter } from '../timing/rate-limiter.ts';
import type { MeasuredScheduler } from '../../src/timer/scheduler.ts';
import { SeedKeys } from '../timing/seed-keys.ts';
import { TruthLog } from '../truth/truth-log.ts';

/** What all handlers of one running server share. */
export interface MockContext {
  readonly settings: MockSettings;
  readonly scheduler: MeasuredScheduler;
  readonly clock: Pick<Clock, 'wall'>;
  readonly capacity: Capacity;
  readonly rateLimiter: RateLimiter;
  readonly truth: TruthLog;
  readonly seedKeys: SeedKeys;
  /** Set when the server is being closed: streams that end now end as `aborted`. */
  closing: boolean;
}

/** What time it is for a mock server. */
export type MockTime = Pick<MockContext, 'scheduler' | 'clock'>;

export function createContext(settings: MockSettings, { scheduler, clock }: MockTime): MockContext {
  return {
    settings,
    scheduler,
    clock,
    capacity: new Capacity(settings.capacity),
    rateLimiter: new RateLimiter(settings.rateLimits, scheduler.now()),
    truth: new TruthLog(settings.limits.loggedStreams),
    seedKeys: new SeedKeys(),
    closing: false,
  };
}

/** Wall-clock time as the services tell it: whole seconds since 1970. */
export function unixSeconds({ clock }: MockContext): number {
  return Math.floor(clock.wall() / 1000);
}

let poolOffset = 0;
let pool = Buffer.alloc(0);

/** An id as the services make them: `req_` and 32 hexadecimal digits. */
export function newId(prefix: string): string {
  // Random bytes are drawn 4 kB at a time: a call into the system per id would show at high rates.
  if (poolOffset + 16 > pool.length) {
    pool = randomBytes(4096);
    poolOffset = 0;
  }
  const id = `${prefix}_${pool.toString('hex', poolOffset, poolOffset + 16)}`;
  poolOffset += 16;
  return id;
}
