/** What every scheduler promises: the machine's time, and the one that moves when it is told to. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { RealScheduler } from '../../src/timer/real-scheduler.ts';
import type { Scheduler } from '../../src/timer/scheduler.ts';
import { VirtualScheduler } from '../../src/timer/virtual-scheduler.ts';

const msNs = 1e6;

interface Kind {
  name: string;
  make: () => Scheduler;
  /** How early an entry may run, ms. */
  marginMs: number;
  /** Lets so many ms pass, and a little more where time cannot be told to stop. */
  pass: (time: Scheduler, ms: number) => Promise<void>;
}

/** In two parts: what a late timer finds due together continues in the next turn of the loop. */
async function waitReally(_time: Scheduler, ms: number): Promise<void> {
  await sleep(ms + 20);
  await sleep(5);
}

const kinds: Kind[] = [
  {
    name: 'VirtualScheduler',
    make: () => new VirtualScheduler(5e9),
    marginMs: 0,
    pass: (time, ms) => (time as VirtualScheduler).advance(ms),
  },
  { name: 'RealScheduler', make: () => new RealScheduler(), marginMs: 0.5, pass: waitReally },
  {
    name: 'RealScheduler that is never early',
    make: () => new RealScheduler({ earlyMs: 0, pollShare: 1 }),
    marginMs: 0,
    pass: waitReally,
  },
  {
    name: 'RealScheduler that does not poll',
    make: () => new RealScheduler({ pollShare: 0 }),
    marginMs: 0.5,
    pass: waitReally,
  },
];

describe.each(kinds)('$name', ({ make, marginMs, pass }) => {
  let time: Scheduler;
  afterEach(() => time.close());
  /** A scheduler's time at the start, which entries count from, and how to make one. */
  const start = (): { from: number; in: (ms: number, action: () => void) => () => void } => {
    time = make();
    const from = time.now();
    return {
      from,
      in: (ms, action) => {
        const entry = time.at(from + ms * msNs, action);
        return () => entry.cancel();
      },
    };
  };

  it('runs what is due in the order of time, and equal times in the order they were asked for', async () => {
    const { in: after } = start();
    const ran: string[] = [];
    after(9, () => ran.push('9'));
    after(3, () => ran.push('3a'));
    after(3, () => ran.push('3b'));
    after(6, () => ran.push('6'));
    after(3, () => ran.push('3c'));
    expect(ran).toEqual([]);
    await pass(time, 10);
    expect(ran).toEqual(['3a', '3b', '3c', '6', '9']);
  });

  it('is early by no more than its margin, and its clock says so', async () => {
    const { from, in: after } = start();
    const errors: number[] = [];
    for (let ms = 0.25; ms < 30; ms += 0.75) {
      after(ms, () => errors.push((time.now() - from) / msNs - ms));
    }
    await pass(time, 30);
    expect(errors).toHaveLength(40);
    // The last digits of a sum of nanoseconds.
    expect(Math.min(...errors)).toBeGreaterThanOrEqual(-marginMs - 1e-6);
  });

  it('runs what is overdue, but never within the call', async () => {
    const { in: after } = start();
    const ran: string[] = [];
    after(-1000, () => ran.push('overdue'));
    time.soon(() => ran.push('soon'));
    expect(ran).toEqual([]);
    await pass(time, 5);
    expect(ran.toSorted()).toEqual(['overdue', 'soon']);
  });

  it('takes further entries from within an action, also for the same moment', async () => {
    const { in: after } = start();
    const ran: string[] = [];
    after(2, () => {
      ran.push('first');
      after(2, () => ran.push('same'));
      after(4, () => ran.push('later'));
      time.soon(() => ran.push('soon'));
      expect(ran).toEqual(['first']);
    });
    await pass(time, 5);
    expect(ran.toSorted()).toEqual(['first', 'later', 'same', 'soon']);
  });

  it('does not run what was cancelled, however often and whenever', async () => {
    const { in: after } = start();
    const ran: string[] = [];
    const cancel = after(2, () => ran.push('cancelled'));
    const soon = time.soon(() => ran.push('cancelled soon'));
    const background = time.inBackground(time.now() + 2 * msNs, () => ran.push('cancelled too'));
    const cancelSelf = after(3, () => {
      ran.push('kept');
      cancelSelf();
    });
    cancel();
    cancel();
    soon.cancel();
    background.cancel();
    await pass(time, 5);
    cancelSelf();
    expect(ran).toEqual(['kept']);
    // Cancelling what has run must not cancel another in its place.
    after(7, () => ran.push('after'));
    cancelSelf();
    await pass(time, 5);
    expect(ran).toEqual(['kept', 'after']);
  });

  it('runs background entries in their place', async () => {
    const { from } = start();
    const ran: string[] = [];
    time.inBackground(from + 2 * msNs, () => ran.push('2'));
    time.at(from + 3 * msNs, () => ran.push('3'));
    time.inBackground(from + 4 * msNs, () => ran.push('4'));
    await pass(time, 5);
    expect(ran).toEqual(['2', '3', '4']);
  });

  it('runs nothing once it is closed, and takes nothing more', async () => {
    const { in: after } = start();
    const ran: string[] = [];
    after(1, () => ran.push('waiting'));
    time.soon(() => ran.push('soon'));
    time.close();
    time.close();
    after(2, () => ran.push('late'))();
    after(2, () => ran.push('late'));
    time.inBackground(time.now(), () => ran.push('late'));
    time.soon(() => ran.push('late'));
    await pass(time, 5);
    expect(ran).toEqual([]);
  });
});
