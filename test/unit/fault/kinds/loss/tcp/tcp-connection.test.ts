/** What one lost packet costs a token stream, in closed form, on virtual time. */
import { describe, expect, it } from 'vitest';

import { delayFault } from '../../../../../../src/fault/kinds/delay.ts';
import { lossFault } from '../../../../../../src/fault/kinds/loss/loss.ts';
import { TcpConnection } from '../../../../../../src/fault/kinds/loss/tcp/tcp-connection.ts';
import { seededRng } from '../../../../../../src/random/rng.ts';
import { VirtualScheduler } from '../../../../../../src/timer/virtual-scheduler.ts';
import { virtualContext } from '../../../../../helpers/virtual-loss.ts';

interface Arrival {
  atMs: number;
  bytes: number;
}

interface Setup {
  rttMs: number;
  /** Which transmissions of data are lost, counted from 0, retransmissions included. */
  lose?: number[];
  mss?: number;
  initialWindow?: number;
  seed?: string;
}

function connect(setup: Setup) {
  const scheduler = new VirtualScheduler();
  const arrivals: Arrival[] = [];
  let endedAtMs: number | undefined;
  let transmission = 0;
  const counters = { segments: 0, retransmissions: 0, probes: 0, timeouts: 0, fastRecoveries: 0 };
  const connection = new TcpConnection({
    rttNs: setup.rttMs * 1e6,
    loss: () => ({ lost: () => setup.lose?.includes(transmission++) ?? false }),
    acknowledgementLoss: () => ({ lost: () => false }),
    jitter: undefined,
    mss: setup.mss ?? 1448,
    initialWindow: setup.initialWindow ?? 10,
    rng: seededRng(setup.seed ?? 'connection'),
    now: () => scheduler.now(),
    schedule: (atNs, action) => void scheduler.at(atNs, action),
    forward: (bytes) => arrivals.push({ atMs: scheduler.now() / 1e6, bytes: bytes.length }),
    forwardEnd: () => {
      endedAtMs = scheduler.now() / 1e6;
    },
    backPressure: () => {},
    onLoss: () => {},
    counters,
    traffic: { packets: 0, bytes: 0, streamBytes: 0 },
  });
  return { scheduler, connection, arrivals, counters, endedAtMs: () => endedAtMs };
}

/**
 * Writes one byte every `intervalMs`, loses the given transmissions and returns by how much the byte
 * that was lost first came late, beyond half a round trip.
 */
function stallOf(rttMs: number, intervalMs: number, lose: number[], seed?: string): number {
  const { scheduler, connection, arrivals } = connect({ rttMs, lose, ...(seed && { seed }) });
  const writes = 60;
  for (let i = 0; i < writes; i++) {
    scheduler.advanceTo(i * intervalMs * 1e6);
    connection.write(new Uint8Array(1));
  }
  scheduler.advanceMs(60_000);
  const lost = lose[0]!;
  let seen = 0;
  for (const { atMs, bytes } of arrivals) {
    if (seen <= lost && lost < seen + bytes) return atMs - lost * intervalMs - rttMs / 2;
    seen += bytes;
  }
  throw new Error('the byte never arrived');
}

/** A timer of the kernel fires up to one slot of its wheel late. */
const fineSlotMs = 4;
const coarseSlotMs = 32;

describe('one lost packet', () => {
  it.each([
    [10, 20],
    [20, 20],
    [50, 20],
    [100, 30],
    [50, 50],
    [100, 50],
    [50, 100],
    [10, 150],
    [150, 150],
  ])('RTT %i, a token every %i ms: late by RTT + T', (rttMs, intervalMs) => {
    expect(stallOf(rttMs, intervalMs, [20])).toBeCloseTo(rttMs + intervalMs, 6);
  });

  it.each([
    [50, 5],
    [100, 10],
    [200, 20],
    [96, 12],
    [100, 20],
  ])(
    'RTT %i, tokens every %i ms, within the reordering window: RTT + min(RTT/4, 3T), rounded up to a timer',
    (rttMs, intervalMs) => {
      const extra = stallOf(rttMs, intervalMs, [20]);
      const floor = rttMs + Math.max(intervalMs, Math.min(rttMs / 4, 3 * intervalMs));
      expect(extra).toBeGreaterThanOrEqual(floor - 1e-6);
      // The window's rest plus 2 ms of slack, rounded up to jiffies, may be beaten by the third token.
      expect(extra).toBeLessThanOrEqual(rttMs + 3 * intervalMs + 1e-6);
      expect(extra).toBeLessThanOrEqual(floor + 2 + 2 * fineSlotMs + intervalMs);
    },
  );

  it.each([
    [50, 500],
    [20, 400],
    [100, 1000],
  ])('RTT %i, a token every %i ms, slower than the timeout: SRTT + 200 ms', (rttMs, intervalMs) => {
    for (const seed of ['a', 'b', 'c', 'd']) {
      const extra = stallOf(rttMs, intervalMs, [20], seed);
      expect(extra).toBeGreaterThanOrEqual(rttMs + 200);
      expect(extra).toBeLessThanOrEqual(rttMs + 200 + fineSlotMs + coarseSlotMs);
    }
  });

  it('without a round trip: 200 to 208 ms', () => {
    for (const seed of ['a', 'b', 'c', 'd']) {
      const extra = stallOf(0, 300, [20], seed);
      expect(extra).toBeGreaterThanOrEqual(200);
      expect(extra).toBeLessThanOrEqual(208);
    }
  });

  it('resonance: tokens as far apart as the timeout cost two of them', () => {
    for (const seed of ['a', 'b', 'c', 'd']) {
      const extra = stallOf(50, 250, [20], seed);
      expect(extra).toBeGreaterThanOrEqual(2 * 250);
      expect(extra).toBeLessThanOrEqual(2 * 250 + 2 * fineSlotMs + coarseSlotMs);
    }
  });

  it('a lost retransmission costs RTT + T more where tokens still flow', () => {
    // Transmissions 20 (the token) and 24: its retransmission, after the three tokens since.
    expect(stallOf(50, 20, [20, 24])).toBeCloseTo(2 * (50 + 20), 6);
  });

  it('a lost retransmission costs a timeout more where one packet was in flight', () => {
    // Transmission 21 exposes the loss; 22 is the retransmission, and the window is one packet.
    const extra = stallOf(10, 20, [20, 22]);
    expect(extra).toBeGreaterThanOrEqual(10 + 20 + 210);
    expect(extra).toBeLessThanOrEqual(10 + 20 + 210 + 2 * fineSlotMs);
  });

  it.each([
    // With other tokens in flight the wait starts again at the last acknowledgement, RTT − T later.
    { intervalMs: 100, lastAckMs: 0 },
    { intervalMs: 20, lastAckMs: 50 - 20 },
  ])(
    'at the tail, with nothing to expose it: SRTT + 200 ms from the last acknowledgement, T $intervalMs',
    ({ intervalMs, lastAckMs }) => {
      for (const seed of ['a', 'b', 'c', 'd']) {
        const extra = stallOf(50, intervalMs, [59], seed);
        expect(extra).toBeGreaterThanOrEqual(lastAckMs + 250);
        expect(extra).toBeLessThanOrEqual(lastAckMs + 250 + fineSlotMs + coarseSlotMs);
      }
    },
  );

  it('at the tail, with the end of the stream behind it: the end exposes it', () => {
    const { scheduler, connection, arrivals, endedAtMs } = connect({ rttMs: 40, lose: [1] });
    connection.write(new Uint8Array(1));
    scheduler.advanceMs(100);
    connection.write(new Uint8Array(1));
    scheduler.advanceMs(20);
    connection.end();
    scheduler.advanceMs(2000);
    expect(arrivals).toEqual([
      { atMs: 20, bytes: 1 },
      { atMs: 120 + 40 + 20, bytes: 1 },
    ]);
    expect(endedAtMs()).toBe(180);
  });

  it.each([
    [50, 20],
    [100, 30],
    [200, 70],
    [20, 50],
  ])('RTT %i, T %i: 1 + floor((RTT + T) / T) tokens come in one burst', (rttMs, intervalMs) => {
    const { scheduler, connection, arrivals } = connect({ rttMs, lose: [20] });
    for (let i = 0; i < 60; i++) {
      scheduler.advanceTo(i * intervalMs * 1e6);
      connection.write(new Uint8Array(1));
    }
    scheduler.advanceMs(10_000);
    const bursts = arrivals.filter(({ bytes }) => bytes > 1).map(({ bytes }) => bytes);
    expect(bursts).toEqual([1 + Math.floor((rttMs + intervalMs) / intervalMs)]);
  });

  it('backs off: each further loss of the same packet doubles the wait', () => {
    const extra = stallOf(0, 10_000, [2, 3, 4, 5]);
    // Probe after 200, timeouts after 200, 400, 800 ms.
    expect(extra).toBeGreaterThanOrEqual(1600);
    expect(extra).toBeLessThanOrEqual(1600 * 1.1);
  });

  it('counts what it did', () => {
    const { scheduler, connection, counters } = connect({ rttMs: 50, lose: [20] });
    for (let i = 0; i < 40; i++) {
      scheduler.advanceTo(i * 20e6);
      connection.write(new Uint8Array(1));
    }
    scheduler.advanceMs(5000);
    expect(counters).toEqual({
      segments: 40,
      retransmissions: 1,
      probes: 0,
      timeouts: 0,
      fastRecoveries: 1,
    });
  });
});

describe('the window', () => {
  it('coalesces writes that had to wait', () => {
    const { scheduler, connection, arrivals } = connect({ rttMs: 100, initialWindow: 1 });
    for (const atMs of [0, 10, 20]) {
      scheduler.advanceTo(atMs * 1e6);
      connection.write(new Uint8Array(10));
    }
    scheduler.advanceMs(1000);
    expect(arrivals).toEqual([
      { atMs: 50, bytes: 10 },
      { atMs: 150, bytes: 20 },
    ]);
  });

  it('splits what is larger than a segment, and sends only as much as the window allows', () => {
    const { scheduler, connection, arrivals } = connect({
      rttMs: 100,
      mss: 1000,
      initialWindow: 2,
    });
    connection.write(new Uint8Array(3500));
    scheduler.advanceMs(1000);
    expect(arrivals).toEqual([
      { atMs: 50, bytes: 1000 },
      { atMs: 50, bytes: 1000 },
      { atMs: 150, bytes: 1000 },
      { atMs: 150, bytes: 500 },
    ]);
  });
});

describe('without loss', () => {
  it('a token stream is delayed as by a plain delay, to the nanosecond', () => {
    const rng = seededRng('pauses');
    const pauses = Array.from({ length: 300 }, () => rng() * 400);
    const run = (
      make: typeof delayFault | ((oneWayMs: number) => ReturnType<typeof lossFault>),
    ) => {
      const scheduler = new VirtualScheduler();
      const seen: [number, number][] = [];
      const pipe = make(35).pipe(
        virtualContext(
          scheduler,
          'plain',
          (bytes) => seen.push([scheduler.now(), bytes.length]),
          () => seen.push([scheduler.now(), -1]),
        ),
      );
      for (const [index, pause] of pauses.entries()) {
        scheduler.advanceMs(pause);
        pipe.write(new Uint8Array(1 + (index % 200)));
      }
      scheduler.advanceMs(20);
      pipe.end();
      scheduler.advanceMs(5000);
      return seen;
    };
    const lossless = (oneWayMs: number) =>
      lossFault({ rttMs: 2 * oneWayMs, process: { kind: 'bernoulli', p: 0 } });
    const seen = run(lossless);
    expect(seen).toEqual(run(delayFault));
    expect(seen).toHaveLength(301);
  });
});
