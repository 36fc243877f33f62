/** Faults replaced while bytes are under way. */
import { describe, expect, it } from 'vitest';
import { makeFaults, parseFaults } from '../../../../src/fault/registry.ts';
import { VirtualConnection } from '../../../helpers/fault-path.ts';

const down = 'target_to_client';
const make = (...faults: unknown[]) =>
  makeFaults(parseFaults(faults), { readText: () => '', baseDirectory: '/' });

describe('replacing faults', () => {
  it('waits for what is under way, then goes the new way', () => {
    const connection = new VirtualConnection(make({ delay: '40ms' }));
    connection.down.write(new Uint8Array(1));
    connection.scheduler.advanceMs(10);
    connection.down.replace(make({ delay: '5ms' }));
    connection.down.write(new Uint8Array(2));
    connection.scheduler.advanceMs(90);
    connection.down.write(new Uint8Array(3));
    connection.scheduler.advanceMs(100);
    // The barrier leaves at 10 ms and is out at 50; from then on it takes 5 ms.
    expect(connection.times(down)).toEqual([
      [40, 1],
      [55, 2],
      [105, 3],
    ]);
    expect(connection.ends[down]).toEqual([]);
    connection.down.end();
    connection.scheduler.advanceMs(100);
    expect(connection.ends[down]).toEqual([205]);
  });

  it('takes the last of several that come meanwhile', () => {
    const connection = new VirtualConnection(make({ delay: '40ms' }));
    connection.down.write(new Uint8Array(1));
    connection.down.replace(make({ delay: '1h' }));
    connection.down.write(new Uint8Array(2));
    connection.down.replace(make({ delay: '5ms' }));
    connection.down.end();
    connection.scheduler.advanceMs(100);
    expect(connection.times(down)).toEqual([
      [40, 1],
      [45, 2],
    ]);
    expect(connection.ends[down]).toEqual([45]);
    expect(connection.timers).toBe(0);
  });

  it('ends what had ended before', () => {
    const connection = new VirtualConnection(make({ delay: '40ms' }));
    connection.down.write(new Uint8Array(1));
    connection.down.end();
    connection.down.replace([]);
    connection.scheduler.advanceMs(100);
    expect(connection.times(down)).toEqual([[40, 1]]);
    expect(connection.ends[down]).toEqual([40]);
  });

  it('lets the source continue where the old faults had stopped it', () => {
    const connection = new VirtualConnection(make({ bandwidth: { rate: '8kbps', queue: '1kB' } }));
    for (let i = 0; i < 3; i++) connection.down.write(new Uint8Array(1000));
    expect(connection.backPressure).toEqual([{ atMs: 0, on: true }]);
    connection.down.replace([]);
    connection.scheduler.advanceMs(4000);
    expect(connection.backPressure.at(-1)!.on).toBe(false);
    expect(connection.bytes(down)).toHaveLength(3000);
  });

  it('starts the new faults from the beginning: a cut counts from the change', () => {
    const connection = new VirtualConnection([]);
    connection.down.write(new Uint8Array(100));
    connection.down.replace(make({ disconnect: { how: 'fin', after: { bytes: '10B' } } }));
    connection.down.write(new Uint8Array(100));
    expect(connection.bytes(down)).toHaveLength(110);
    expect(connection.endings).toHaveLength(1);
  });

  it('does not revive a connection that a fault has cut', () => {
    const connection = new VirtualConnection(
      make({ disconnect: { how: 'black_hole', after: { bytes: '10B' } } }),
    );
    connection.down.write(new Uint8Array(20));
    connection.down.replace([]);
    connection.down.write(new Uint8Array(20));
    connection.scheduler.advanceMs(100);
    expect(connection.bytes(down)).toHaveLength(10);
    expect(connection.down.held).toBe(0);
  });
});
