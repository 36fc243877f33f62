import { describe, expect, it } from 'vitest';
import {
  ConnectionMoment,
  type CountedMoment,
} from '../../../../../src/fault/kinds/disconnect/connection-moment.ts';
import type { Direction, Where } from '../../../../../src/fault/direction.ts';
import { VirtualScheduler } from '../../../../../src/timer/virtual-scheduler.ts';

const up: Direction = 'client_to_target';
const down: Direction = 'target_to_client';

function watch(moment: CountedMoment, where: Where = 'both') {
  const scheduler = new VirtualScheduler();
  const clock = {
    now: () => scheduler.now(),
    schedule: (atNs: number, action: () => void) => scheduler.at(atNs, action),
  };
  const cameAtMs: number[] = [];
  const watched = new ConnectionMoment(moment, where, () => cameAtMs.push(scheduler.now() / 1e6));
  return {
    cameAtMs,
    begin: () => watched.begins(clock),
    over: () => watched.over(),
    /** Bytes at a time, ms. */
    send: (atMs: number, byteCount: number, direction = down) => {
      scheduler.advanceTo(atMs * 1e6);
      return watched.comesAfter(byteCount, direction, clock);
    },
    advanceTo: (ms: number) => scheduler.advanceTo(ms * 1e6),
  };
}

describe('after so many bytes', () => {
  it('lies at the exact byte, once', () => {
    const moment = watch({ kind: 'bytes', bytes: 10 });
    expect(moment.send(0, 6)).toBeUndefined();
    expect(moment.send(0, 6)).toBe(4);
    expect(moment.send(0, 6)).toBeUndefined();
  });

  it('lies behind the last byte of a write that ends there, and before the first of all at 0', () => {
    expect(watch({ kind: 'bytes', bytes: 10 }).send(0, 10)).toBe(10);
    expect(watch({ kind: 'bytes', bytes: 0 }).send(0, 10)).toBe(0);
  });

  it('counts the directions that are meant', () => {
    const both = watch({ kind: 'bytes', bytes: 10 });
    both.send(0, 6, up);
    expect(both.send(0, 6, down)).toBe(4);
    const downwards = watch({ kind: 'bytes', bytes: 10 }, 'down');
    downwards.send(0, 600, up);
    expect(downwards.send(0, 10, down)).toBe(10);
  });
});

describe('so long after the first byte', () => {
  it('comes by the clock, whether data flows or not', () => {
    const moment = watch({ kind: 'time', ms: 50 }, 'down');
    moment.begin();
    moment.send(10, 5, up);
    expect(moment.send(100, 5, down)).toBeUndefined();
    moment.send(140, 5, down);
    moment.advanceTo(1000);
    expect(moment.cameAtMs).toEqual([150]);
  });
});

describe('after silence', () => {
  it('counts from the beginning, and again from each byte that counts', () => {
    const silent = watch({ kind: 'idle', ms: 50 });
    silent.begin();
    silent.advanceTo(1000);
    expect(silent.cameAtMs).toEqual([50]);
    const talking = watch({ kind: 'idle', ms: 50 }, 'down');
    talking.begin();
    for (const ms of [20, 60, 100]) talking.send(ms, 1, down);
    // What the client sends is not what is waited for.
    talking.send(120, 1, up);
    talking.send(130, 0, down);
    talking.advanceTo(1000);
    expect(talking.cameAtMs).toEqual([150]);
  });
});

it.each<[CountedMoment]>([[{ kind: 'time', ms: 5 }], [{ kind: 'idle', ms: 5 }]])(
  '%j does not come once it is over, and begins once',
  (kind) => {
    const moment = watch(kind);
    moment.begin();
    moment.begin();
    moment.send(0, 1);
    moment.over();
    moment.begin();
    moment.send(1, 1);
    moment.advanceTo(1000);
    expect(moment.cameAtMs).toEqual([]);
  },
);
