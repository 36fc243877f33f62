/** What each fault does to a small case, to the nanosecond, on virtual time. */
import { describe, expect, it } from 'vitest';
import type { Direction } from '../../../../src/fault/direction.ts';
import { opportunityBytes } from '../../../../src/fault/kinds/link-trace.ts';
import { makeFaults, parseFaults } from '../../../../src/fault/registry.ts';
import { VirtualScheduler } from '../../../../src/timer/virtual-scheduler.ts';
import { VirtualConnection, round } from '../../../helpers/fault-path.ts';

const down = 'target_to_client';

function through(...faults: unknown[]): VirtualConnection {
  return new VirtualConnection(make(...faults));
}

function make(...faults: unknown[]) {
  return makeFaults(parseFaults(faults), {
    readText: () => '10\n20\n20\n50\n',
    baseDirectory: '/',
  });
}

/** Writes of zeros at given times. */
function play(
  connection: VirtualConnection,
  writes: [atMs: number, bytes: number][],
  direction: Direction = down,
): VirtualConnection {
  for (const [atMs, bytes] of writes) {
    connection.scheduler.advanceTo(atMs * 1e6);
    connection.path(direction).write(new Uint8Array(bytes));
  }
  return connection;
}

function finish(connection: VirtualConnection): VirtualConnection {
  connection.scheduler.advanceMs(3_600_000);
  return connection;
}

describe('delay', () => {
  it('is the same for bytes and for the end', () => {
    const connection = play(through({ delay: '40ms' }), [
      [1, 7],
      [2.5, 8],
    ]);
    connection.down.end();
    finish(connection);
    expect(connection.times(down)).toEqual([
      [41, 7],
      [42.5, 8],
    ]);
    expect(connection.ends[down]).toEqual([42.5]);
  });

  it('splits a round trip in two halves, and says so for the handshake', () => {
    const [fault] = make({ delay: { rtt: '50ms' } });
    expect(fault!.roundTripMs).toBe(50);
    const connection = new VirtualConnection([fault!]);
    connection.up.write(new Uint8Array(1));
    connection.down.write(new Uint8Array(1));
    finish(connection);
    expect(connection.times('client_to_target')).toEqual([[25, 1]]);
    expect(connection.times(down)).toEqual([[25, 1]]);
  });
});

describe('jitter', () => {
  it('draws for each write and never lets one overtake', () => {
    const connection = finish(
      play(
        through({ jitter: 'uniform(0ms, 50ms)' }),
        Array.from({ length: 200 }, (_, i) => [i, 1]),
      ),
    );
    const times = connection.times(down).map(([ms]) => ms);
    const extra = times.map((ms, i) => ms - i);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(Math.max(...extra)).toBeLessThanOrEqual(50);
    expect(Math.min(...extra)).toBeGreaterThanOrEqual(0);
    expect(new Set(extra.map((ms) => ms.toFixed(3))).size).toBeGreaterThan(20);
  });
});

describe('bandwidth', () => {
  it('delivers each write when its last bit is through', () => {
    // 8 kbit/s is 1 byte a ms.
    const connection = play(through({ bandwidth: '8kbps' }), [
      [0, 10],
      [5, 10],
      [100, 3],
    ]);
    connection.down.end();
    finish(connection);
    expect(connection.times(down)).toEqual([
      [10, 10],
      [20, 10],
      [103, 3],
    ]);
    expect(connection.ends[down]).toEqual([103]);
  });

  it('delivers a large write segment by segment, at the line’s rate', () => {
    const connection = finish(play(through({ bandwidth: '1.168Mbps' }), [[0, 4000]]));
    // 1460 bytes take 10 ms.
    expect(connection.times(down)).toEqual([
      [10, 1460],
      [20, 1460],
      [round(4000 / 146), 1080],
    ]);
  });

  it('shows its queue as delay, and stops the sender when it is full', () => {
    const connection = play(through({ bandwidth: { rate: '8kbps', queue: '100B' } }), [
      [0, 60],
      [1, 60],
      [2, 1],
    ]);
    finish(connection);
    expect(connection.times(down).map(([ms]) => ms)).toEqual([60, 120, 121]);
    // Over 100 bytes wait from ms 1; half of the queue or less from ms 120.
    expect(connection.backPressure).toEqual([
      { atMs: 1, on: true },
      { atMs: 120, on: false },
    ]);
  });

  it('shares one line where told to', () => {
    const scheduler = new VirtualScheduler();
    const faults = make({ bandwidth: { rate: '8kbps', per: 'relay' } });
    const [one, two] = ['1', '2'].map((seed) => new VirtualConnection(faults, { seed, scheduler }));
    one!.down.write(new Uint8Array(10));
    two!.down.write(new Uint8Array(10));
    one!.up.write(new Uint8Array(10));
    scheduler.advanceMs(1000);
    expect(one!.times(down)).toEqual([[10, 10]]);
    expect(two!.times(down)).toEqual([[20, 10]]);
    expect(one!.times('client_to_target')).toEqual([[10, 10]]);
  });

  it('differs by direction', () => {
    const connection = through({ bandwidth: { up: '8kbps', down: '80kbps' } });
    connection.up.write(new Uint8Array(10));
    connection.down.write(new Uint8Array(10));
    finish(connection);
    expect(connection.times('client_to_target')).toEqual([[10, 10]]);
    expect(connection.times(down)).toEqual([[1, 10]]);
  });
});

describe('outage', () => {
  it('holds what is sent while off, and forwards it all together', () => {
    const connection = through({ outage: { on: '100ms', off: '50ms' } });
    play(connection, [
      [99, 1],
      [100, 2],
      [120, 3],
      [149, 4],
      [150, 5],
      [251, 6],
    ]);
    connection.down.end();
    finish(connection);
    expect(connection.times(down)).toEqual([
      [99, 1],
      [150, 2],
      [150, 3],
      [150, 4],
      [150, 5],
      [300, 6],
    ]);
    expect(connection.ends[down]).toEqual([300]);
  });

  it('counts outages that held something, and is one for both directions', () => {
    const faults = make({ outage: { on: '100ms', off: '50ms' } });
    const connection = new VirtualConnection(faults);
    play(connection, [
      [110, 1],
      [120, 1],
    ]);
    play(connection, [[130, 1]], 'client_to_target');
    expect(faults[0]!.fired).toBe(1);
    play(connection, [[600, 1]]);
    expect(faults[0]!.fired).toBe(1);
    finish(connection);
    expect(connection.times('client_to_target')).toEqual([[150, 1]]);
  });

  it('has the share of time off that its distributions say', () => {
    const connection = through({ outage: { on: 'exponential(90ms)', off: 'exponential(10ms)' } });
    let late = 0;
    for (let ms = 0; ms < 200_000; ms++) {
      connection.scheduler.advanceTo(ms * 1e6);
      const before = connection.arrivals[down].length;
      connection.down.write(new Uint8Array(1));
      if (connection.arrivals[down].length === before) late++;
    }
    expect(late / 200_000).toBeGreaterThan(0.085);
    expect(late / 200_000).toBeLessThan(0.115);
  });
});

describe('link_trace', () => {
  // Opportunities at 10, 20, 20 and 50 ms, again and again: 60, 70, 70, 100 …
  const trace = { link_trace: { file: 'x', start: '0ms' } };

  it('delivers at opportunities only, up to 1500 bytes at each', () => {
    const connection = play(through(trace), [[0, 3100]]);
    connection.down.end();
    finish(connection);
    expect(opportunityBytes).toBe(1500);
    expect(connection.times(down)).toEqual([
      [10, 1500],
      [20, 1500],
      [20, 100],
    ]);
    expect(connection.ends[down]).toEqual([20]);
  });

  it('loses opportunities that nothing waits for, and starts again after the last', () => {
    const connection = finish(
      play(through(trace), [
        [20.5, 1],
        [51, 1],
        [51, 2],
        [70.5, 1],
      ]),
    );
    expect(connection.times(down)).toEqual([
      [50, 1],
      [60, 1],
      [60, 2],
      [100, 1],
    ]);
  });

  it('finds its place after a long silence', () => {
    const connection = finish(play(through(trace), [[1_000_001, 1]]));
    expect(connection.times(down)).toEqual([[1_000_010, 1]]);
  });

  it.each([
    ['ten', 'is not a time in ms'],
    ['20\n10\n', '10 comes after 20'],
    ['', 'no opportunity'],
  ])('refuses a trace with %j', (text, message) => {
    const specs = parseFaults([{ link_trace: 'x' }]);
    expect(() => makeFaults(specs, { readText: () => text, baseDirectory: '/' })).toThrow(message);
  });

  it('says which file cannot be read', () => {
    const readText = (): string => {
      throw new Error('ENOENT');
    };
    expect(() =>
      makeFaults(parseFaults([{ link_trace: 'x.down' }]), { readText, baseDirectory: '/traces' }),
    ).toThrow('/traces/x.down');
  });
});

describe('slicer', () => {
  it('cuts into pieces with gaps, one write after the other', () => {
    const connection = play(through({ slicer: { size: '4B', gap: '10ms' } }), [
      [0, 10],
      [5, 4],
    ]);
    connection.down.end();
    finish(connection);
    expect(connection.times(down)).toEqual([
      [0, 4],
      [10, 4],
      [20, 2],
      [30, 4],
    ]);
    expect(connection.ends[down]).toEqual([40]);
  });

  it('begins immediately after a pause', () => {
    const connection = finish(
      play(through({ slicer: { size: '4B', gap: '10ms' } }), [
        [0, 4],
        [50, 5],
      ]),
    );
    expect(connection.times(down)).toEqual([
      [0, 4],
      [50, 4],
      [60, 1],
    ]);
  });
});

describe('faults one after the other', () => {
  it('add up in their order', () => {
    const connection = finish(
      play(through({ bandwidth: '8kbps' }, { delay: '5ms' }), [
        [0, 10],
        [0, 10],
      ]),
    );
    expect(connection.times(down)).toEqual([
      [15, 10],
      [25, 10],
    ]);
  });
});
