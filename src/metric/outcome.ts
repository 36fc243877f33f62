/**
 * How a stream (one turn) can end. A stream has exactly one outcome.
 *
 * @example
 * ```js
 * import { outcomes } from 'streamgauge';
 *
 * for (const [outcome, meaning] of Object.entries(outcomes)) console.log(outcome, meaning);
 * ```
 */
export const outcomes = {
  completed: 'its terminal event arrived',
  truncated: 'ended without its terminal event',
  in_band_error: 'the API reported an error inside the stream or inside a 200 answer',
  http_error: 'HTTP status 4xx or 5xx, or a refused WebSocket upgrade',
  rejected: 'HTTP 429 or 503: the target turned it away',
  connect_failed: 'no connection: refused, unresolvable, TLS failure',
  reset: 'the connection was reset',
  stalled: 'nothing arrived for the idle timeout',
  timed_out: 'the total timeout passed',
  malformed: 'the bytes are not the protocol',
  cancelled: 'the client left, as planned',
  aborted: 'the run ended first',
} as const;

export type Outcome = keyof typeof outcomes;
export const outcomeNames = Object.keys(outcomes) as readonly Outcome[];

/** `cancelled` counts as a success because only the plan cancels; whatever else ends a run is `aborted`. */
export function isSuccess(outcome: Outcome): boolean {
  return outcome === 'completed' || outcome === 'cancelled';
}
