import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { StreamgaugeErrors } from '../../../src/errors.ts';
import { profileFaults } from '../../../src/fault/network/network.ts';
import { networkProfileNames, networkProfiles } from '../../../src/fault/network/profiles.ts';
import {
  describeFault,
  faultKinds,
  faultSchema,
  makeFaults,
  neverFired,
  parseFaults,
} from '../../../src/fault/registry.ts';
import { VirtualConnection } from '../../helpers/fault-path.ts';
import { parseBitRate } from '../../../src/settings/units.ts';

function problems(value: unknown): string[] {
  try {
    parseFaults(value);
  } catch (error) {
    if (!(error instanceof StreamgaugeErrors)) throw error;
    return error.errors.map(({ message, hints }) => [message, ...hints].join(' | '));
  }
  return [];
}

describe('reading faults', () => {
  it('takes the full form and both short ones', () => {
    const full = { kind: 'delay', one_way: '25ms' };
    expect(parseFaults([full, { delay: { one_way: '25ms' } }, { delay: '25ms' }])).toEqual([
      full,
      full,
      full,
    ]);
  });

  it.each<[value: unknown, says: string]>([
    [[{ delya: '5ms' }], 'not "delya" | did you mean "delay"?'],
    [[{ delay: 5 }], '"5" is not a duration such as 250ms'],
    [[{ delay: { rtt: '5ms', one_way: '2ms' } }], 'only one of one_way or rtt may be given'],
    [[{ delay: { rtt: '5ms', direction: 'up' } }], 'a round trip goes both ways'],
    [[{ delay: {} }], 'one of one_way or rtt is needed'],
    [[{ jitter: 'normal(5ms)' }], 'normal(…) takes 2 parameters'],
    [[{ bandwidth: '1.6' }], 'is not a bit rate'],
    [[{ bandwidth: '0kbps' }], 'above 0'],
    [[{ bandwidth: { rate: '1Mbps', up: '1Mbps' } }], 'not both'],
    [[{ bandwidth: { up: '1Mbps', direction: 'up' } }], 'already name a direction'],
    [[{ loss: { rate: '120%', rtt: '5ms' } }], 'between 0% and 100%'],
    [[{ loss: { rate: '2%' } }], '"rtt" is missing'],
    [[{ outage: '5s' }], '"on" is missing'],
    [[{ slicer: '5' }], 'is not a size'],
    [[{ disconnect: { how: 'rts', before: 'first_byte' } }], 'did you mean "rst"?'],
    [[{ disconnect: { how: 'rst' } }], 'after, before or inside is needed'],
    [[{ disconnect: { how: 'rst', after: {} } }], 'exactly one of bytes, tokens, events'],
    [[{ disconnect: { how: 'rst', after: { byte: '5B' } } }], 'did you mean "bytes"?'],
    [[{ disconnect: { how: 'idle_timeout', after: { time: '5s' } } }], 'idle_timeout needs'],
    [[{ kind: 'delay' }, {}], '"kind" is missing in faults[1] | one of: delay, jitter'],
    ['delay', 'faults must be a list'],
    [[5], 'faults[0] must be an object'],
  ])('%j: says what is wrong', (value, says) => {
    expect(problems(value).join('\n')).toContain(says);
  });

  it('does not say twice what one typing error causes', () => {
    expect(problems([{ delay: { rt: '5ms' } }])).toHaveLength(1);
  });

  it('has a schema that editors can use', () => {
    const schema = z.toJSONSchema(faultSchema) as { oneOf?: unknown[]; anyOf?: unknown[] };
    expect((schema.oneOf ?? schema.anyOf)!).toHaveLength(faultKinds.length);
  });
});

it('tells of faults that never fired', () => {
  const faults = parseFaults([
    { delay: '5ms' },
    { disconnect: { how: 'rst', after: { bytes: '1MB' } } },
  ]);
  expect(faults.map(describeFault)).toEqual([
    'delay one_way=5ms',
    'disconnect how=rst after=bytes:1MB',
  ]);
  expect(neverFired(faults, [7, 0])).toEqual([
    'fault 2 (disconnect how=rst after=bytes:1MB) never fired',
  ]);
});

describe('named networks', () => {
  it.each(networkProfileNames)(
    '%s is made of faults that can be read, and has a source',
    (name) => {
      expect(parseFaults(profileFaults(name))).toEqual(profileFaults(name));
      expect(networkProfiles[name]!.source.length).toBeGreaterThan(10);
    },
  );

  it('has the published numbers', () => {
    expect(profileFaults('lighthouse-slow-4g')).toEqual([
      { kind: 'bandwidth', down: '1600kbps', up: '750kbps' },
      { kind: 'delay', rtt: '150ms' },
    ]);
    expect(profileFaults('comcast-satellite')).toEqual([
      { kind: 'loss', rtt: '1500ms', rate: '0.2%' },
    ]);
  });

  it('gives a phone in a car outages, not loss', () => {
    const kinds = profileFaults('lte-driving').map(({ kind }) => kind);
    expect(kinds).toEqual(['bandwidth', 'outage', 'delay', 'jitter']);
  });

  // Stalls per minute of a stream with a token every 20 ms, as the traces named in the source have them.
  it.each([
    ['lte-driving', { over100: [6, 40], over500: [0.4, 4], over1000: [0.01, 1.14] }],
    ['umts-driving', { over100: [6, 11], over500: [2.5, 4], over1000: [1, 2] }],
  ] as const)('%s stalls as often as the traces it stands for', (name, expected) => {
    const outage = profileFaults(name).filter(({ kind }) => kind === 'outage');
    const connection = new VirtualConnection(
      makeFaults(outage, { readText: () => '', baseDirectory: '/' }),
    );
    const minutes = 400;
    const stalls = { over100: 0, over500: 0, over1000: 0 };
    let beforeMs = 0;
    for (let ms = 0; ms < minutes * 60_000; ms += 20) {
      connection.scheduler.advanceTo(ms * 1e6);
      connection.down.write(new Uint8Array(1));
      for (const { atMs } of connection.arrivals.target_to_client.splice(0)) {
        const gap = atMs - beforeMs;
        if (gap > 120) stalls.over100++;
        if (gap > 520) stalls.over500++;
        if (gap > 1020) stalls.over1000++;
        beforeMs = atMs;
      }
    }
    for (const [key, [low, high]] of Object.entries(expected)) {
      const rate = stalls[key as keyof typeof stalls] / minutes;
      expect(rate, key).toBeGreaterThan(low);
      expect(rate, key).toBeLessThan(high);
    }
  });

  it('helps with a mistyped name', () => {
    expect(() => profileFaults('wifi-god')).toThrow(
      expect.objectContaining({ hints: expect.arrayContaining(['did you mean "wifi-good"?']) }),
    );
    expect(() => profileFaults('toString')).toThrow('there is no network profile');
  });
});

it('reads bit rates', () => {
  expect(['768kbps', '1.6 Mbit/s', '1Gbps', '300bps'].map(parseBitRate)).toEqual([
    768_000, 1_600_000, 1e9, 300,
  ]);
  for (const wrong of ['5', '0kbps', '5KB', '-1kbps', '1MBps/s']) {
    expect(() => parseBitRate(wrong)).toThrow('is not a bit rate');
  }
});
