import { describe, expect, it } from 'vitest';

import { StreamgaugeError } from '../../../../../src/errors.ts';
import { lossFault, type LossOptions } from '../../../../../src/fault/kinds/loss/loss.ts';
import { VirtualScheduler } from '../../../../../src/timer/virtual-scheduler.ts';
import { driveLoss, virtualContext } from '../../../../helpers/virtual-loss.ts';

const drive = (options: Partial<LossOptions>, seed = 'seed') =>
  driveLoss({
    options: { rttMs: 50, process: { kind: 'bernoulli', p: 0.05 }, ...options },
    chunks: 500,
    chunkBytes: 60,
    gapMs: () => 20,
    connections: 4,
    seed,
  });

describe('the loss fault', () => {
  it('is determined by its seed', () => {
    expect(drive({}, 'a')).toEqual(drive({}, 'a'));
    expect(drive({}, 'a').extraMs).not.toEqual(drive({}, 'b').extraMs);
  });

  it('says how often it acted: losses, or packets where there is nothing to lose', () => {
    const fired = (p: number) => {
      const fault = lossFault({ rttMs: 50, process: { kind: 'bernoulli', p } });
      const scheduler = new VirtualScheduler();
      const pipe = fault.pipe(virtualContext(scheduler, 'fired', () => {}));
      for (let i = 0; i < 1000; i++) {
        scheduler.advanceMs(20);
        pipe.write(new Uint8Array(60));
      }
      scheduler.advanceMs(60_000);
      return [fault.fired, fault.counters().lost];
    };
    expect(fired(0)).toEqual([1000, 0]);
    const [acted, lost] = fired(0.02);
    expect(acted).toBe(lost);
    expect(lost).toBeGreaterThan(5);
    expect(lost).toBeLessThan(50);
  });

  it('states its round trip', () => {
    expect(lossFault({ rttMs: 50, process: { kind: 'bernoulli', p: 0 } }).roundTripMs).toBe(50);
  });

  it('adds jitter on top, in order', () => {
    const still = drive({ process: { kind: 'bernoulli', p: 0 } });
    const shaken = drive({
      process: { kind: 'bernoulli', p: 0 },
      jitter: { kind: 'uniform', low: 0, high: 15 },
    });
    expect(Math.max(...still.extraMs)).toBeLessThan(1e-6);
    expect(Math.max(...shaken.extraMs)).toBeGreaterThan(12);
    expect(Math.max(...shaken.extraMs)).toBeLessThanOrEqual(15 + 1e-6);
    expect(Math.min(...shaken.gapsMs)).toBeGreaterThanOrEqual(0);
  });

  it('lets lost acknowledgements delay the repair, not the data', () => {
    const none = drive({ process: { kind: 'bernoulli', p: 0 } });
    const acks = drive({
      process: { kind: 'bernoulli', p: 0 },
      ackLoss: { kind: 'bernoulli', p: 0.3 },
    });
    expect(acks.counters.lost).toBeGreaterThan(300);
    expect(acks.extraMs.filter((extra) => extra > 1e-6).length).toBeLessThan(
      none.extraMs.length * 0.05,
    );
    const both = drive({ ackLoss: { kind: 'bernoulli', p: 0.3 } });
    const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
    expect(sum(both.extraMs)).toBeGreaterThan(sum(drive({}).extraMs));
  });

  it('asks a source that is faster than the path to wait, as a full socket does', () => {
    const asked: [boolean, number][] = [];
    const scheduler = new VirtualScheduler();
    const fault = lossFault({ rttMs: 100, process: { kind: 'bernoulli', p: 0.01 } });
    let bytes = 0;
    const context = virtualContext(scheduler, 'full', (piece) => {
      bytes += piece.length;
    });
    const pipe = fault.pipe({
      ...context,
      backPressure: (on) => asked.push([on, bytes]),
    });
    for (let i = 0; i < 64; i++) pipe.write(new Uint8Array(16_384));
    expect(asked).toEqual([[true, 0]]);
    scheduler.advanceMs(600_000);
    expect(asked.map(([on]) => on)).toEqual([true, false]);
    expect(asked[1]![1]).toBeGreaterThan(700_000);
    expect(bytes).toBe(64 * 16_384);
  });

  it.each<[string, Partial<LossOptions>]>([
    ['p', { process: { kind: 'bernoulli', p: 1 } }],
    ['p', { process: { kind: 'bernoulli', p: Number.NaN } }],
    ['goodMs', { process: { kind: 'gilbert_elliott', goodMs: 0, badMs: 10 } }],
    ['badMs', { process: { kind: 'gilbert_elliott', goodMs: 10, badMs: -1 } }],
    ['lossGood', { process: { kind: 'gilbert_elliott', goodMs: 10, badMs: 10, lossGood: 1 } }],
    ['lossBad', { process: { kind: 'gilbert_elliott', goodMs: 10, badMs: 10, lossBad: 2 } }],
    ['ackLoss.p', { ackLoss: { kind: 'bernoulli', p: -0.1 } }],
    ['rttMs', { rttMs: -1 }],
    ['mss', { mss: 0 }],
    ['initialWindow', { initialWindow: 0.5 }],
  ])('refuses an impossible %s', (name, options) => {
    const make = () => lossFault({ rttMs: 1, process: { kind: 'bernoulli', p: 0 }, ...options });
    expect(make).toThrow(StreamgaugeError);
    expect(make).toThrow(name);
  });
});
