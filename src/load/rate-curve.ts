/**
 * A rate that changes over time, piecewise linear, with its integral Λ(t) — how many sessions should
 * have started by t — and the inverse of that. Start times taken from the inverse are exact: they do
 * not depend on how often a pacer is asked, and there is no step size that a high rate could outrun.
 */
import { seededRng } from '../random/rng.ts';
import type { Arrival } from './shared-settings.ts';
import type { StartTimes } from './open-pacer.ts';

/** `from` and `to` are the rates at both ends, sessions per second. */
export interface CurvePiece {
  durationMs: number;
  from: number;
  to: number;
}

interface PlacedPiece extends CurvePiece {
  startMs: number;
  /** Λ at the start of the piece. */
  startCount: number;
}

export class RateCurve {
  readonly durationMs: number;
  /** Λ at the end. */
  readonly total: number;
  private readonly pieces: readonly PlacedPiece[];

  constructor(pieces: readonly CurvePiece[]) {
    let startMs = 0;
    let startCount = 0;
    const placed: PlacedPiece[] = [];
    for (const piece of pieces) {
      if (piece.durationMs <= 0) continue;
      placed.push({ ...piece, startMs, startCount });
      startMs += piece.durationMs;
      startCount += ((piece.from + piece.to) / 2) * (piece.durationMs / 1000);
    }
    this.pieces = placed;
    this.durationMs = startMs;
    this.total = startCount;
  }

  rateAt(elapsedMs: number): number {
    const piece = this.pieceAt((candidate) => candidate.startMs <= elapsedMs);
    if (!piece || elapsedMs >= this.durationMs || elapsedMs < 0) return 0;
    const share = (elapsedMs - piece.startMs) / piece.durationMs;
    return piece.from + (piece.to - piece.from) * share;
  }

  /** Λ(t): sessions that should have started by `elapsedMs`. */
  integral(elapsedMs: number): number {
    if (elapsedMs <= 0) return 0;
    if (elapsedMs >= this.durationMs) return this.total;
    const piece = this.pieceAt((candidate) => candidate.startMs <= elapsedMs)!;
    const share = (elapsedMs - piece.startMs) / piece.durationMs;
    const rateThere = piece.from + (piece.to - piece.from) * share;
    const seconds = (elapsedMs - piece.startMs) / 1000;
    return piece.startCount + ((piece.from + rateThere) / 2) * seconds;
  }

  /**
   * The latest t with Λ(t) ≤ count, ms: where the rate is 0 for a while, the end of that while.
   * Infinity once the curve has no more to give.
   */
  inverse(count: number): number {
    if (count >= this.total) return Number.POSITIVE_INFINITY;
    const piece = this.pieceAt((candidate) => candidate.startCount <= count)!;
    const missing = count - piece.startCount;
    const slope = (piece.to - piece.from) / (piece.durationMs / 1000);
    // Root of from·x + slope·x²/2 = missing in the form that does not cancel for small slopes.
    const root = Math.sqrt(Math.max(0, piece.from ** 2 + 2 * slope * missing));
    const seconds = missing === 0 ? 0 : (2 * missing) / (piece.from + root);
    return piece.startMs + Math.min(seconds * 1000, piece.durationMs);
  }

  /** The last piece for which an ascending condition holds. */
  private pieceAt(holds: (piece: PlacedPiece) => boolean): PlacedPiece | undefined {
    let low = 0;
    let high = this.pieces.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(this.pieces[middle]!)) low = middle + 1;
      else high = middle;
    }
    return this.pieces[low - 1];
  }
}

/**
 * Start times that follow a curve. `even`: session i starts where Λ(t) = i. `poisson`: where Λ(t)
 * is the i-th point of a Poisson process of rate 1, which makes an inhomogeneous Poisson process of
 * exactly the curve's rate (Çınlar, Introduction to Stochastic Processes, 1975, ch. 4.7).
 */
export function startsAlong(curve: RateCurve, arrival: Arrival, seed: string): StartTimes {
  if (arrival === 'even') return (index) => curve.inverse(index);
  const points = poissonPoints(seed);
  return (index) => curve.inverse(points(index));
}

/**
 * Points of a Poisson process of rate 1: sums of seeded exponential draws. The points in order cost
 * one draw each; going back starts again from the seed, so that the answer is a function of `index`.
 */
export function poissonPoints(seed: string): (index: number) => number {
  let rng = seededRng(`${seed}/arrivals`);
  let drawn = -1;
  let point = 0;
  return (index) => {
    if (index < drawn) {
      rng = seededRng(`${seed}/arrivals`);
      drawn = -1;
      point = 0;
    }
    while (drawn < index) {
      point -= Math.log(1 - rng());
      drawn++;
    }
    return point;
  };
}
