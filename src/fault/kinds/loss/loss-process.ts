/**
 * When a packet is lost.
 *
 * Bernoulli losses are independent. Gilbert–Elliott losses come in bursts: the path is in a good or a
 * bad state (Gilbert 1960, Elliott 1963), each with its own loss probability. Here the state changes
 * with *time*, not with each packet. A chain that steps per packet stands still while nothing is sent,
 * so a stalled stream, which sends one retransmission per backed-off timeout, would freeze the path in
 * its bad state for minutes; real radio fades and congestion pass whether or not one sends.
 */
import type { Rng } from '../../../random/rng.ts';

export type LossProcessOptions =
  | {
      kind: 'bernoulli';
      /** Probability that a packet is lost, 0 … below 1. */
      p: number;
    }
  | {
      kind: 'gilbert_elliott';
      /** Mean time in the good state, ms; sojourns are exponential. */
      goodMs: number;
      /** Mean time in the bad state, ms. */
      badMs: number;
      /** Probability that a packet sent in the good state is lost. Default 0. */
      lossGood?: number;
      /** Probability that a packet sent in the bad state is lost. Default 1. */
      lossBad?: number;
    };

export interface LossProcess {
  /** Decides on a packet sent now. @param nowNs - monotonic ns, never smaller than before. */
  lost(nowNs: number): boolean;
}

/** The share of packets lost in the long run by a sender at a steady rate. */
export function meanLoss(options: LossProcessOptions): number {
  if (options.kind === 'bernoulli') return options.p;
  const { goodMs, badMs, lossGood = 0, lossBad = 1 } = options;
  return (goodMs * lossGood + badMs * lossBad) / (goodMs + badMs);
}

const lossless: LossProcess = { lost: () => false };

/** @param startNs - monotonic time of the first possible packet. */
export function createLossProcess(
  options: LossProcessOptions | undefined,
  rng: Rng,
  startNs: number,
): LossProcess {
  if (!options) return lossless;
  if (options.kind === 'bernoulli') {
    const { p } = options;
    return p === 0 ? lossless : { lost: () => rng() < p };
  }
  return new GilbertElliott(options, rng, startNs);
}

/**
 * The state is drawn only when a packet asks, from its exact distribution given the last known one: with
 * exponential sojourns the memory of it fades as exp(−t · (1/good + 1/bad)). So a packet costs the same
 * after a minute's silence as after a millisecond's.
 */
class GilbertElliott implements LossProcess {
  private readonly badShare: number;
  /** Time in which the memory of a state fades to 1/e, ns. */
  private readonly memoryNs: number;
  private readonly lossGood: number;
  private readonly lossBad: number;
  private readonly rng: Rng;
  private bad: boolean;
  private atNs: number;

  constructor(
    options: LossProcessOptions & { kind: 'gilbert_elliott' },
    rng: Rng,
    startNs: number,
  ) {
    const { goodMs, badMs, lossGood = 0, lossBad = 1 } = options;
    this.badShare = badMs / (goodMs + badMs);
    this.memoryNs = 1e6 / (1 / goodMs + 1 / badMs);
    this.lossGood = lossGood;
    this.lossBad = lossBad;
    this.rng = rng;
    // Starts in the stationary distribution: a short stream meets what a long one meets.
    this.bad = rng() < this.badShare;
    this.atNs = startNs;
  }

  lost(nowNs: number): boolean {
    const memory = Math.exp((this.atNs - nowNs) / this.memoryNs);
    this.atNs = nowNs;
    const { badShare } = this;
    const badNow = badShare + ((this.bad ? 1 : 0) - badShare) * memory;
    this.bad = this.rng() < badNow;
    const p = this.bad ? this.lossBad : this.lossGood;
    return p > 0 && this.rng() < p;
  }
}
