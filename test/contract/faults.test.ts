/**
 * What every fault must guarantee (docs/adding-a-fault.md), on virtual time. A new fault is one line in
 * the table.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { delayFault } from '../../src/fault/delay.ts';
import type { Direction, Fault, Pipe } from '../../src/fault/fault.ts';
import { seededRng } from '../../src/random/rng.ts';
import { VirtualScheduler } from '../../src/timer/virtual-scheduler.ts';

/** Faults that promise to change no byte, with settings of every kind. */
const faithful: [name: string, make: () => Fault][] = [
  ['delay of 0 ms', () => delayFault(0)],
  ['delay of 40 ms', () => delayFault(40)],
];

interface Far {
  bytes: number[];
  ends: number;
  /** Bytes that came after the end. */
  late: number;
}

function connect(
  fault: Fault,
  scheduler: VirtualScheduler,
  direction: Direction,
): { pipe: Pipe; far: Far } {
  const far: Far = { bytes: [], ends: 0, late: 0 };
  const pipe = fault.pipe({
    direction,
    rng: seededRng(`contract/${direction}`),
    now: () => scheduler.now(),
    connection: {},
    schedule: (atNs, action) => scheduler.at(atNs, action),
    forward(bytes) {
      far.bytes.push(...bytes);
      if (far.ends > 0) far.late += bytes.length;
    },
    forwardEnd() {
      far.ends += 1;
    },
    backPressure() {
      // The sources here write what they are told to, whether asked to stop or not.
    },
    discard: (count) => expect.unreachable(`dropped ${count} bytes`),
    endConnection: (how) => expect.unreachable(`ended the connection by ${how}`),
  });
  return { pipe, far };
}

const directions = ['client_to_target', 'target_to_client'] as const;
/** Writes with the pause before each, ms. */
const writes = fc.array(
  fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 0, max: 200 })),
  { maxLength: 30 },
);

describe.each(faithful)('%s', (_, make) => {
  it('passes every byte on once, in order, and then the end', () => {
    fc.assert(
      fc.property(writes, fc.constantFrom(...directions), (sent, direction) => {
        const scheduler = new VirtualScheduler();
        const { pipe, far } = connect(make(), scheduler, direction);
        for (const [bytes, pauseMs] of sent) {
          scheduler.advanceMs(pauseMs);
          pipe.write(bytes);
        }
        pipe.end();
        scheduler.advanceMs(3_600_000);
        expect(far).toEqual({ bytes: sent.flatMap(([bytes]) => [...bytes]), ends: 1, late: 0 });
      }),
    );
  });

  it('keeps connections and directions apart', () => {
    const scheduler = new VirtualScheduler();
    const fault = make();
    const ends = [1, 2, 3, 4].map((byte, i) => {
      const { pipe, far } = connect(fault, scheduler, directions[i % 2] ?? 'client_to_target');
      pipe.write(Uint8Array.of(byte, byte));
      return far;
    });
    scheduler.advanceMs(3_600_000);
    expect(ends.map((far) => far.bytes)).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
    ]);
  });

  it('does not end what was not ended', () => {
    const scheduler = new VirtualScheduler();
    const { pipe, far } = connect(make(), scheduler, 'target_to_client');
    pipe.write(Uint8Array.of(1));
    scheduler.advanceMs(3_600_000);
    expect(far.ends).toBe(0);
  });

  it('counts that it acted, and only then', () => {
    const scheduler = new VirtualScheduler();
    const fault = make();
    const { pipe } = connect(fault, scheduler, 'client_to_target');
    expect(fault.fired).toBe(0);
    pipe.write(Uint8Array.of(1));
    scheduler.advanceMs(3_600_000);
    expect(fault.fired).toBeGreaterThan(0);
  });
});

it('a delay is exact, and the same for bytes and for the end', () => {
  const scheduler = new VirtualScheduler();
  const { pipe, far } = connect(delayFault(40), scheduler, 'target_to_client');
  pipe.write(Uint8Array.of(7));
  pipe.end();
  scheduler.advanceMs(39.999);
  expect(far).toEqual({ bytes: [], ends: 0, late: 0 });
  scheduler.advanceMs(0.001);
  expect(far).toEqual({ bytes: [7], ends: 1, late: 0 });
});
