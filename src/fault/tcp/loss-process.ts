/**
 * When a packet is lost.
 *
 * Bernoulli losses are independent. Gilbert–Elliott losses come in bursts: the path is in a good or a
 * bad state (Gilbert 1960, Elliott 1963), each with its own loss probability. Here the state changes
 * with *time*, not with each packet. A chain that steps per packet stands still while nothing is sent,
 * so a stalled stream, which sends one retransmission per backed-off timeout, would freeze the path in
 * its bad state for minutes; real radio fades and congestion pass whether or not one sends.
 */
import type { Rng } from '../../random/rng.ts';

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

class GilbertElliott implements LossProcess {
  private readonly meanNs: readonly [good: number, bad: number];
  private readonly loss: readonly [good: number, bad: number];
  private readonly rng: Rng;
  private state: 0 | 1;
  private untilNs: number;

  constructor(
    options: LossProcessOptions & { kind: 'gilbert_elliott' },
    rng: Rng,
    startNs: number,
  ) {
    this.meanNs = [options.goodMs * 1e6, options.badMs * 1e6];
    this.loss = [options.lossGood ?? 0, options.lossBad ?? 1];
    this.rng = rng;
    // Starts in the stationary distribution: a short stream meets what a long one meets.
    this.state = rng() * (options.goodMs + options.badMs) < options.badMs ? 1 : 0;
    this.untilNs = startNs + this.sojourn();
  }

  lost(nowNs: number): boolean {
    while (this.untilNs <= nowNs) {
      this.state = this.state === 0 ? 1 : 0;
      this.untilNs += this.sojourn();
    }
    const p = this.loss[this.state];
    return p > 0 && this.rng() < p;
  }

  private sojourn(): number {
    return -Math.log(1 - this.rng()) * this.meanNs[this.state];
  }
}
