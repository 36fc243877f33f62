import type { RateLimit } from '../settings/resolve-options.ts';

/** What `tryTake` decided. */
export interface RateDecision {
  allowed: boolean;
  /** Which limit was hit, where not allowed. */
  hit?: 'requests' | 'tokens';
  /** When the same request would pass, ms from now; 0 where allowed. */
  retryAfterMs: number;
  /** `x-ratelimit-*` headers, those of unlimited things absent. */
  headers: Record<string, string>;
}

export interface RateState {
  name: 'requests' | 'tokens';
  limit: number;
  remaining: number;
  /** Until the full limit is available again, ms. */
  resetMs: number;
}

/** A bucket that holds one window's allowance and refills continuously. */
class Bucket {
  private readonly limit: RateLimit;
  private level: number;
  private atNs: number;

  constructor(limit: RateLimit, nowNs: number) {
    this.limit = limit;
    this.level = limit.amount;
    this.atNs = nowNs;
  }

  refill(nowNs: number): void {
    const { amount, windowMs } = this.limit;
    const grown = ((nowNs - this.atNs) / 1e6 / windowMs) * amount;
    this.level = Math.min(amount, this.level + grown);
    this.atNs = nowNs;
  }

  /** ms until `amount` is there; more than the whole limit never is, and waits for a full bucket. */
  waitMs(amount: number): number {
    const missing = Math.min(amount, this.limit.amount) - this.level;
    return missing <= 0 ? 0 : (missing / this.limit.amount) * this.limit.windowMs;
  }

  take(amount: number): void {
    this.level = Math.max(0, this.level - amount);
  }

  state(name: RateState['name']): RateState {
    return {
      name,
      limit: this.limit.amount,
      remaining: Math.floor(this.level),
      resetMs: this.waitMs(this.limit.amount),
    };
  }
}

/** A span as the `x-ratelimit-reset-*` headers write it: `12ms`, `1.5s`, `6m0s`, `1h2m3s`. */
export function formatReset(ms: number): string {
  if (ms < 1000) return `${Math.ceil(ms)}ms`;
  const seconds = Math.round(ms) / 1000;
  if (seconds < 60) return `${seconds}s`;
  const whole = Math.ceil(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return `${hours > 0 ? `${hours}h` : ''}${minutes}m${whole % 60}s`;
}

/** Requests and tokens per window, as the services count them: by what a request asks for. */
export class RateLimiter {
  private readonly buckets: { name: RateState['name']; bucket: Bucket }[] = [];

  constructor(
    limits: { requests: RateLimit | undefined; tokens: RateLimit | undefined },
    nowNs: number,
  ) {
    for (const name of ['requests', 'tokens'] as const) {
      const limit = limits[name];
      if (limit) this.buckets.push({ name, bucket: new Bucket(limit, nowNs) });
    }
  }

  /** @param tokens - input tokens plus the output the request asks for. */
  tryTake(tokens: number, nowNs: number): RateDecision {
    const cost = { requests: 1, tokens };
    let hit: RateState['name'] | undefined;
    let retryAfterMs = 0;
    for (const { name, bucket } of this.buckets) {
      bucket.refill(nowNs);
      const wait = bucket.waitMs(cost[name]);
      if (wait > retryAfterMs) {
        hit = name;
        retryAfterMs = wait;
      }
    }
    if (!hit) for (const { name, bucket } of this.buckets) bucket.take(cost[name]);
    return { allowed: !hit, ...(hit && { hit }), retryAfterMs, headers: this.headers(nowNs) };
  }

  /** The limits that are set and what is left of them. */
  states(nowNs: number): RateState[] {
    return this.buckets.map(({ name, bucket }) => {
      bucket.refill(nowNs);
      return bucket.state(name);
    });
  }

  private headers(nowNs: number): Record<string, string> {
    const headers: Record<string, string> = {};
    for (const state of this.states(nowNs)) {
      headers[`x-ratelimit-limit-${state.name}`] = String(state.limit);
      headers[`x-ratelimit-remaining-${state.name}`] = String(state.remaining);
      headers[`x-ratelimit-reset-${state.name}`] = formatReset(state.resetMs);
    }
    return headers;
  }
}
