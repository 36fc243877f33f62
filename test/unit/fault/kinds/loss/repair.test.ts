/** Delivery that no TCP does: every packet twice, or with all that is unacknowledged. In virtual time. */
import { describe, expect, it } from 'vitest';
import type { Repair } from '../../../../../src/fault/kinds/loss/datagram/repair.ts';
import { lossFault, type LossOptions } from '../../../../../src/fault/kinds/loss/loss.ts';
import {
  describeNetwork,
  networkFaults,
  networkProblems,
  networkSchema,
} from '../../../../../src/fault/network/network.ts';
import { parseFaults } from '../../../../../src/fault/registry.ts';
import { VirtualScheduler } from '../../../../../src/timer/virtual-scheduler.ts';
import { driveLoss, virtualContext } from '../../../../helpers/virtual-loss.ts';

interface Case {
  repair: Repair;
  rttMs?: number;
  intervalMs: number;
  p: number;
}

const chunks = 2000;
const connections = 10;

/** Delays beyond half the round trip, ms, rounded to a µs. */
function delays({ repair, rttMs = 50, intervalMs, p }: Case, options: Partial<LossOptions> = {}) {
  const { extraMs, counters } = driveLoss({
    options: { rttMs, process: { kind: 'bernoulli', p }, repair, ...options },
    chunks,
    chunkBytes: 60,
    gapMs: () => intervalMs,
    connections,
    seed: 'repair',
  });
  return { extraMs: extraMs.map((value) => Math.round(value * 1000) / 1000), counters };
}

const total = chunks * connections;
const share = (values: number[], keep: (value: number) => boolean) =>
  values.filter(keep).length / values.length;

/** Within four standard deviations of a share of independent events. */
function expectShare(measured: number, expected: number, of = total): void {
  const slack = 4 * Math.sqrt((expected * (1 - expected)) / of);
  expect(measured).toBeGreaterThan(expected - slack);
  expect(measured).toBeLessThan(expected + slack);
}

describe('a token is late', () => {
  // Tokens farther apart than a timeout: none waits for another.
  const apart = { intervalMs: 1000, p: 0.1 };
  const late = (value: number) => value > 1;

  it('with probability p over TCP, and p² when sent twice', () => {
    expectShare(share(delays({ repair: 'tcp', ...apart }).extraMs, late), 0.1);
    expectShare(share(delays({ repair: 'duplicate', ...apart }).extraMs, late), 0.01);
  });

  it('until the next packet, where each carries what is unacknowledged', () => {
    // The next packet is lost as well with probability p: then the one after it, and so on.
    const { extraMs } = delays({ repair: 'piggyback', intervalMs: 80, p: 0.1 });
    expectShare(share(extraMs, late), 0.1);
    expectShare(
      share(extraMs, (value) => value === 80),
      0.1 * 0.9,
    );
    expectShare(
      share(extraMs, (value) => value === 160),
      0.01 * 0.9,
    );
    // TCP waits a round trip longer, and the tokens behind wait too.
    const tcp = delays({ repair: 'tcp', intervalMs: 80, p: 0.1 });
    expect(share(tcp.extraMs, (value) => value === 80)).toBe(0);
    expect(share(tcp.extraMs, (value) => Math.abs(value - 130) < 1)).toBeGreaterThan(0.07);
  });

  it('by the next token’s round trip, where both copies were lost', () => {
    const { extraMs } = delays({ repair: 'duplicate', intervalMs: 20, p: 0.1 });
    // RTT + T, as over TCP; those behind it wait for what is left of that.
    expectShare(
      share(extraMs, (value) => value === 70),
      0.01 * 0.99,
    );
    const waited = extraMs.filter((value) => value > 0 && value <= 70);
    expect(share(waited, (value) => [10, 30, 50, 70].includes(value))).toBeGreaterThan(0.97);
  });

  it('by a timeout, where no later packet tells', () => {
    const { extraMs, counters } = delays({ repair: 'duplicate', ...apart });
    expect(counters.timeouts).toBeGreaterThan(100);
    // Round trip and 200 ms, in jiffies of 4 ms; now and then the copies sent again are lost too.
    const first = extraMs.filter(late).filter((value) => value < 300);
    expect(Math.min(...first)).toBeGreaterThanOrEqual(250);
    expect(Math.max(...first)).toBeLessThanOrEqual(256);
    expect(first.length / extraMs.filter(late).length).toBeGreaterThan(0.95);
  });
});

describe('what it costs', () => {
  function trafficOf(options: Partial<LossOptions>, chunkBytes = 60, rttMs = 90) {
    const fault = lossFault({ rttMs, process: { kind: 'bernoulli', p: 0 }, ...options });
    const scheduler = new VirtualScheduler();
    const pipe = fault.pipe(virtualContext(scheduler, 'cost', () => {}));
    for (let i = 0; i < 1000; i++) {
      scheduler.advanceMs(20);
      pipe.write(new Uint8Array(chunkBytes));
    }
    pipe.end();
    scheduler.advanceMs(60_000);
    return fault.traffic!;
  }

  it('is nothing over TCP, where nothing is lost', () => {
    expect(trafficOf({})).toEqual({ packets: 1001, bytes: 60_000, streamBytes: 60_000 });
  });

  it('is every byte twice', () => {
    const duplicate = trafficOf({ repair: 'duplicate' });
    expect(duplicate).toEqual({ packets: 2002, bytes: 120_000, streamBytes: 60_000 });
  });

  it('is a round trip of tokens in each packet', () => {
    // Sent in the last 90 ms: four earlier tokens are in the packet of each.
    const piggyback = trafficOf({ repair: 'piggyback' });
    expect(piggyback.packets).toBe(1001);
    expect(piggyback.bytes / piggyback.streamBytes).toBeCloseTo(5, 1);
  });

  it('is bounded by what a packet holds', () => {
    const small = trafficOf({ repair: 'piggyback', mss: 150 });
    expect(small.bytes / small.streamBytes).toBeCloseTo(2, 1);
    const large = trafficOf({ repair: 'piggyback' }, 4000);
    expect(large.packets).toBe(3 * 1000 + 1);
  });

  it('counts what TCP sends again', () => {
    const lossy = trafficOf({ process: { kind: 'bernoulli', p: 0.1 } });
    expect(lossy.bytes / lossy.streamBytes).toBeGreaterThan(1.07);
    expect(lossy.bytes / lossy.streamBytes).toBeLessThan(1.16);
  });
});

describe('settings', () => {
  it('is part of a loss, and of a network with loss', () => {
    expect(networkFaults({ loss: '2%', rtt: '50ms', repair: 'piggyback' })).toEqual([
      { kind: 'loss', rtt: '50ms', rate: '2%', repair: 'piggyback' },
    ]);
    expect(describeNetwork({ profile: 'cross-continent', repair: 'duplicate' })).toContain(
      'repair=duplicate',
    );
    const keys = (network: object) =>
      networkProblems(networkSchema.parse(network)).map(({ key }) => key);
    expect(keys({ rtt: '50ms', repair: 'duplicate' })).toEqual(['repair']);
    expect(keys({ loss: '1%', repair: 'duplicate' })).toEqual([]);
    expect(keys({ profile: 'cross-continent', repair: 'duplicate' })).toEqual([]);
  });

  it('has no window to begin with', () => {
    const loss = { kind: 'loss', rtt: '5ms', rate: '1%', initial_window: 4 };
    expect(() => parseFaults([{ ...loss, repair: 'tcp' }])).not.toThrow();
    expect(() => parseFaults([{ ...loss, repair: 'duplicate' }])).toThrow(/initial_window/);
  });

  it('asks a source to wait that writes without end', () => {
    const asked: boolean[] = [];
    const scheduler = new VirtualScheduler();
    const process = { kind: 'bernoulli', p: 0.01 } as const;
    const fault = lossFault({ rttMs: 100, process, repair: 'duplicate' });
    const context = virtualContext(scheduler, 'full', () => {});
    const pipe = fault.pipe({ ...context, backPressure: (on) => asked.push(on) });
    pipe.write(new Uint8Array(200_000));
    expect(asked).toEqual([]);
    pipe.write(new Uint8Array(200_000));
    expect(asked).toEqual([true]);
    scheduler.advanceMs(60_000);
    expect(asked).toEqual([true, false]);
  });
});
