/** When a client whose stream has broken tries again. Pure. */
import type { Rng } from '../random/rng.ts';
import type { ReconnectPlan } from '../scenario/plan.ts';

/**
 * How long to wait before a try, ms.
 *
 * A server's wish (SSE `retry:`) replaces the policy's first delay, as the standard asks.
 * Exponential delays double from try to try up to the limit; jitter takes a seeded share off, so that
 * clients that were cut together do not come back together.
 *
 * @param attempt - tries in a row without a new event, from 1.
 * @param wishMs - undefined where the server has named none.
 */
export function reconnectDelay(
  plan: ReconnectPlan,
  attempt: number,
  rng: Rng,
  wishMs: number | undefined,
): number {
  if (plan.policy === 'immediate') return wishMs ?? 0;
  const base = wishMs ?? plan.baseMs;
  const grown = Math.min(Math.max(plan.maxMs, base), base * 2 ** (attempt - 1));
  return grown * (1 - plan.jitter * rng());
}
