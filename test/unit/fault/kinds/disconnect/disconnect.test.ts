import { describe, expect, it } from 'vitest';
import { eventKindReader } from '../../../../../src/dialect/event-kind-readers.ts';
import { makeFaults, parseFaults } from '../../../../../src/fault/registry.ts';
import { VirtualScheduler } from '../../../../../src/timer/virtual-scheduler.ts';
import { VirtualConnection } from '../../../../helpers/fault-path.ts';

const down = 'target_to_client';
const environment = {
  readText: () => '',
  baseDirectory: '/',
  eventKind: eventKindReader(undefined),
};
const make = (...faults: unknown[]) => makeFaults(parseFaults(faults), environment);

function connect(...faults: unknown[]): VirtualConnection {
  return new VirtualConnection(make(...faults));
}

describe('disconnect after bytes', () => {
  it('lets exactly so many pass, and then the end', () => {
    const connection = connect({ disconnect: { how: 'rst', after: { bytes: '25B' } } });
    connection.down.write(new Uint8Array(10));
    connection.down.write(new Uint8Array(10));
    expect(connection.endings).toEqual([]);
    connection.down.write(new Uint8Array(10));
    connection.down.write(new Uint8Array(10));
    expect(connection.times(down)).toEqual([
      [0, 10],
      [0, 10],
      [0, 5],
    ]);
    expect(connection.endings).toEqual([{ atMs: 0, how: 'rst' }]);
    expect(connection.ends[down]).toEqual([0]);
    expect(connection.down.held).toBe(0);
  });

  it('comes when the last of them has passed, not with the next', () => {
    const connection = connect({ disconnect: { how: 'fin', after: { bytes: '10B' } } });
    connection.down.write(new Uint8Array(10));
    expect(connection.endings).toEqual([{ atMs: 0, how: 'fin' }]);
  });

  it('lets what it has passed on arrive through the faults behind it', () => {
    const connection = connect(
      { disconnect: { how: 'fin', after: { bytes: '10B' } } },
      { delay: '40ms' },
    );
    connection.down.write(new Uint8Array(15));
    expect(connection.endings).toEqual([{ atMs: 0, how: 'fin' }]);
    connection.scheduler.advanceMs(100);
    expect(connection.times(down)).toEqual([[40, 10]]);
    expect(connection.ends[down]).toEqual([40]);
  });

  it('counts the way it is told to', () => {
    const rule = { how: 'rst', after: { bytes: '10B' } };
    const up = connect({ disconnect: { ...rule, direction: 'up' } });
    up.down.write(new Uint8Array(50));
    expect(up.endings).toEqual([]);
    up.up.write(new Uint8Array(50));
    expect(up.bytes('client_to_target')).toHaveLength(10);
    const both = connect({ disconnect: { ...rule, direction: 'both' } });
    both.up.write(new Uint8Array(6));
    both.down.write(new Uint8Array(6));
    expect(both.bytes(down)).toHaveLength(4);
    expect(both.endings).toHaveLength(1);
  });

  it('goes into a black hole without an end', () => {
    const connection = connect({ disconnect: { how: 'black_hole', after: { bytes: '10B' } } });
    connection.down.write(new Uint8Array(15));
    connection.down.end();
    connection.scheduler.advanceMs(1e6);
    expect(connection.bytes(down)).toHaveLength(10);
    expect(connection.ends[down]).toEqual([]);
    expect(connection.endings).toEqual([{ atMs: 0, how: 'black_hole' }]);
  });

  it('half-closes towards the target, and the answer continues', () => {
    const connection = connect({ disconnect: { how: 'half_close', after: { bytes: '10B' } } });
    connection.up.write(new Uint8Array(3));
    connection.down.write(new Uint8Array(15));
    connection.down.write(new Uint8Array(15));
    connection.up.write(new Uint8Array(3));
    expect(connection.bytes(down)).toHaveLength(30);
    expect(connection.bytes('client_to_target')).toHaveLength(3);
    expect(connection.ends).toEqual({ client_to_target: [0], target_to_client: [] });
  });

  it('half-closes when the client’s bytes are counted', () => {
    const connection = connect({
      disconnect: { how: 'half_close', after: { bytes: '10B' }, direction: 'up' },
    });
    connection.up.write(new Uint8Array(15));
    connection.down.write(new Uint8Array(7));
    expect(connection.bytes('client_to_target')).toHaveLength(10);
    expect(connection.bytes(down)).toHaveLength(7);
    expect(connection.ends).toEqual({ client_to_target: [0], target_to_client: [] });
  });
});

describe('disconnect by the clock', () => {
  it('comes so long after the first byte, while data flows', () => {
    const connection = connect({ disconnect: { how: 'fin', after: { time: '100ms' } } });
    connection.up.write(new Uint8Array(5));
    for (let ms = 50; ms < 300; ms += 7) {
      connection.scheduler.advanceTo(ms * 1e6);
      connection.down.write(new Uint8Array(1));
    }
    expect(connection.endings).toEqual([{ atMs: 150, how: 'fin' }]);
    expect(connection.times(down).at(-1)).toEqual([148, 1]);
  });

  it('does not come for a connection that has ended', () => {
    const faults = make({ disconnect: { how: 'fin', after: { time: '100ms' } } });
    const connection = new VirtualConnection(faults);
    connection.down.write(new Uint8Array(1));
    connection.up.end();
    connection.down.end();
    expect(connection.timers).toBe(0);
    connection.scheduler.advanceMs(1000);
    expect(connection.endings).toEqual([]);
    expect(faults[0]!.fired).toBe(0);
  });

  it('comes after silence both ways, exactly', () => {
    const connection = connect({ disconnect: { how: 'idle_timeout', after: { idle: '60s' } } });
    connection.scheduler.advanceTo(30e9);
    connection.up.write(new Uint8Array(1));
    connection.scheduler.advanceTo(80e9);
    connection.down.write(new Uint8Array(1));
    connection.scheduler.advanceTo(139.999e9);
    expect(connection.endings).toEqual([]);
    connection.scheduler.advanceTo(200e9);
    expect(connection.endings).toEqual([{ atMs: 140_000, how: 'forget' }]);
  });
});

describe('disconnect before the first byte', () => {
  it('passes nothing of the answer', () => {
    const connection = connect({ disconnect: { how: 'rst', before: 'first_byte' } });
    connection.up.write(new Uint8Array(100));
    expect(connection.endings).toEqual([]);
    connection.scheduler.advanceMs(20);
    connection.down.write(new Uint8Array(100));
    expect(connection.bytes(down)).toHaveLength(0);
    expect(connection.bytes('client_to_target')).toHaveLength(100);
    expect(connection.endings).toEqual([{ atMs: 20, how: 'rst' }]);
  });
});

it('hits the share of connections that it is told, the same ones each time', () => {
  const hit = (): number[] => {
    const scheduler = new VirtualScheduler();
    const faults = make({ disconnect: { how: 'rst', after: { bytes: '1B' }, of: '10%' } });
    const numbers: number[] = [];
    for (let number = 0; number < 2000; number++) {
      const connection = new VirtualConnection(faults, { seed: `s/${number}`, scheduler });
      connection.down.write(new Uint8Array(2));
      if (connection.endings.length > 0) numbers.push(number);
    }
    expect(faults[0]!.fired).toBe(numbers.length);
    return numbers;
  };
  const first = hit();
  // Five standard deviations of a binomial around 200.
  expect(first.length).toBeGreaterThan(133);
  expect(first.length).toBeLessThan(267);
  expect(hit()).toEqual(first);
});
