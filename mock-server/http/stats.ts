import type { ProfileName } from '../settings/profiles.ts';
import type { MockContext } from './context.ts';
import type { RateState } from '../timing/rate-limiter.ts';
import type { Lateness } from '../../src/timer/lateness.ts';
import type { TruthTotals } from '../truth/truth-log.ts';

/** What `GET /stats` answers. */
export interface MockStats extends TruthTotals {
  profile: ProfileName;
  seed: string;
  uptimeMs: number;
  /** How well the mock holds its own schedule: actual − due of everything it had to do, ms. */
  scheduler: Lateness & { waiting: number };
  /** `slots` and `queueLimit` are null where unlimited. */
  capacity: { slots: number | null; inUse: number; queued: number; queueLimit: number | null };
  rateLimits: readonly RateState[];
  /** Of the whole process the mock runs in, since the process started. */
  process: { pid: number; cpuUserMs: number; cpuSystemMs: number; rssBytes: number };
}

const finite = (value: number): number | null => (value === Infinity ? null : value);

export function collectStats(context: MockContext, startedNs: number): MockStats {
  const { settings, scheduler, capacity, truth, rateLimiter } = context;
  const now = scheduler.now();
  const cpu = process.cpuUsage();
  return {
    profile: settings.profile,
    seed: settings.seed,
    uptimeMs: (now - startedNs) / 1e6,
    ...truth.totals(),
    scheduler: { ...scheduler.lateness(), waiting: scheduler.waiting },
    capacity: {
      slots: finite(settings.capacity.slots),
      inUse: capacity.slotsInUse,
      queued: capacity.queued,
      queueLimit: finite(settings.capacity.queue),
    },
    rateLimits: rateLimiter.states(now),
    process: {
      pid: process.pid,
      cpuUserMs: cpu.user / 1000,
      cpuSystemMs: cpu.system / 1000,
      rssBytes: process.memoryUsage.rss(),
    },
  };
}
