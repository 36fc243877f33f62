/** Random faults, one behind the other, under random traffic both ways, on virtual time. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Fault } from '../../src/fault/fault.ts';
import { makeFaults } from '../../src/fault/registry.ts';
import { faultWith, type FaultSample } from '../contract/suites/fault-suite.ts';
import { VirtualConnection } from '../helpers/fault-path.ts';
import { samplesIn } from '../helpers/samples.ts';

const samples = (await samplesIn<FaultSample>('faults')).map(([, sample]) => sample);

/** A fault of any kind that keeps bytes. */
const keeping = fc.oneof(
  ...samples
    .filter(({ fault, ends, random }) => fault.keepsBytes && (!ends || random !== undefined))
    .map((sample) =>
      (sample.random ?? fc.constant(sample.acting)).map((settings) => ({ sample, settings })),
    ),
);
type Drawn = typeof keeping extends fc.Arbitrary<infer One> ? One : never;

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

function run(
  drawn: readonly Drawn[],
  writes: [boolean, number, number][],
  before: readonly Fault[] = [],
): VirtualConnection {
  const faults = drawn.map(({ sample, settings }) => faultWith(sample, settings));
  const connection = new VirtualConnection([...before, ...faults]);
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
      // What asked the source to stop has let it continue.
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
        const cut = makeFaults([{ kind: 'disconnect', how, after: { bytes: `${bytes}B` } }], {
          readText: () => '',
          baseDirectory: '/',
        });
        const connection = run(specs, writes, cut);
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
