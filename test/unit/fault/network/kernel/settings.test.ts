/** What is asked of the kernel, as commands; whether it does it, the kernel driver's test shows. */
import { describe, expect, it } from 'vitest';
import {
  describeEffects,
  nftCounters,
  nftRules,
  tcCommands,
  tcCounter,
  type KernelNetwork,
} from '../../../../../src/fault/network/kernel/settings.ts';
import type { KernelSupport } from '../../../../../src/fault/network/kernel/support.ts';
import {
  describeNetwork,
  kernelNetwork,
  kernelProblems,
  networkSchema,
} from '../../../../../src/fault/network/network.ts';

const plain: KernelNetwork = {
  loss: undefined,
  rttMs: 0,
  jitter: undefined,
  downBps: undefined,
  upBps: undefined,
  queueBytes: 65_536,
};
const words = (network: Partial<KernelNetwork>, bps?: number): string[] =>
  tcCommands({ ...plain, ...network }, bps).map((command) => command.join(' '));

describe('commands', () => {
  it('draws for packets with data only, in millionths', () => {
    const rules = nftRules(0.02);
    expect(rules).toContain('numgen random mod 1000000 < 20000 counter name lost drop');
    // 20 bytes of IP, 20 of TCP: 40 is none of data, 41 is one byte. 32 of TCP with timestamps: 52.
    expect(rules).toContain('{ 5 . 41-65535, ');
    expect(rules).toContain(' 8 . 53-65535, ');
    expect(rules).toContain(' 15 . 81-65535 }');
  });

  it('asks tc for nothing where nothing is delayed or limited', () => {
    expect(words({ loss: 0.5 })).toEqual([]);
  });

  it('delays each way by half the round trip, in order', () => {
    expect(words({ rttMs: 50 })).toEqual([
      'qdisc add dev veth0 root handle 1: netem limit 1000000 delay 25ms',
    ]);
    expect(words({ rttMs: 50, jitter: { kind: 'constant', value: 1.5 } })[0]).toMatch(/26\.5ms$/);
    expect(words({ rttMs: 50, jitter: { kind: 'uniform', low: 2, high: 8 } })[0]).toMatch(
      / delay 30ms 3ms rate 100gbit$/,
    );
    expect(words({ jitter: { kind: 'normal', mean: 10, sd: 2 } })[0]).toMatch(
      / delay 10ms 2ms distribution normal rate 100gbit$/,
    );
  });

  it('limits below a delay, or alone', () => {
    expect(words({}, 8e6)).toEqual([
      'qdisc add dev veth0 root handle 10: tbf rate 8000000bit burst 3028 limit 65536',
    ]);
    expect(words({ rttMs: 10 }, 1e9)[1]).toBe(
      'qdisc add dev veth0 parent 1:1 handle 10: tbf rate 1000000000bit burst 125000 limit 65536',
    );
  });
});

describe('counters', () => {
  it('reads those of nftables by name', () => {
    const json = JSON.stringify({
      nftables: [
        { metainfo: {} },
        { counter: { name: 'data', packets: 7, bytes: 1 } },
        { counter: { name: 'lost', packets: 2, bytes: 1 } },
      ],
    });
    expect(nftCounters(json)).toEqual({ data: 7, lost: 2 });
  });

  it('reads those of tc by the kind of queue', () => {
    const text = `qdisc netem 1: root refcnt 9 limit 1000000 delay 25ms
 Sent 4242 bytes 42 pkt (dropped 0, overlimits 3 requeues 0)
 backlog 0b 0p requeues 0
qdisc tbf 10: parent 1:1 rate 8Mbit burst 3028b lat 500ms
 Sent 4242 bytes 41 pkt (dropped 0, overlimits 17 requeues 0)
`;
    expect(tcCounter(text, 'netem')).toBe(42);
    expect(tcCounter(text, 'tbf')).toBe(17);
    expect(tcCounter('qdisc noqueue 0: root refcnt 2\n', 'tbf')).toBe(0);
  });
});

describe('network: { driver: kernel }', () => {
  const all: KernelSupport = { missing: undefined, netem: true, tbf: true };
  const few: KernelSupport = { missing: undefined, netem: false, tbf: false };
  const keys = (network: object, support: KernelSupport): string[] =>
    kernelProblems(networkSchema.parse(network), () => support).map(({ key }) => key);

  it('takes the same settings as the model, and says what makes them', () => {
    const network = networkSchema.parse({
      driver: 'kernel',
      loss: '2%',
      rtt: '50ms',
      down: '8Mbps',
    });
    expect(kernelNetwork(network)).toEqual({
      ...plain,
      loss: 0.02,
      rttMs: 50,
      downBps: 8e6,
      queueBytes: 1024 ** 2,
    });
    expect(describeNetwork(network)).toBe(
      'kernel: down 8 Mbit/s (tbf), rtt 50 ms (netem), loss 2 % (nftables)',
    );
    expect(describeEffects(plain)).toBe('path between two namespaces');
    expect(describeNetwork({ driver: 'model', loss: '2%' })).toBe('model: loss rtt=0ms rate=2%');
    expect(describeNetwork({ loss: '2%' })).toBe('loss rtt=0ms rate=2%');
  });

  it('refuses what this kernel has no part for, and names the alternative', () => {
    const network = { driver: 'kernel', loss: '2%', rtt: '50ms', jitter: '2ms', down: '1Mbps' };
    expect(keys(network, all)).toEqual([]);
    expect(keys(network, few)).toEqual(['rtt', 'jitter', 'down']);
    expect(keys({ driver: 'kernel', loss: '2%' }, few)).toEqual([]);
    const [problem] = kernelProblems({ driver: 'kernel', rtt: '5ms' }, () => few);
    expect(problem!.message).toContain('sch_netem');
    expect(problem!.hints.join()).toContain('driver: model');
  });

  it('refuses what no kernel does as the model does', () => {
    expect(keys({ driver: 'kernel', burst: { good: '1s', bad: '50ms' } }, all)).toEqual(['burst']);
    expect(keys({ driver: 'kernel', outage: { on: '1s', off: '50ms' } }, all)).toEqual(['outage']);
    expect(keys({ driver: 'kernel', jitter: 'exponential(5ms)' }, all)).toEqual(['jitter']);
  });

  it('names the profile where the part is the profile’s', () => {
    const network = networkSchema.parse({ driver: 'kernel', profile: 'wifi-good' });
    const problems = kernelProblems(network, () => all);
    expect(problems.map(({ key }) => key)).toEqual(['profile']);
    expect(problems[0]!.message).toContain('jitter (part of wifi-good)');
  });

  it('says one thing only where it cannot be used at all', () => {
    const missing = { reason: 'it needs root', hint: 'run as root' };
    const network = networkSchema.parse({
      driver: 'kernel',
      rtt: '5ms',
      outage: { on: '1s', off: '1s' },
    });
    const problems = kernelProblems(network, () => ({ ...few, missing }));
    expect(problems).toEqual([
      {
        key: 'driver',
        message: 'driver: kernel cannot be used: it needs root',
        hints: ['run as root'],
      },
    ]);
  });
});
