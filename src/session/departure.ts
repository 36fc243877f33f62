/**
 * Whether, when and how the client leaves one turn on purpose: drawn before the turn starts, from the
 * seed, the session and the turn, never from the arm, so that every arm is left at the same places.
 */
import { sample } from '../random/distribution.ts';
import { seededRng } from '../random/rng.ts';
import type { LeavePlan } from '../scenario/plan.ts';

/** What a turn has seen so far, as far as leaving depends on it. */
export interface Progress {
  events: number;
  tokenEvents: number;
  bytes: number;
  firstOutputAt: number;
}

/** A turn that is going to be left. */
export class Departure {
  readonly how: LeavePlan['how'];
  readonly code: number;
  readonly resumes: boolean;
  /** So long after the request was written, ms; undefined where something else decides. */
  readonly afterMs: number | undefined;
  readonly beforeHeaders: boolean;
  private readonly kind: LeavePlan['moment']['kind'];
  private readonly limit: number;
  private readonly beforeToken: boolean;

  constructor(plan: LeavePlan, drawn: number) {
    const { moment, before } = plan;
    this.how = plan.how;
    this.code = plan.code;
    this.resumes = plan.resumes;
    this.kind = moment.kind;
    this.limit = drawn;
    this.afterMs = moment.kind === 'time' ? drawn : undefined;
    this.beforeHeaders = before === 'headers';
    this.beforeToken = before === 'first_token';
  }

  /** Whether it is time, now that the headers of an HTTP answer have come. */
  isDueAtHead(): boolean {
    return this.beforeHeaders || this.kind === 'begun';
  }

  /**
   * Whether it is time, after an event.
   *
   * @param hasToken - whether that event carried output.
   */
  isDueAfter(seen: Progress, hasToken: boolean): boolean {
    switch (this.kind) {
      case 'tokens':
        return seen.tokenEvents >= this.limit;
      case 'events':
        return seen.events >= this.limit;
      case 'bytes':
        return seen.bytes >= this.limit;
      case 'begun':
        return true;
      case 'last_token':
        // What follows the last token closes the answer: a finish reason, `….done`.
        return !hasToken && seen.firstOutputAt === seen.firstOutputAt;
      case 'time':
        return this.beforeToken && hasToken;
    }
  }

  /** For the detail of the outcome. */
  get description(): string {
    return this.how === 'cancel' ? 'cancelled by a call' : `left: ${this.how}`;
  }
}

/**
 * The departure of a turn, or undefined where it is not left.
 *
 * @param seed - of the trial.
 */
export function drawDeparture(
  plan: LeavePlan | undefined,
  seed: string,
  session: number,
  turn: number,
): Departure | undefined {
  if (!plan) return undefined;
  const rng = seededRng(`${seed}/leave/${session}.${turn}`);
  if (rng() >= plan.share) return undefined;
  const { moment } = plan;
  if (moment.kind === 'begun' || moment.kind === 'last_token') return new Departure(plan, 0);
  if (moment.kind === 'time') return new Departure(plan, Math.max(0, sample(moment.ms, rng)));
  return new Departure(plan, Math.max(1, Math.round(sample(moment.count, rng))));
}
