/** What every fault must guarantee: the suite for each sample in samples/faults/; and what some promise in addition. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventKindReader } from '../../src/dialect/event-kind-readers.ts';
import { profileFaults } from '../../src/fault/network/network.ts';
import { networkProfileNames } from '../../src/fault/network/profiles.ts';
import { faultKinds, makeFaults, parseFaults, type FaultSpec } from '../../src/fault/registry.ts';
import { VirtualConnection } from '../helpers/fault-path.ts';
import { samplesIn } from '../helpers/samples.ts';
import { allOf, anyWrites, faultSuite, send, type FaultSample } from './suites/fault-suite.ts';

const samples = await samplesIn<FaultSample>('faults');

it('has a sample of every fault', () => {
  expect(samples.map(([, { fault }]) => fault.kind).sort()).toEqual([...faultKinds].sort());
});

for (const [, sample] of samples) faultSuite(sample);

const hour = 3_600_000;
const make = (specs: readonly FaultSpec[]) =>
  makeFaults(specs, {
    readText: () => '',
    baseDirectory: '/',
    eventKind: eventKindReader(undefined),
  });

it('keeps bytes through every named network', () => {
  for (const name of networkProfileNames) {
    const faults = make(parseFaults(profileFaults(name)));
    const connection = new VirtualConnection(faults);
    const sent = Array.from({ length: 40 }, (_, i) => [new Uint8Array(300).fill(i), 20] as const);
    send(connection, sent, 'target_to_client');
    connection.down.end();
    connection.scheduler.advanceMs(hour);
    expect(connection.bytes('target_to_client'), name).toEqual(allOf(sent));
  }
});

describe('bytes are changed or lost only by those that say so', () => {
  it('corrupt keeps the length and changes one byte of each write', () => {
    fc.assert(
      fc.property(anyWrites, (sent) => {
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
      fc.property(anyWrites, (sent) => {
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
