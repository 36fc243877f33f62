import { describe, expect, it } from 'vitest';
import { resolveMockOptions } from '../../../mock-server/settings/resolve-options.ts';
import { Capacity, type Lease } from '../../../mock-server/timing/capacity.ts';
import { planOutput } from '../../../mock-server/timing/plan-output.ts';
import { Player } from '../../../mock-server/timing/player.ts';
import { formatReset, RateLimiter } from '../../../mock-server/timing/rate-limiter.ts';
import { RealScheduler } from '../../../src/timer/real-scheduler.ts';
import { VirtualScheduler } from '../../../src/timer/virtual-scheduler.ts';
import { seededRng } from '../../../src/random/rng.ts';

const request = {
  seedKey: '1.1',
  inputTokens: 10,
  maxTokens: undefined,
  tools: [],
  toolChoice: 'auto',
  reasoning: true,
  modality: 'text',
} as const;

describe('the scheduler in virtual time', () => {
  it('runs everything at its own time, in order, and nothing that was cancelled', () => {
    const scheduler = new VirtualScheduler();
    const rng = seededRng(5);
    const ran: { due: number; order: number }[] = [];
    const cancelled = new Set<number>();
    for (let order = 0; order < 5000; order++) {
      // Few distinct times, so that many are equal.
      const due = Math.floor(rng() * 100) * 1e6;
      const entry = scheduler.at(due, () => {
        expect(scheduler.now()).toBe(due);
        ran.push({ due, order });
      });
      if (rng() < 0.6) {
        entry.cancel();
        entry.cancel();
        cancelled.add(order);
      }
    }
    scheduler.advanceMs(100);
    expect(ran).toHaveLength(5000 - cancelled.size);
    expect(ran.some(({ order }) => cancelled.has(order))).toBe(false);
    expect(ran).toEqual(ran.toSorted((a, b) => a.due - b.due || a.order - b.order));
  });

  it('runs what an action schedules, even for a time that has passed', () => {
    const scheduler = new VirtualScheduler(100);
    const heard: string[] = [];
    scheduler.at(200, () => {
      heard.push('first');
      scheduler.at(50, () => heard.push('late'));
      scheduler.at(250, () => heard.push('second'));
    });
    scheduler.advanceTo(300);
    expect(heard).toEqual(['first', 'late', 'second']);
  });

  it('plays a plan exactly, stretched after the first piece', () => {
    const scheduler = new VirtualScheduler();
    const settings = resolveMockOptions({ ttft: '100ms', itl: '10ms', tokens: 5 });
    const times: number[] = [];
    let endedAt = 0;
    const player = new Player({
      scheduler,
      plan: planOutput(settings, request),
      startNs: 50e6,
      stretch: 1.5,
      onPiece: (_piece, dueNs) => {
        expect(scheduler.now()).toBe(dueNs);
        times.push(dueNs / 1e6);
      },
      onEnd: (dueNs) => (endedAt = dueNs / 1e6),
    });
    scheduler.advanceMs(1000);
    expect(times).toEqual([150, 165, 180, 195, 210]);
    expect(endedAt).toBe(210);
    player.stop();
  });
});

describe('the scheduler in real time', () => {
  it('is never early by more than half a millisecond', async () => {
    const scheduler = new RealScheduler();
    const start = scheduler.now();
    const errors: number[] = [];
    await new Promise<void>((resolve) => {
      for (let i = 0; i < 100; i++) {
        const due = start + (50 + i) * 1e6 + i * 311;
        scheduler.at(due, () => errors.push((scheduler.now() - due) / 1e6));
      }
      scheduler.at(start + 200e6, resolve);
    });
    scheduler.close();
    expect(errors).toHaveLength(100);
    expect(Math.min(...errors)).toBeGreaterThan(-0.6);
    // How late it is depends on the machine: test/timing/scheduler.test.ts.
    expect(scheduler.lateness().samples).toBe(101);
  });
});

describe('capacity', () => {
  it('makes the first token wait for a slot, as a queue does', () => {
    const scheduler = new VirtualScheduler();
    const settings = resolveMockOptions({ ttft: '100ms', itl: '10ms', tokens: 11, slots: 2 });
    const capacity = new Capacity(settings.capacity);
    const plan = planOutput(settings, request);
    const firsts: number[] = [];
    const players: Player[] = [];
    for (let i = 0; i < 6; i++) {
      capacity.enter((lease) => {
        let first = true;
        const player = new Player({
          scheduler,
          plan,
          startNs: scheduler.now(),
          stretch: lease.stretch,
          onPiece: (_piece, dueNs) => {
            if (first) firsts.push(dueNs / 1e6);
            first = false;
          },
          onEnd: () => lease.release(),
        });
        players.push(player);
      });
    }
    expect(capacity.queued).toBe(4);
    expect(players).toHaveLength(2);
    scheduler.advanceMs(10_000);
    // Each answer takes 200 ms; two at a time.
    expect(firsts).toEqual([100, 100, 300, 300, 500, 500]);
    expect(capacity.slotsInUse).toBe(0);
  });

  it('refuses beyond its queue, forgets who leaves it, and slows down as it fills', () => {
    const capacity = new Capacity({ slots: 2, queue: 1, slowdown: 1 });
    const leases: Lease[] = [];
    const admit = (lease: Lease): void => void leases.push(lease);
    capacity.enter(admit);
    capacity.enter(admit);
    expect(leases.map((lease) => lease.stretch)).toEqual([1.5, 2]);
    const ticket = capacity.enter(admit)!;
    expect(capacity.full).toBe(true);
    expect(capacity.enter(admit)).toBeUndefined();
    ticket.leave();
    expect(capacity.full).toBe(false);
    leases[0]!.release();
    leases[0]!.release();
    expect(leases).toHaveLength(2);
    expect(capacity.slotsInUse).toBe(1);
  });
});

describe('rate limits', () => {
  it('allow a window immediately, then as fast as they refill, and say when', () => {
    const limits = resolveMockOptions({ rate_limits: { requests: '60/m', tokens: '1000/m' } });
    const limiter = new RateLimiter(limits.rateLimits, 0);
    for (let i = 0; i < 60; i++) expect(limiter.tryTake(10, 0).allowed).toBe(true);
    const refused = limiter.tryTake(10, 0);
    expect(refused).toMatchObject({ allowed: false, hit: 'requests', retryAfterMs: 1000 });
    expect(refused.headers).toEqual({
      'x-ratelimit-limit-requests': '60',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '1m0s',
      'x-ratelimit-limit-tokens': '1000',
      'x-ratelimit-remaining-tokens': '400',
      'x-ratelimit-reset-tokens': '36s',
    });
    expect(limiter.tryTake(10, 1e9).allowed).toBe(true);
    expect(limiter.tryTake(10, 1e9).allowed).toBe(false);
    expect(limiter.tryTake(900, 10e9)).toMatchObject({ allowed: false, hit: 'tokens' });
  });

  it('write spans as the API does', () => {
    expect([0, 12, 999.2, 1500, 60_000, 360_000, 3_723_000].map(formatReset)).toEqual([
      '0ms',
      '12ms',
      '1000ms',
      '1.5s',
      '1m0s',
      '6m0s',
      '1h2m3s',
    ]);
  });
});
