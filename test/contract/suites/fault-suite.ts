/**
 * What every fault must guarantee (docs/adding-a-fault.md), on virtual time. A fault outside the
 * repository proves itself in the same way: call {@link faultSuite} with a sample of it.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { z } from 'zod';
import { eventKindReader } from '../../../src/dialect/event-kind-readers.ts';
import type { FaultDefinition, FaultEnvironment } from '../../../src/fault/definition.ts';
import type { Direction } from '../../../src/fault/direction.ts';
import type { Fault } from '../../../src/fault/fault.ts';
import { delayDefinition } from '../../../src/fault/kinds/delay.ts';
import { VirtualScheduler } from '../../../src/timer/virtual-scheduler.ts';
import { VirtualConnection } from '../../helpers/fault-path.ts';

/** Settings as users write them, without `kind`. */
export type SettingsOf<Schema extends z.ZodObject> = Omit<z.input<Schema>, 'kind'>;

/** What the suite needs to know of a fault. */
export interface FaultSample<Schema extends z.ZodObject = z.ZodObject> {
  fault: FaultDefinition<Schema>;
  /** Acts on any traffic. */
  acting: SettingsOf<Schema>;
  /** Acting ends the connection, so that `acting` cannot pass every byte on. Default false. */
  ends?: boolean;
  /** Settings to which `direction` may be added; default `acting`. Unused where there is no such key. */
  oneWay?: SettingsOf<Schema>;
  /** More settings that must pass every byte on, by what they are. */
  others?: Readonly<Record<string, SettingsOf<Schema>>>;
  /** Settings that pass every byte on, for meeting other faults; default `acting`, and none where it ends. */
  random?: fc.Arbitrary<SettingsOf<Schema>>;
  /**
   * When bytes to the client, written one by one at these times, come out with `acting`, ms; worked out
   * by hand. Absent where that is random, or said in a separate test.
   */
  times?: { written: readonly number[]; arrive: readonly number[] };
  /** The text of whatever file the settings name. */
  file?: string;
}

/** A sample whose settings the types check. */
export function faultSample<Schema extends z.ZodObject>(
  sample: FaultSample<Schema>,
): FaultSample<Schema> {
  return sample;
}

/** Where the files of a sample are found. */
export function environmentOf({ file = '' }: FaultSample): FaultEnvironment {
  return { readText: () => file, baseDirectory: '/', eventKind: eventKindReader(undefined) };
}

/** The fault of a sample with these settings. @throws ZodError where they do not fit its schema. */
export function faultWith(sample: FaultSample, settings: object): Fault {
  const { fault } = sample;
  return fault.make(fault.schema.parse({ kind: fault.kind, ...settings }), environmentOf(sample));
}

const directions = ['client_to_target', 'target_to_client'] as const;
/** Bytes to write, each with the pause before it, ms. */
export type Writes = readonly (readonly [bytes: Uint8Array, pauseMs: number])[];
export const anyWrites: fc.Arbitrary<Writes> = fc.array(
  fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 0, max: 200 })),
  { maxLength: 30 },
);
const hour = 3_600_000;

export function send(connection: VirtualConnection, sent: Writes, direction: Direction): void {
  const path = connection.path(direction);
  for (const [bytes, pauseMs] of sent) {
    connection.scheduler.advanceMs(pauseMs);
    path.write(bytes);
  }
}

export const allOf = (sent: Writes): Uint8Array =>
  Uint8Array.from(sent.flatMap(([bytes]) => [...bytes]));

export function faultSuite(sample: FaultSample): void {
  const { fault: definition, acting, ends = false, oneWay = acting, others = {} } = sample;
  const { kind, schema, keepsBytes } = definition;

  describe(`the fault ${kind}`, () => {
    const passing = [
      ...(keepsBytes && !ends ? [['acting', acting]] : []),
      ...Object.entries(others),
    ];
    describe.each(passing as [string, object][])('%s', (_, settings) =>
      keepsItsWord(() => faultWith(sample, settings)),
    );

    it('counts that it acted, and only then', () => {
      const fault = faultWith(sample, acting);
      const connection = new VirtualConnection([fault]);
      connection.scheduler.advanceMs(1);
      expect(fault.fired).toBe(0);
      for (let i = 0; i < 30; i++) connection.down.write(new Uint8Array(20));
      connection.scheduler.advanceMs(hour);
      expect(fault.fired).toBeGreaterThan(0);
    });

    const { times } = sample;
    if (times) {
      it('lets bytes out at the times that were worked out by hand', () => {
        const connection = new VirtualConnection([faultWith(sample, acting)]);
        for (const ms of times.written) {
          connection.scheduler.advanceTo(ms * 1e6);
          connection.down.write(Uint8Array.of(1));
        }
        connection.scheduler.advanceMs(hour);
        expect(connection.times('target_to_client').map(([ms]) => ms)).toEqual(times.arrive);
      });
    }

    if ('direction' in schema.shape && !ends)
      it('leaves the other direction alone', () => {
        const fault = faultWith(sample, { ...oneWay, direction: 'down' });
        const connection = new VirtualConnection([fault]);
        connection.scheduler.advanceMs(1);
        for (const direction of directions) {
          connection.path(direction).write(new Uint8Array(20));
          connection.path(direction).write(new Uint8Array(20));
        }
        const untouched = [
          [1, 20],
          [1, 20],
        ];
        expect(connection.times('client_to_target')).toEqual(untouched);
        connection.scheduler.advanceMs(hour);
        const down = connection.times('target_to_client');
        expect([down, connection.bytes('target_to_client').some((byte) => byte !== 0)]).not.toEqual(
          [untouched, false],
        );
      });

    it('has an example that is right, in the form that documentation shows', () => {
      const written = parseYaml(definition.example) as unknown;
      const settings =
        typeof written === 'object' && written !== null
          ? written
          : { [definition.short ?? 'no short form']: written };
      expect(() => schema.parse({ kind, ...settings })).not.toThrow();
    });

    it('describes itself and every key, and its short form is a key', () => {
      expect(schema.shape['kind']).toMatchObject({ value: kind });
      expect(definition.short === undefined || definition.short in schema.shape).toBe(true);
      for (const text of [definition.summary, definition.models]) expect(text).toMatch(/.[^.]$/);
      for (const [key, value] of Object.entries(schema.shape)) {
        if (key !== 'kind') expect((value as z.ZodType).description, key).toBeTruthy();
      }
    });
  });
}

/** For settings that pass every byte on. */
function keepsItsWord(make: () => Fault): void {
  it('passes every byte on once, in order, and then the end; no timer is left', () => {
    fc.assert(
      fc.property(anyWrites, fc.constantFrom(...directions), (sent, direction) => {
        const connection = new VirtualConnection([make()]);
        send(connection, sent, direction);
        connection.up.end();
        connection.down.end();
        connection.scheduler.advanceMs(hour);
        expect(connection.bytes(direction)).toEqual(allOf(sent));
        expect(connection.ends.client_to_target).toHaveLength(1);
        expect(connection.ends.target_to_client).toHaveLength(1);
        const last = connection.arrivals[direction].at(-1);
        if (last) expect(connection.ends[direction][0]).toBeGreaterThanOrEqual(last.atMs);
        expect(connection.path(direction).held).toBe(0);
        expect(connection.timers).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps connections and directions apart', () => {
    const scheduler = new VirtualScheduler();
    const faults = [make()];
    const connections = [1, 2].map((number) => {
      const connection = new VirtualConnection(faults, { seed: String(number), scheduler });
      connection.up.write(Uint8Array.of(number, number));
      connection.down.write(Uint8Array.of(number + 10));
      return connection;
    });
    scheduler.advanceMs(hour);
    expect(
      connections.map((each) => [
        [...each.bytes('client_to_target')],
        [...each.bytes('target_to_client')],
      ]),
    ).toEqual([
      [[1, 1], [11]],
      [[2, 2], [12]],
    ]);
  });

  it('does not end what was not ended', () => {
    const connection = new VirtualConnection([make()]);
    connection.down.write(Uint8Array.of(1));
    connection.scheduler.advanceMs(hour);
    expect(connection.ends).toEqual({ client_to_target: [], target_to_client: [] });
  });

  it('does the same again with the same seed', () => {
    fc.assert(
      fc.property(anyWrites, fc.constantFrom(...directions), (sent, direction) => {
        const [one, two] = [0, 1].map(() => {
          const connection = new VirtualConnection([make()]);
          send(connection, sent, direction);
          connection.path(direction).end();
          connection.scheduler.advanceMs(hour);
          return [connection.times(direction), connection.ends];
        });
        expect(one).toEqual(two);
      }),
      { numRuns: 30 },
    );
  });

  it('leaves no timer when the connection goes in the middle', () => {
    const connection = new VirtualConnection([make()]);
    send(connection, [[new Uint8Array(5000), 5]], 'target_to_client');
    send(connection, [[new Uint8Array(5000), 5]], 'client_to_target');
    connection.up.close();
    connection.down.close();
    expect(connection.timers).toBe(0);
    const before = connection.times('target_to_client');
    connection.scheduler.advanceMs(hour);
    expect(connection.times('target_to_client')).toEqual(before);
  });

  it('gives way to other faults in the middle, without losing or reordering a byte', () => {
    const delay = delayDefinition.make(
      { kind: 'delay', one_way: '3ms' },
      { readText: () => '', baseDirectory: '/', eventKind: eventKindReader(undefined) },
    );
    fc.assert(
      fc.property(
        anyWrites,
        anyWrites,
        fc.constantFrom(...directions),
        (first, second, direction) => {
          const connection = new VirtualConnection([make()]);
          send(connection, first, direction);
          connection.path(direction).replace([delay, make()]);
          send(connection, second, direction);
          connection.path(direction).replace([]);
          connection.path(direction).write(Uint8Array.of(99));
          connection.path(direction).end();
          connection.scheduler.advanceMs(hour);
          expect(connection.bytes(direction)).toEqual(
            allOf([...first, ...second, [Uint8Array.of(99), 0]]),
          );
          expect(connection.ends[direction]).toHaveLength(1);
          expect(connection.path(direction).held).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });
}
