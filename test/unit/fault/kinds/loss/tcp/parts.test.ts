/** The parts of the virtual connection, each against figures worked out by hand. */
import { describe, expect, it } from 'vitest';

import { ByteStore } from '../../../../../../src/fault/kinds/loss/byte-store.ts';
import { CongestionWindow } from '../../../../../../src/fault/kinds/loss/tcp/congestion.ts';
import {
  firesAt,
  jiffyNs,
  toJiffies,
} from '../../../../../../src/fault/kinds/loss/tcp/kernel-timer.ts';
import { Link } from '../../../../../../src/fault/kinds/loss/link.ts';
import { Receiver } from '../../../../../../src/fault/kinds/loss/tcp/receiver.ts';
import { RttEstimator } from '../../../../../../src/fault/kinds/loss/tcp/rtt-estimator.ts';
import {
  SenderTimer,
  type TimerKind,
} from '../../../../../../src/fault/kinds/loss/tcp/sender-timer.ts';
import { VirtualScheduler } from '../../../../../../src/timer/virtual-scheduler.ts';

const ms = 1e6;

describe('kernel timers', () => {
  it('round up to jiffies', () => {
    expect([0, 1, 4e6, 4e6 + 1, 250e6].map(toJiffies)).toEqual([0, 1, 1, 2, 63]);
  });

  it.each([
    { jiffies: 1, slot: 1 },
    { jiffies: 62, slot: 1 },
    { jiffies: 63, slot: 8 },
    { jiffies: 503, slot: 8 },
    { jiffies: 504, slot: 64 },
    { jiffies: 4032, slot: 512 },
  ])('$jiffies jiffies fire never early, and at most $slot jiffies late', ({ jiffies, slot }) => {
    const late = Array.from({ length: 2000 }, (_, step) => {
      const now = step * 1.7e6;
      return (firesAt(now, jiffies, 1.1e6) - now) / jiffyNs - jiffies;
    });
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...late)).toBeLessThanOrEqual(slot);
    expect(Math.max(...late)).toBeGreaterThan(slot * 0.8);
  });

  it('a sender has one timer: the last setting counts, later or earlier', () => {
    const scheduler = new VirtualScheduler();
    const fired: [TimerKind, number][] = [];
    const timer = new SenderTimer(
      () => scheduler.now(),
      (atNs, action) => void scheduler.at(atNs, action),
      0,
      (kind) => fired.push([kind, scheduler.now() / ms]),
    );
    timer.set('retransmit', 50);
    timer.set('probe', 10);
    scheduler.advanceMs(20);
    timer.set('retransmit', 20);
    scheduler.advanceMs(200);
    expect(fired).toEqual([['retransmit', 104]]);
    timer.set('reorder', 5);
    timer.clear();
    scheduler.advanceMs(1000);
    expect(fired).toEqual([['retransmit', 104]]);
  });
});

describe('round-trip estimation', () => {
  it('starts from the handshake: variance of half the sample, floor of 200 ms', () => {
    expect(new RttEstimator(50 * ms).rtoJiffies).toBe(toJiffies(250 * ms));
    expect(new RttEstimator(200 * ms).rtoJiffies).toBe(toJiffies(600 * ms));
  });

  it('settles at SRTT + 200 ms on a steady path', () => {
    const trips = new RttEstimator(200 * ms);
    for (let i = 1; i <= 100; i++) trips.sample(200 * ms, i, i + 1);
    expect(trips.srttNs).toBeCloseTo(200 * ms, 0);
    // The variance term approaches its floor from above, so that the last jiffy may remain.
    expect(trips.rtoJiffies - toJiffies(400 * ms)).toBeGreaterThanOrEqual(0);
    expect(trips.rtoJiffies - toJiffies(400 * ms)).toBeLessThanOrEqual(1);
  });

  it('doubles on each timeout up to 120 s, and forgets it with a sample', () => {
    const trips = new RttEstimator(50 * ms);
    trips.backOff();
    trips.backOff();
    expect(trips.rtoJiffies).toBe(4 * 63);
    for (let i = 0; i < 20; i++) trips.backOff();
    expect(trips.rtoJiffies).toBe(toJiffies(120_000 * ms));
    trips.sample(50 * ms, 1, 2);
    expect(trips.rtoJiffies).toBe(63);
  });

  it('grows with variation', () => {
    const trips = new RttEstimator(50 * ms);
    for (let i = 1; i <= 200; i++) trips.sample((i % 2 ? 50 : 350) * ms, i, i + 1);
    expect(trips.rtoJiffies).toBeGreaterThan(toJiffies(450 * ms));
  });
});

describe('the receiver', () => {
  it('acknowledges in order, reports what lies beyond a hole newest first, and duplicates', () => {
    const receiver = new Receiver();
    expect(receiver.accept(0, 10, 1)).toMatchObject({ cumulative: 10, sacked: [], echoNs: 1 });
    expect(receiver.accept(20, 30, 3)).toMatchObject({ cumulative: 10, sacked: [20, 30] });
    expect(receiver.accept(40, 50, 4)).toMatchObject({ sacked: [40, 50, 20, 30], echoNs: 1 });
    expect(receiver.accept(30, 40, 5)).toMatchObject({ cumulative: 10, sacked: [20, 50] });
    expect(receiver.accept(20, 30, 6)).toMatchObject({ duplicateStart: 20, duplicateEnd: 30 });
    expect(receiver.accept(10, 20, 7)).toMatchObject({ cumulative: 50, sacked: [], echoNs: 7 });
    expect(receiver.accept(10, 20, 8)).toMatchObject({ cumulative: 50, duplicateEnd: 20 });
  });

  it('reports at most three ranges', () => {
    const receiver = new Receiver();
    for (const start of [10, 30, 50, 70]) receiver.accept(start, start + 10, start);
    expect(receiver.accept(90, 100, 90).sacked).toEqual([90, 100, 70, 80, 50, 60]);
  });
});

describe('the congestion window', () => {
  it('grows only while it is what limits the sender', () => {
    const congestion = new CongestionWindow(10, 0);
    const use = { acknowledgedEnd: 0, nextEnd: 1, calm: true, nowNs: 0, rtoNs: 250 * ms };
    congestion.noteUse({ ...use, full: false, outstanding: 3 });
    congestion.grow(3);
    expect(congestion.window).toBe(10);
    congestion.noteUse({ ...use, full: true, outstanding: 10 });
    congestion.grow(10);
    expect(congestion.window).toBe(20);
  });

  it('halves on a loss, down to no less than 2, and lets the first retransmission out', () => {
    const congestion = new CongestionWindow(10, 0);
    congestion.beginReduction(true);
    expect(congestion.threshold).toBe(5);
    // One in flight in addition to the lost one: PRR allows what was delivered, at least one.
    congestion.reduce(1, 1, false, true);
    expect(congestion.window).toBe(2);
    congestion.endReduction();
    expect(congestion.window).toBe(5);
    congestion.beginReduction(true);
    congestion.endReduction();
    congestion.beginReduction(true);
    congestion.endReduction();
    expect(congestion.window).toBe(2);
  });

  it('is reduced in proportion where much is in flight (RFC 6937)', () => {
    const congestion = new CongestionWindow(20, 0);
    congestion.beginReduction(true);
    let inFlight = 19;
    let sent = 0;
    for (let ack = 0; ack < 18; ack++) {
      inFlight--;
      congestion.reduce(1, inFlight, false, false);
      while (inFlight < congestion.window) {
        inFlight++;
        sent++;
        congestion.reductionSent++;
      }
    }
    expect(congestion.window).toBeLessThanOrEqual(10);
    expect(congestion.window).toBeGreaterThanOrEqual(9);
    expect(sent).toBeLessThanOrEqual(10);
  });

  it('goes back after a false alarm', () => {
    const congestion = new CongestionWindow(10, 0);
    congestion.collapse(0, false, false, 0);
    expect(congestion.window).toBe(1);
    congestion.undo();
    expect(congestion.window).toBe(10);
  });

  it('shrinks after a pause, not below the initial window', () => {
    const congestion = new CongestionWindow(10, 0);
    const use = { acknowledgedEnd: 0, nextEnd: 1, calm: true, nowNs: 0, rtoNs: 250 * ms };
    congestion.noteUse({ ...use, full: true, outstanding: 10 });
    congestion.grow(70);
    expect(congestion.window).toBe(80);
    congestion.restartAfterIdle(600 * ms, 250 * ms);
    expect(congestion.window).toBe(20);
    congestion.restartAfterIdle(60_000 * ms, 250 * ms);
    expect(congestion.window).toBe(10);
  });
});

describe('the path', () => {
  it('keeps order under jitter', () => {
    const scheduler = new VirtualScheduler();
    const jitters = [30, 0, 10, 0].map((value) => value * ms);
    const seen: [string, number][] = [];
    const link = new Link<string>({
      now: () => scheduler.now(),
      schedule: (atNs, action) => void scheduler.at(atNs, action),
      delayNs: 10 * ms,
      jitter: () => jitters.shift()!,
      loss: { lost: () => false },
      onLoss: () => {},
      deliver: (packet) => seen.push([packet, scheduler.now() / ms]),
    });
    link.send('a');
    link.send('b');
    scheduler.advanceMs(25);
    link.send('c');
    scheduler.advanceMs(50);
    link.send('d');
    scheduler.advanceMs(50);
    expect(seen).toEqual([
      ['a', 40],
      ['b', 40],
      ['c', 45],
      ['d', 85],
    ]);
  });
});

describe('the byte store', () => {
  it('passes on single writes without a copy, several as one, parts as views', () => {
    const store = new ByteStore();
    const first = Uint8Array.of(1, 2, 3);
    store.push(first);
    store.push(Uint8Array.of(4, 5));
    store.push(Uint8Array.of(6, 7, 8));
    expect(store.takeUntil(3)).toBe(first);
    expect(store.takeUntil(3)).toBeUndefined();
    expect([...store.takeUntil(6)!]).toEqual([4, 5, 6]);
    expect([...store.takeUntil(7)!]).toEqual([7]);
    expect([...store.takeUntil(8)!]).toEqual([8]);
  });
});
