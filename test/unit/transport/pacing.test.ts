/** Slow readers and spoken audio, on virtual time: exact, where a socket could only be bounded. */
import { describe, expect, it } from 'vitest';
import { VirtualScheduler } from '../../../src/timer/virtual-scheduler.ts';
import { sendPaced } from '../../../src/transport/paced-messages.ts';
import { PacedReader, readSize } from '../../../src/transport/paced-reader.ts';
import type { WireMessage } from '../../../src/transport/transport.ts';

const ms = (time: VirtualScheduler): number => time.now() / 1e6;

describe('PacedReader', () => {
  /** A source that says when it was paused and resumed. */
  function source(time: VirtualScheduler) {
    const log: [what: string, atMs: number][] = [];
    return {
      log,
      pause: () => void log.push(['pause', ms(time)]),
      resume: () => void log.push(['resume', ms(time)]),
    };
  }

  it('reads nothing until what it has read is paid for', () => {
    const time = new VirtualScheduler();
    const paused = source(time);
    const reader = new PacedReader({ kind: 'rate', bytesPerSecond: 1000 }, paused, time);
    reader.onRead(50);
    time.advanceMs(20);
    // More of a read that was under way: what is owed adds up.
    reader.onRead(10);
    time.advanceMs(100);
    expect(paused.log).toEqual([
      ['pause', 0],
      ['pause', 20],
      ['resume', 60],
    ]);
  });

  it('saves up no time in which nothing came', () => {
    const time = new VirtualScheduler();
    const paused = source(time);
    const reader = new PacedReader({ kind: 'rate', bytesPerSecond: 1000 }, paused, time);
    time.advanceMs(1000);
    reader.onRead(100);
    time.advanceMs(200);
    expect(paused.log).toEqual([
      ['pause', 1000],
      ['resume', 1100],
    ]);
  });

  it('pauses and reads by turns, until it is closed', () => {
    const time = new VirtualScheduler();
    const paused = source(time);
    const reader = new PacedReader({ kind: 'pause', everyMs: 100, lengthMs: 30 }, paused, time);
    time.advanceMs(240);
    reader.close();
    reader.onRead(1000);
    time.advanceMs(1000);
    expect(paused.log).toEqual([
      ['pause', 100],
      ['resume', 130],
      ['pause', 230],
    ]);
    expect(time.waiting).toBe(0);
  });

  it.each([
    [1_000, 256],
    [100_000, 2500],
    [10_000_000, 16_384],
  ])('reads %i bytes per second in pieces of %i', (bytesPerSecond, size) => {
    expect(readSize({ kind: 'rate', bytesPerSecond })).toBe(size);
  });
});

describe('sendPaced', () => {
  const message = (name: string, afterMs?: number, startsClock?: boolean): WireMessage => ({
    body: { name },
    ...(afterMs === undefined ? {} : { afterMs }),
    ...(startsClock === undefined ? {} : { startsClock }),
  });

  function sent(messages: readonly WireMessage[], stopAtMs = Infinity) {
    const time = new VirtualScheduler();
    const log: [what: unknown, atMs: number][] = [];
    const sending = sendPaced(
      time,
      messages,
      ({ body }) => void log.push([body['name'], ms(time)]),
      () => void log.push(['clock', ms(time)]),
    );
    time.advanceMs(Math.min(stopAtMs, 1000));
    sending.cancel();
    time.advanceMs(1000);
    expect(time.waiting).toBe(0);
    return log;
  }

  it('sends immediately what has no time, and starts the clock with the last', () => {
    expect(sent([message('a'), message('b')])).toEqual([
      ['a', 0],
      ['b', 0],
      ['clock', 0],
    ]);
  });

  it('waits before each message that has a time, and starts the clock where it is marked', () => {
    expect(sent([message('a', 20), message('b', 20, true), message('c'), message('d', 5)])).toEqual(
      [
        ['a', 20],
        ['b', 40],
        ['clock', 40],
        ['c', 40],
        ['d', 45],
      ],
    );
  });

  it('sends nothing more once it is stopped', () => {
    expect(sent([message('a'), message('b', 50), message('c', 50)], 60)).toEqual([
      ['a', 0],
      ['b', 50],
    ]);
  });
});
