/**
 * Every metric, once. Docs, reports, gates, CSV columns and `schema` are generated from here.
 *
 * Words used in the formulas: *request written* is the moment the last byte of the turn's request
 * was handed to the kernel; an *event* is an SSE event or WebSocket message that belongs to the
 * stream (pings and comments do not); a *token event* carries non-empty generated output; times of
 * arrival are those of the socket read that completed the event.
 */

import { continuityDefinitions } from './continuity-definitions.ts';

export type MetricUnit = 'ms' | 'count' | 'ratio' | 'per_second' | 'per_minute' | 'bytes' | 'money';

export interface MetricDefinition {
  name: string;
  /** Heading for people: "Time to first token". */
  title: string;
  unit: MetricUnit;
  /** Which direction is better; `none` where neither is. */
  better: 'lower' | 'higher' | 'none';
  /** What one sample is taken of. */
  per: 'turn' | 'session' | 'event' | 'connection' | 'arm';
  /** `distribution` has percentiles in an HDR histogram; `scalar` is one number per trial. */
  kind: 'distribution' | 'scalar';
  formula: string;
  source: string;
}

/** HDR histograms hold integers: milliseconds are stored as µs, ratios as millionths, counts as thousandths. */
export const storageScale: Record<MetricUnit, number> = {
  ms: 1000,
  ratio: 1_000_000,
  count: 1000,
  per_second: 1000,
  per_minute: 1000,
  bytes: 1,
  money: 1000,
};

const definitions = [
  {
    name: 'connect',
    title: 'Connect',
    unit: 'ms',
    better: 'lower',
    per: 'connection',
    kind: 'distribution',
    formula: 'socket asked for → ready to send (DNS + TCP + TLS + WebSocket upgrade)',
    source: 'client',
  },
  {
    name: 'connect_tcp',
    title: 'TCP connect',
    unit: 'ms',
    better: 'lower',
    per: 'connection',
    kind: 'distribution',
    formula: 'socket asked for, name resolved → TCP established',
    source: 'client',
  },
  {
    name: 'connect_tls',
    title: 'TLS handshake',
    unit: 'ms',
    better: 'lower',
    per: 'connection',
    kind: 'distribution',
    formula: 'TCP established → TLS established',
    source: 'client',
  },
  {
    name: 'connect_upgrade',
    title: 'WebSocket upgrade',
    unit: 'ms',
    better: 'lower',
    per: 'connection',
    kind: 'distribution',
    formula: 'upgrade request written → 101 read',
    source: 'client',
  },
  {
    name: 'ttfb',
    title: 'Time to response headers',
    unit: 'ms',
    better: 'lower',
    per: 'turn',
    kind: 'distribution',
    formula: 'request written → response headers read (HTTP only)',
    source: 'client',
  },
  {
    name: 'ttfe',
    title: 'Time to first event',
    unit: 'ms',
    better: 'lower',
    per: 'turn',
    kind: 'distribution',
    formula:
      'request written → first event of any kind (role chunk, response.created; pings not counted)',
    source: 'client',
  },
  {
    name: 'ttft',
    title: 'Time to first token',
    unit: 'ms',
    better: 'lower',
    per: 'turn',
    kind: 'distribution',
    formula:
      'request written → first token event of any kind: content, reasoning, tool arguments, audio',
    source: 'client',
  },
  {
    name: 'ttfo',
    title: 'Time to first visible output',
    unit: 'ms',
    better: 'lower',
    per: 'turn',
    kind: 'distribution',
    formula: 'request written → first content or audio, not reasoning or tool arguments',
    source: 'client',
  },
  {
    name: 'itl',
    title: 'Inter-token latency',
    unit: 'ms',
    better: 'lower',
    per: 'event',
    kind: 'distribution',
    formula:
      'between two consecutive token events of one stream, as they arrived; pooled over streams',
    source: 'client',
  },
  {
    name: 'tpot',
    title: 'Time per output token',
    unit: 'ms',
    better: 'lower',
    per: 'turn',
    kind: 'distribution',
    formula:
      '(last token event − first token event) / (tokens − 1); tokens as reported by the target, else token events',
    source: 'client',
  },
  {
    name: 'e2e',
    title: 'End to end',
    unit: 'ms',
    better: 'lower',
    per: 'turn',
    kind: 'distribution',
    formula: 'request written → terminal event',
    source: 'client',
  },
  {
    name: 'response_time',
    title: 'Response time',
    unit: 'ms',
    better: 'lower',
    per: 'session',
    kind: 'distribution',
    formula:
      'intended start of the session → terminal event of its first turn: includes waiting for a free slot, schedule lag and connecting',
    source: 'client',
  },
  {
    name: 'session_time',
    title: 'Session time',
    unit: 'ms',
    better: 'lower',
    per: 'session',
    kind: 'distribution',
    formula: 'actual start of the session → terminal event of its last turn, think time included',
    source: 'client',
  },
  {
    name: 'schedule_lag',
    title: 'Schedule lag',
    unit: 'ms',
    better: 'lower',
    per: 'session',
    kind: 'distribution',
    formula:
      'intended start → actual start of a session; waiting under the concurrency cap is queue_wait instead',
    source: 'client',
  },
  {
    name: 'queue_wait',
    title: 'Wait under the concurrency cap',
    unit: 'ms',
    better: 'lower',
    per: 'session',
    kind: 'distribution',
    formula: 'session due → a slot below max_concurrency was free',
    source: 'client',
  },
  {
    name: 'tokens_per_event',
    title: 'Tokens per event',
    unit: 'count',
    better: 'none',
    per: 'turn',
    kind: 'distribution',
    formula: 'output tokens as reported by the target / token events',
    source: 'client',
  },
  {
    name: 'events_per_read',
    title: 'Events per read',
    unit: 'count',
    better: 'none',
    per: 'turn',
    kind: 'distribution',
    formula:
      'token events / socket reads that completed at least one: above 1, events arrived together and small itl is an artefact',
    source: 'client',
  },
  {
    name: 'output_tokens',
    title: 'Output tokens',
    unit: 'count',
    better: 'none',
    per: 'turn',
    kind: 'distribution',
    formula: 'as reported by the target, else token events',
    source: 'target, else client',
  },
  {
    name: 'stall_ratio',
    title: 'Stall ratio',
    unit: 'ratio',
    better: 'lower',
    per: 'turn',
    kind: 'distribution',
    formula:
      'share of (last token − first token) spent waiting beyond the reading pace: Σ max(0, gap − pace) / (last token − first token); pace is objectives.reading_pace',
    source: 'client',
  },
  {
    name: 'longest_stall',
    title: 'Longest stall',
    unit: 'ms',
    better: 'lower',
    per: 'turn',
    kind: 'distribution',
    formula: 'largest gap between two consecutive token events of a stream',
    source: 'client',
  },
  {
    name: 'fluidity_index',
    title: 'Fluidity index',
    unit: 'ratio',
    better: 'higher',
    per: 'turn',
    kind: 'distribution',
    formula:
      'reading deadlines met / all, after Etalon (arXiv 2407.07000): each token event is due one reading pace after the one before, plus the slack that earlier ones left; a late one misses every deadline that passed while it was waited for, and the schedule starts again from it. The first token is due at objectives.ttft, and has no deadline without one',
    source: 'client',
  },
  {
    name: 'time_to_recover',
    title: 'Time to recover',
    unit: 'ms',
    better: 'lower',
    per: 'event',
    kind: 'distribution',
    formula:
      'after a stall (a gap beyond the reading pace): first token after it → first token that is back on the schedule, one reading pace per token event counted from the last token before the stall; an answer that ends behind it counts up to its last token',
    source: 'client',
  },
  {
    name: 'audio_real_time_factor',
    title: 'Audio real-time factor',
    unit: 'ratio',
    better: 'higher',
    per: 'turn',
    kind: 'distribution',
    formula:
      'audio received (playing time) / (last audio event − first audio event); below 1 playback starves',
    source: 'client',
  },
  {
    name: 'instrument_error',
    title: 'Instrument error',
    unit: 'ms',
    better: 'lower',
    per: 'event',
    kind: 'distribution',
    formula:
      'arrival − send stamp of the mock server, minus nothing: network and harness together on loopback',
    source: 'mock and client',
  },
  {
    name: 'cancel_latency',
    title: 'Cancel latency',
    unit: 'ms',
    better: 'lower',
    per: 'turn',
    kind: 'distribution',
    formula:
      'client leaves, as planned → the target stops producing; 0 where it had stopped before. Of a foreign target only for `cancel`: call written → terminal event',
    source: 'mock, on the shared clock; else an estimate by usage',
  },
  {
    name: 'wasted_tokens',
    title: 'Wasted tokens',
    unit: 'count',
    better: 'lower',
    per: 'turn',
    kind: 'distribution',
    formula:
      'of a turn that was left: tokens the target had produced when it stopped − tokens the client had when it left',
    source: 'mock; else an estimate by usage read later',
  },
  {
    name: 'server_blocked',
    title: 'Server blocked by the reader',
    unit: 'ms',
    better: 'lower',
    per: 'turn',
    kind: 'distribution',
    formula:
      'time during which bytes of the answer waited in the server because the kernel took no more; known to one gap between events; only with `reader`',
    source: 'mock',
  },
  {
    name: 'server_unread',
    title: 'Most unread bytes at the server',
    unit: 'bytes',
    better: 'lower',
    per: 'turn',
    kind: 'distribution',
    formula:
      'most bytes that waited in the server at one time, beyond what the kernel had taken; only with `reader`',
    source: 'mock',
  },
  {
    name: 'session_rate',
    title: 'Sessions per second',
    unit: 'per_second',
    better: 'higher',
    per: 'arm',
    kind: 'scalar',
    formula: 'sessions completed / measured time',
    source: 'client',
  },
  {
    name: 'turn_rate',
    title: 'Turns per second',
    unit: 'per_second',
    better: 'higher',
    per: 'arm',
    kind: 'scalar',
    formula: 'turns completed / measured time',
    source: 'client',
  },
  {
    name: 'token_rate',
    title: 'Output tokens per second',
    unit: 'per_second',
    better: 'higher',
    per: 'arm',
    kind: 'scalar',
    formula: 'output tokens received / measured time',
    source: 'client',
  },
  {
    name: 'event_rate',
    title: 'Events per second',
    unit: 'per_second',
    better: 'none',
    per: 'arm',
    kind: 'scalar',
    formula: 'events received / measured time',
    source: 'client',
  },
  {
    name: 'goodput',
    title: 'Goodput',
    unit: 'per_second',
    better: 'higher',
    per: 'arm',
    kind: 'scalar',
    formula:
      'sessions that met every declared objective / measured time, of all that were scheduled',
    source: 'client',
  },
  {
    name: 'stalls',
    title: 'Stalls per minute',
    unit: 'per_minute',
    better: 'lower',
    per: 'arm',
    kind: 'scalar',
    formula:
      'gaps beyond the reading pace (objectives.reading_pace) / minutes of streaming (first token → last token), over answers that ended well',
    source: 'client',
  },
  {
    name: 'errors',
    title: 'Errors',
    unit: 'ratio',
    better: 'lower',
    per: 'arm',
    kind: 'scalar',
    formula: 'turns whose outcome is not a success / turns started',
    source: 'client',
  },
  {
    name: 'wasted_token_share',
    title: 'Share of tokens wasted',
    unit: 'ratio',
    better: 'lower',
    per: 'arm',
    kind: 'scalar',
    formula:
      'wasted tokens / (wasted tokens + tokens that clients had), over all turns of the phase',
    source: 'as wasted_tokens',
  },
  {
    name: 'waste_cost',
    title: 'Cost of waste per 1,000 left',
    unit: 'money',
    better: 'lower',
    per: 'arm',
    kind: 'scalar',
    formula: 'mean wasted tokens of a turn that was left × 1,000 × price.output, in its currency',
    source: 'as wasted_tokens',
  },
  {
    name: 'dropped',
    title: 'Dropped',
    unit: 'ratio',
    better: 'lower',
    per: 'arm',
    kind: 'scalar',
    formula: 'sessions scheduled but never started / sessions scheduled',
    source: 'client',
  },
  ...continuityDefinitions,
] as const satisfies readonly MetricDefinition[];

export type MetricName = (typeof definitions)[number]['name'];
export type DistributionName = Extract<
  (typeof definitions)[number],
  { kind: 'distribution' }
>['name'];
export type ScalarName = Extract<(typeof definitions)[number], { kind: 'scalar' }>['name'];

/**
 * Every metric: what a result, a report, a gate and a CSV column may name.
 *
 * @example
 * ```js
 * import { metrics } from 'streamgauge';
 *
 * for (const { name, unit, formula } of metrics) console.log(name, unit, formula);
 * ```
 */
export const metrics: readonly (MetricDefinition & { name: MetricName })[] = definitions;

export const distributionNames = definitions
  .filter((definition) => definition.kind === 'distribution')
  .map((definition) => definition.name) as readonly DistributionName[];

export const scalarNames = definitions
  .filter((definition) => definition.kind === 'scalar')
  .map((definition) => definition.name) as readonly ScalarName[];

const byName = new Map<string, MetricDefinition & { name: MetricName }>(
  metrics.map((metric) => [metric.name, metric]),
);

export function findMetric(name: string): (MetricDefinition & { name: MetricName }) | undefined {
  return byName.get(name);
}

export function metricOf(name: MetricName): MetricDefinition & { name: MetricName } {
  return byName.get(name)!;
}
