/**
 * Packet loss as TCP turns it into delay.
 *
 * A byte stream never loses bytes: what a user of a lossy path sees is a stall, then a burst. This fault
 * runs a virtual TCP connection next to the real one, for each direction apart, and passes on the real
 * bytes when the virtual receiver could have read them. docs/network-loss.md describes the model.
 */
import { StreamgaugeError } from '../../../errors.ts';
import { type Distribution, sample } from '../../../random/distribution.ts';
import type { Rng } from '../../../random/rng.ts';
import { DatagramConnection } from './datagram/datagram-connection.ts';
import type { Repair } from './datagram/repair.ts';
import type { Fault, Pipe, PipeContext, Traffic } from '../../fault.ts';
import { defaultInitialWindow } from './tcp/congestion.ts';
import { TcpConnection } from './tcp/tcp-connection.ts';
import { createLossProcess, type LossProcessOptions, meanLoss } from './loss-process.ts';
import type { SenderCounters } from './tcp/sender.ts';

export { meanLoss, type LossProcessOptions };

export interface LossOptions {
  /** Round trip of the path, ms; half of it is added in each direction. 0 is allowed. */
  rttMs: number;
  /** Loss of the packets that carry data, in each direction. */
  process: LossProcessOptions;
  /** Loss of the acknowledgements on their way back. Default: none; they are cumulative. */
  ackLoss?: LossProcessOptions;
  /** Added to each packet's way, ms. Packets keep their order. */
  jitter?: Distribution;
  /** Largest segment, bytes. Default 1448: Ethernet, IPv4, timestamps. */
  mss?: number;
  /** Packets that may leave before the first acknowledgement. Default 10 (RFC 6928). */
  initialWindow?: number;
  /** How losses are repaired. Default `tcp`. */
  repair?: Repair;
}

export interface LossCounters extends SenderCounters {
  /** Packets lost, retransmissions and acknowledgements included. */
  lost: number;
}

export interface LossFault extends Fault {
  /** Summed over all connections and both directions. */
  counters(): LossCounters;
}

const defaultMss = 1448;

/** @throws StreamgaugeError where an option is out of its range. */
export function lossFault(options: LossOptions): LossFault {
  check(options);
  const { jitter } = options;
  const lossless = meanLoss(options.process) === 0 && !options.ackLoss;
  const totals: LossCounters = {
    lost: 0,
    segments: 0,
    retransmissions: 0,
    probes: 0,
    timeouts: 0,
    fastRecoveries: 0,
  };
  const traffic: Traffic = { packets: 0, bytes: 0, streamBytes: 0 };
  const repair = options.repair ?? 'tcp';
  return {
    // A path without loss is a plain delay, and acts on every packet.
    get fired() {
      return lossless ? traffic.packets : totals.lost;
    },
    roundTripMs: options.rttMs,
    traffic,
    counters: () => ({ ...totals }),
    pipe(context: PipeContext): Pipe {
      const common = {
        rttNs: options.rttMs * 1e6,
        loss: (rng: Rng) => createLossProcess(options.process, rng, context.now()),
        acknowledgementLoss: (rng: Rng) => createLossProcess(options.ackLoss, rng, context.now()),
        jitter: jitter && ((rng: Rng) => sample(jitter, rng) * 1e6),
        mss: options.mss ?? defaultMss,
        rng: context.rng,
        now: () => context.now(),
        schedule: (atNs: number, action: () => void) => void context.schedule(atNs, action),
        forward: (bytes: Uint8Array) => context.forward(bytes),
        forwardEnd: () => context.forwardEnd(),
        backPressure: (on: boolean) => context.backPressure(on),
        onLoss: () => void totals.lost++,
        counters: totals,
        traffic,
      };
      if (repair !== 'tcp') return new DatagramConnection({ ...common, repair });
      const initialWindow = options.initialWindow ?? defaultInitialWindow;
      return new TcpConnection({ ...common, initialWindow });
    },
  };
}

function check(options: LossOptions): void {
  const { rttMs, process, ackLoss, mss, initialWindow } = options;
  if (!(rttMs >= 0 && rttMs <= 60_000)) refuse('rttMs', rttMs, 'a round trip of 0 to 60 s');
  checkProcess('process', process);
  if (ackLoss) checkProcess('ackLoss', ackLoss);
  if (mss !== undefined && !(Number.isInteger(mss) && mss >= 1 && mss <= 65_495)) {
    refuse('mss', mss, 'a whole number of bytes from 1 to 65495');
  }
  if (initialWindow !== undefined && !(Number.isInteger(initialWindow) && initialWindow >= 1)) {
    refuse('initialWindow', initialWindow, 'a whole number of packets, at least 1');
  }
}

function checkProcess(name: string, process: LossProcessOptions): void {
  if (process.kind === 'bernoulli') {
    if (!(process.p >= 0 && process.p < 1)) {
      refuse(`${name}.p`, process.p, 'a probability of at least 0 and below 1');
    }
    return;
  }
  const { goodMs, badMs, lossGood = 0, lossBad = 1 } = process;
  if (!(goodMs > 0)) refuse(`${name}.goodMs`, goodMs, 'a mean time above 0 ms');
  if (!(badMs > 0)) refuse(`${name}.badMs`, badMs, 'a mean time above 0 ms');
  // Something must get through, or nothing would ever arrive.
  if (!(lossGood >= 0 && lossGood < 1)) {
    refuse(`${name}.lossGood`, lossGood, 'a probability of at least 0 and below 1');
  }
  if (!(lossBad >= 0 && lossBad <= 1)) refuse(`${name}.lossBad`, lossBad, 'a probability, 0 to 1');
}

function refuse(name: string, value: number, expected: string): never {
  throw new StreamgaugeError(`loss: ${name} is ${value}; expected ${expected}`, {
    code: 'loss-option',
    exit: 'scenarioInvalid',
  });
}
