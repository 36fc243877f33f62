/** Driving promise-based code on a clock that moves only when told to. */
import { describe, expect, it } from 'vitest';
import { VirtualScheduler } from '../../../src/timer/virtual-scheduler.ts';
import { after, background, every, sleep } from '../../../src/timer/waiting.ts';

const nowMs = (time: VirtualScheduler): number => time.now() / 1e6;

describe('advance', () => {
  it('gives what awaits its place in time', async () => {
    const time = new VirtualScheduler();
    const seen: [string, number][] = [];
    const worker = async (name: string, ms: number): Promise<void> => {
      for (let i = 0; i < 3; i++) {
        await sleep(time, ms);
        seen.push([name, nowMs(time)]);
      }
    };
    void worker('slow', 50);
    void worker('fast', 20);
    await time.advance(99);
    expect(seen).toEqual([
      ['fast', 20],
      ['fast', 40],
      ['slow', 50],
      ['fast', 60],
    ]);
    expect(nowMs(time)).toBe(99);
    await time.advance(1);
    expect(seen.at(-1)).toEqual(['slow', 100]);
  });

  it('lets what waits already begin before its first entry', async () => {
    const time = new VirtualScheduler();
    let at = Number.NaN;
    void Promise.resolve().then(async () => {
      await sleep(time, 5);
      at = nowMs(time);
    });
    await time.advance(10);
    expect(at).toBe(5);
  });

  it('throws what an action throws, and stands there', async () => {
    const time = new VirtualScheduler();
    after(time, 5, () => {
      throw new Error('broken');
    });
    await expect(time.advance(10)).rejects.toThrow('broken');
    expect(nowMs(time)).toBe(5);
  });
});

describe('stall', () => {
  it('makes late what was due meanwhile, in its order', () => {
    const time = new VirtualScheduler();
    const ran: [string, number][] = [];
    for (const ms of [5, 3, 30]) after(time, ms, () => ran.push([`${ms}`, nowMs(time)]));
    time.stall(20);
    expect(ran).toEqual([]);
    time.advanceMs(20);
    expect(ran).toEqual([
      ['3', 20],
      ['5', 20],
      ['30', 30],
    ]);
    expect(nowMs(time)).toBe(40);
  });
});

describe('until', () => {
  it('goes no further than the promise needs', async () => {
    const time = new VirtualScheduler();
    every(time, 7, () => {});
    expect(await time.until(sleep(time, 30).then(() => 'done'))).toBe('done');
    expect(nowMs(time)).toBe(30);
  });

  it('rejects as the promise does', async () => {
    const time = new VirtualScheduler();
    const failing = sleep(time, 3).then(() => Promise.reject(new Error('no')));
    await expect(time.until(failing)).rejects.toThrow('no');
  });

  it('says where nothing could settle it any more', async () => {
    const time = new VirtualScheduler();
    after(time, 4, () => {});
    every(background(time), 1, () => {});
    const stuck = time.until(new Promise(() => {}));
    await expect(stuck).rejects.toThrow('nothing is due after 4 ms');
  });

  it('gives up where the time is over', async () => {
    const time = new VirtualScheduler();
    every(time, 10, () => {});
    const stuck = time.until(new Promise(() => {}), 95);
    await expect(stuck).rejects.toThrow('still waits after 95 ms');
    expect(nowMs(time)).toBe(90);
  });
});
