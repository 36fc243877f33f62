/** Random faults, one behind the other, under random traffic both ways, on virtual time. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { makeFaults, parseFaults } from '../../src/fault/registry.ts';
import { VirtualConnection } from '../helpers/fault-path.ts';

const ms = (max: number) => fc.integer({ min: 0, max }).map((value) => `${value}ms`);
const direction = fc.constantFrom('both', 'up', 'down');
const spread = fc.oneof(
  ms(60),
  ms(40).map((mean) => `exponential(${mean})`),
  fc.tuple(fc.nat(20), fc.nat(40)).map(([low, more]) => `uniform(${low}ms, ${low + more}ms)`),
  fc.constant('lognormal(8ms, 0.9)'),
  fc.constant('pareto(1ms, 1.5)'),
);

const keeping = fc.oneof(
  fc.record({ kind: fc.constant('delay'), one_way: ms(80), direction }),
  fc.record({ kind: fc.constant('jitter'), extra: spread, direction }),
  fc.record({
    kind: fc.constant('bandwidth'),
    rate: fc.integer({ min: 20, max: 5000 }).map((kbps) => `${kbps}kbps`),
    queue: fc.integer({ min: 1, max: 5000 }).map((bytes) => `${bytes}B`),
    per: fc.constantFrom('connection', 'relay'),
    direction,
  }),
  fc.record({ kind: fc.constant('outage'), on: spread, off: spread, direction }),
  fc.record({
    kind: fc.constant('loss'),
    rtt: ms(100),
    rate: fc.integer({ min: 0, max: 20 }).map((percent) => `${percent}%`),
    direction,
  }),
  fc.record({ kind: fc.constant('link_trace'), file: fc.constant('x'), direction }),
  fc.record({
    kind: fc.constant('slicer'),
    size: fc.constantFrom('1B', '7B', 'uniform(1B, 300B)'),
    gap: ms(3),
    direction,
  }),
  fc.record({
    kind: fc.constant('disconnect'),
    how: fc.constantFrom('fin', 'rst', 'black_hole'),
    after: fc.constant({ bytes: '1GB' }),
  }),
);

const environment = { readText: () => '0\n3\n3\n20\n21\n', baseDirectory: '/' };
const stacks = fc.array(keeping, { minLength: 1, maxLength: 5 });
/** Which way, how many bytes, after which pause in ms. */
const traffic = fc.array(
  fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 4000 }), fc.integer({ min: 0, max: 120 })),
  { maxLength: 25 },
);

/** Bytes that name their place in the stream, so that loss and disorder are seen. */
function numbered(from: number, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => ((from + i) * 2_654_435_761) >>> 24);
}

function run(specs: unknown[], writes: [boolean, number, number][]): VirtualConnection {
  const connection = new VirtualConnection(makeFaults(parseFaults(specs), environment));
  const sent = { up: 0, down: 0 };
  for (const [up, count, pauseMs] of writes) {
    connection.scheduler.advanceMs(pauseMs);
    const way = up ? 'up' : 'down';
    connection[way].write(numbered(sent[way], count));
    sent[way] += count;
  }
  connection.up.end();
  connection.down.end();
  connection.scheduler.advanceMs(36_000_000);
  return connection;
}

it('every byte comes out once, in order, both ways, the end last, and nothing is left behind', () => {
  fc.assert(
    fc.property(stacks, traffic, (specs, writes) => {
      const connection = run(specs, writes);
      for (const [way, direction] of [
        ['up', 'client_to_target'],
        ['down', 'target_to_client'],
      ] as const) {
        const count = writes
          .filter(([up]) => up === (way === 'up'))
          .reduce((sum, [, bytes]) => sum + bytes, 0);
        expect(Buffer.from(connection.bytes(direction)).equals(numbered(0, count))).toBe(true);
        expect(connection.ends[direction]).toHaveLength(1);
        const last = connection.arrivals[direction].at(-1);
        if (last) expect(connection.ends[direction][0]).toBeGreaterThanOrEqual(last.atMs);
        expect(connection[way].held).toBe(0);
      }
      expect(connection.timers).toBe(0);
      // What asked the source to stop has let it go on.
      expect(connection.backPressure.at(-1)?.on ?? false).toBe(false);
    }),
    { numRuns: 150 },
  );
});

it('the same seed makes the same run', () => {
  fc.assert(
    fc.property(stacks, traffic, (specs, writes) => {
      const [one, two] = [run(specs, writes), run(specs, writes)];
      for (const direction of ['client_to_target', 'target_to_client'] as const) {
        expect(one.times(direction)).toEqual(two.times(direction));
      }
      expect(one.ends).toEqual(two.ends);
    }),
    { numRuns: 60 },
  );
});

it('a cut after N bytes lets exactly N pass, through whatever comes behind it', () => {
  fc.assert(
    fc.property(
      stacks,
      traffic,
      fc.integer({ min: 0, max: 9000 }),
      fc.constantFrom('fin', 'rst'),
      (specs, writes, bytes, how) => {
        const cut = { kind: 'disconnect', how, after: { bytes: `${bytes}B` } };
        const connection = run([cut, ...specs], writes);
        const sent = writes.filter(([up]) => !up).reduce((sum, [, count]) => sum + count, 0);
        const passed = connection.bytes('target_to_client');
        expect(Buffer.from(passed).equals(numbered(0, Math.min(sent, bytes)))).toBe(true);
        expect(connection.ends.target_to_client).toHaveLength(1);
        expect(connection.endings).toHaveLength(sent > 0 && sent >= bytes ? 1 : 0);
      },
    ),
    { numRuns: 100 },
  );
});
