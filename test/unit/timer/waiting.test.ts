/** What is made from a scheduler, at exact times. */
import { describe, expect, it } from 'vitest';
import { RealScheduler } from '../../../src/timer/real-scheduler.ts';
import { VirtualScheduler } from '../../../src/timer/virtual-scheduler.ts';
import { after, background, every, sleep, within } from '../../../src/timer/waiting.ts';

const msNs = 1e6;
const nowMs = (time: VirtualScheduler): number => time.now() / msNs;

describe('every', () => {
  it('keeps its grid', () => {
    const time = new VirtualScheduler(3 * msNs);
    const ran: number[] = [];
    const beat = every(time, 10, () => ran.push(nowMs(time)));
    time.advanceMs(35);
    beat.cancel();
    time.advanceMs(100);
    expect(ran).toEqual([13, 23, 33]);
  });

  it('can be cancelled from within', () => {
    const time = new VirtualScheduler();
    let runs = 0;
    const beat = every(time, 10, () => {
      runs += 1;
      if (runs === 2) beat.cancel();
    });
    time.advanceMs(100);
    expect(runs).toBe(2);
    expect(time.waiting).toBe(0);
  });

  it('runs once after a pause, and continues in its grid', () => {
    const time = new VirtualScheduler();
    const ran: number[] = [];
    every(time, 10, () => ran.push(nowMs(time)));
    time.advanceMs(10);
    time.stall(35);
    time.advanceMs(20);
    expect(ran).toEqual([10, 45, 50, 60]);
  });

  it('asks for the next period that is still to come, also when it ran early', () => {
    const due: number[] = [];
    let nowNs = 0;
    let run = (): void => {};
    every(
      {
        now: () => nowNs,
        at: (dueNs, action) => {
          due.push(dueNs / msNs);
          run = action;
          return { cancel: () => {} };
        },
      },
      10,
      () => {},
    );
    // On time, early by a margin, late by two periods and a half, late by exactly one.
    for (const at of [10, 19.6, 55, 70]) {
      nowNs = at * msNs;
      run();
    }
    expect(due).toEqual([10, 20, 30, 60, 80]);
  });
});

describe('sleep', () => {
  it('ends at its time, and earlier by an abort', async () => {
    const time = new VirtualScheduler();
    const ends: [string, number][] = [];
    const controller = new AbortController();
    const note = (name: string) => (): void => void ends.push([name, nowMs(time)]);
    void sleep(time, 20).then(note('plain'));
    void sleep(time, 20, controller.signal).then(note('aborted'));
    void sleep(time, 3, controller.signal).then(note('over before'));
    after(time, 7, () => controller.abort());
    await time.advance(30);
    expect(ends).toEqual([
      ['over before', 3],
      ['aborted', 7],
      ['plain', 20],
    ]);
    expect(time.waiting).toBe(0);
    await sleep(time, 1e9, controller.signal);
    expect(nowMs(time)).toBe(30);
  });
});

describe('within', () => {
  it('gives the value in time, undefined afterwards, and leaves no timer', async () => {
    const time = new VirtualScheduler();
    const value = (ms: number): Promise<string> => sleep(time, ms).then(() => 'value');
    expect(await time.until(within(time, value(10), 20))).toBe('value');
    expect([nowMs(time), time.waiting]).toEqual([10, 0]);
    expect(await time.until(within(time, value(30), 20))).toBe(undefined);
    expect(nowMs(time)).toBe(30);
    const failing = sleep(time, 5).then(() => Promise.reject(new Error('no')));
    await expect(time.until(within(time, failing, 20))).rejects.toThrow('no');
  });
});

describe('the process', () => {
  // What keeps a process alive is what Node counts here.
  const holding = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

  it('is kept alive by what is to come, and not by what is in the background', () => {
    const time = new RealScheduler();
    const before = holding();
    const beat = every(background(time), 1000, () => {});
    expect(holding()).toBe(before);
    const entry = after(time, 5000, () => {});
    expect(holding()).toBe(before + 1);
    // A background entry that comes first must not release the other.
    const earlier = time.inBackground(time.now() + 500 * msNs, () => {});
    expect(holding()).toBe(before + 1);
    entry.cancel();
    expect(holding()).toBe(before);
    beat.cancel();
    earlier.cancel();
    after(time, 5000, () => {});
    expect(holding()).toBe(before + 1);
    time.close();
    expect(holding()).toBe(before);
  });
});
