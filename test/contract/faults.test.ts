/**
 * What every fault must guarantee (docs/adding-a-fault.md), on virtual time. A new fault is one line in
 * the table.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventKindReader } from '../../src/dialect/event-kind.ts';
import { parse as parseYaml } from 'yaml';

import type { Direction } from '../../src/fault/fault.ts';
import {
  definitionOf,
  expandFault,
  faultKinds,
  makeFaults,
  parseFaults,
  type FaultSpec,
} from '../../src/fault/registry.ts';
import { profileFaults } from '../../src/fault/network/network.ts';
import { networkProfileNames } from '../../src/fault/network/profiles.ts';
import { VirtualScheduler } from '../../src/timer/virtual-scheduler.ts';
import { VirtualConnection } from '../helpers/fault-path.ts';

const trace = '0\n7\n7\n31\n50\n';
const environment = {
  readText: () => trace,
  baseDirectory: '/',
  eventKind: eventKindReader(undefined),
};
const make = (specs: readonly FaultSpec[]) => makeFaults(specs, environment);

/** Settings of every kind, in the short form; the first of each must act on any traffic. */
const settings: [name: string, fault: unknown][] = [
  ['delay', { delay: '40ms' }],
  ['delay of nothing', { delay: '0ms' }],
  ['delay one way', { delay: { one_way: '40ms', direction: 'up' } }],
  ['jitter', { jitter: 'uniform(1ms, 30ms)' }],
  ['heavy-tailed jitter', { jitter: 'pareto(2ms, 1.1)' }],
  ['bandwidth', { bandwidth: { rate: '64kbps', queue: '100B' } }],
  ['uneven bandwidth', { bandwidth: { up: '10kbps', down: '1Gbps' } }],
  ['shared bandwidth', { bandwidth: { rate: '64kbps', per: 'relay' } }],
  ['loss', { loss: { rate: '30%', rtt: '50ms' } }],
  ['bursty loss', { loss: { burst: { good: '200ms', bad: '100ms' }, rtt: '20ms' } }],
  ['loss, sent twice', { loss: { rate: '30%', rtt: '50ms', repair: 'duplicate' } }],
  ['loss, sent along', { loss: { rate: '30%', rtt: '50ms', repair: 'piggyback' } }],
  ['outage', { outage: { on: '0ms', off: 'uniform(50ms, 400ms)' } }],
  ['shared outage', { outage: { on: 'exponential(50ms)', off: '90ms', per: 'relay' } }],
  ['link_trace', { link_trace: { file: 'trace', start: '1ms' } }],
  ['link trace from anywhere', { link_trace: 'trace' }],
  ['slicer', { slicer: { size: 'uniform(1B, 9B)', gap: '3ms' } }],
  ['slicer without gaps', { slicer: { size: '1B', gap: '0ms' } }],
  ['disconnect that is too late', { disconnect: { how: 'rst', after: { bytes: '1MB' } } }],
  ['disconnect at a token, of what has none', { disconnect: { how: 'rst', after: { tokens: 1 } } }],
  ['disconnect before headers that do not come', { disconnect: { how: 'fin', before: 'headers' } }],
  [
    'close frame where there are no frames',
    { disconnect: { how: 'ws_close', after: { time: '9ms' } } },
  ],
  ['stream reset without streams', { disconnect: { how: 'h2_reset', after: { bytes: '9B' } } }],
  ['chunk cut without chunks', { disconnect: { how: 'cut_chunk', after: { bytes: '9B' } } }],
  ['final chunk withheld where there is none', { disconnect: { how: 'no_final_chunk' } }],
  ['disconnect of nobody', { disconnect: { how: 'fin', after: { time: '1ms' }, of: '0%' } }],
];

const directions = ['client_to_target', 'target_to_client'] as const;
/** Writes with the pause before each, ms. */
const writes = fc.array(
  fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 0, max: 200 })),
  { maxLength: 30 },
);
type Writes = [bytes: Uint8Array, pauseMs: number][];
const hour = 3_600_000;

function send(connection: VirtualConnection, sent: Writes, direction: Direction): void {
  const path = connection.path(direction);
  for (const [bytes, pauseMs] of sent) {
    connection.scheduler.advanceMs(pauseMs);
    path.write(bytes);
  }
}

const all = (sent: Writes): Uint8Array => Uint8Array.from(sent.flatMap(([bytes]) => [...bytes]));

it('has settings of every kind that keeps bytes', () => {
  const keeping = faultKinds.filter((kind) => definitionOf(kind).keepsBytes);
  const tried = new Set(settings.map(([, fault]) => (expandFault(fault) as FaultSpec).kind));
  expect([...tried].sort()).toEqual([...keeping].sort());
});

describe.each(settings)('%s', (_, fault) => {
  const specs = parseFaults([fault]);

  it('passes every byte on once, in order, and then the end; no timer is left', () => {
    fc.assert(
      fc.property(writes, fc.constantFrom(...directions), (sent, direction) => {
        const connection = new VirtualConnection(make(specs));
        send(connection, sent, direction);
        connection.up.end();
        connection.down.end();
        connection.scheduler.advanceMs(hour);
        expect(connection.bytes(direction)).toEqual(all(sent));
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
    const faults = make(specs);
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
    const connection = new VirtualConnection(make(specs));
    connection.down.write(Uint8Array.of(1));
    connection.scheduler.advanceMs(hour);
    expect(connection.ends).toEqual({ client_to_target: [], target_to_client: [] });
  });

  it('does the same again with the same seed', () => {
    fc.assert(
      fc.property(writes, fc.constantFrom(...directions), (sent, direction) => {
        const [one, two] = [0, 1].map(() => {
          const connection = new VirtualConnection(make(specs));
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
    const connection = new VirtualConnection(make(specs));
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
    fc.assert(
      fc.property(writes, writes, fc.constantFrom(...directions), (first, second, direction) => {
        const connection = new VirtualConnection(make(specs));
        send(connection, first, direction);
        connection.path(direction).replace(make(parseFaults([{ delay: '3ms' }, fault])));
        send(connection, second, direction);
        connection.path(direction).replace([]);
        connection.path(direction).write(Uint8Array.of(99));
        connection.path(direction).end();
        connection.scheduler.advanceMs(hour);
        expect(connection.bytes(direction)).toEqual(
          all([...first, ...second, [Uint8Array.of(99), 0]]),
        );
        expect(connection.ends[direction]).toHaveLength(1);
        expect(connection.path(direction).held).toBe(0);
      }),
      { numRuns: 40 },
    );
  });
});

const acting = settings.filter(([name]) => (faultKinds as string[]).includes(name));
it.each([
  ...acting,
  ['disconnect', { disconnect: { how: 'rst', after: { bytes: '9B' } } }],
  ['corrupt', { corrupt: '100%' }],
  ['drop_bytes', { drop_bytes: '100%' }],
])('%s counts that it acted, and only then', (_, fault) => {
  const [made] = make(parseFaults([fault]));
  const connection = new VirtualConnection([made!]);
  connection.scheduler.advanceMs(1);
  expect(made!.fired).toBe(0);
  for (let i = 0; i < 30; i++) connection.down.write(new Uint8Array(20));
  connection.scheduler.advanceMs(hour);
  expect(made!.fired).toBeGreaterThan(0);
});

describe.each(faultKinds)('the documentation of %s', (kind) => {
  const { example, short, schema } = definitionOf(kind);

  it('has an example that is right', () => {
    expect(parseFaults([parseYaml(`${kind}: ${example}`)])).toHaveLength(1);
  });

  it('describes every key, and its short form is a key', () => {
    expect(short === undefined || short in schema.shape).toBe(true);
    for (const [key, value] of Object.entries(schema.shape)) {
      if (key !== 'kind') expect(value.description, `${kind}.${key}`).toBeTruthy();
    }
  });
});

it.each([
  ...acting.filter(([name]) => !['bandwidth'].includes(name)),
  ['bandwidth', { bandwidth: { rate: '9kbps' } }],
  ['corrupt', { corrupt: '100%' }],
  ['drop_bytes', { drop_bytes: '100%' }],
])('%s in one direction leaves the other alone', (_, fault) => {
  const spec = expandFault(fault) as Record<string, unknown>;
  if (spec['kind'] === 'delay') Object.assign(spec, { rtt: undefined, one_way: '9ms' });
  const connection = new VirtualConnection(make(parseFaults([{ ...spec, direction: 'down' }])));
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
  expect([down, connection.bytes('target_to_client').some((byte) => byte !== 0)]).not.toEqual([
    untouched,
    false,
  ]);
});

it('keeps bytes through every named network', () => {
  for (const name of networkProfileNames) {
    const faults = make(parseFaults(profileFaults(name)));
    const connection = new VirtualConnection(faults);
    const sent: Writes = Array.from({ length: 40 }, (_, i) => [new Uint8Array(300).fill(i), 20]);
    send(connection, sent, 'target_to_client');
    connection.down.end();
    connection.scheduler.advanceMs(hour);
    expect(connection.bytes('target_to_client'), name).toEqual(all(sent));
  }
});

describe('bytes are changed or lost only by those that say so', () => {
  it('corrupt keeps the length and changes one byte of each write', () => {
    fc.assert(
      fc.property(writes, (sent) => {
        const connection = new VirtualConnection(make(parseFaults([{ corrupt: '100%' }])));
        send(connection, sent, 'target_to_client');
        connection.down.end();
        for (const [index, { bytes }] of connection.arrivals.target_to_client.entries()) {
          const original = sent[index]![0];
          expect(bytes).toHaveLength(original.length);
          expect([...bytes].filter((byte, i) => byte !== original[i])).toHaveLength(1);
        }
        expect(connection.arrivals.target_to_client).toHaveLength(sent.length);
        expect(connection.ends.target_to_client).toHaveLength(1);
      }),
    );
  });

  it('drop_bytes deletes the bytes it is told to, in a row, and holds none', () => {
    fc.assert(
      fc.property(writes, (sent) => {
        const faults = make(parseFaults([{ drop_bytes: { share: '100%', size: '3B' } }]));
        const connection = new VirtualConnection(faults);
        for (const [bytes] of sent) {
          const before = connection.bytes('target_to_client').length;
          connection.down.write(bytes);
          const got = [...connection.bytes('target_to_client')].slice(before);
          expect(got).toHaveLength(Math.max(0, bytes.length - 3));
          const cuts = got.map((_, at) => [...bytes.subarray(0, at), ...bytes.subarray(at + 3)]);
          expect([...cuts, [...bytes.subarray(0, got.length)]]).toContainEqual(got);
        }
        expect(connection.down.held).toBe(0);
      }),
    );
  });
});
