/**
 * Every warning a run can carry: a closed union, each with what is the matter and what to do.
 */
import type { Warning } from '../result/schema.ts';
import type { Buffering } from './buffering.ts';

const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
const share = (value: number): string =>
  `${(value * 100).toFixed(value < 0.1 ? 1 : 0).replace(/\.0$/, '')} %`;

const size = (bytes: number): string =>
  bytes < 1000 ? `${Math.round(bytes)} B` : `${(bytes / 1000).toFixed(1)} kB`;

function burstsOf(p: Buffering): string {
  if (p.by === 'end') return `${share(p.share)} of the long answers came in one piece`;
  const parts = [
    `bursts of about ${p.events.toFixed(p.events < 10 ? 1 : 0)} events`,
    ...(p.by === 'time' ? [] : [size(p.bytes)]),
    ...(p.by === 'size' ? [] : [`one every ${ms(p.ms)}`]),
  ];
  const alike = { size: 'size', time: 'distance', both: 'size and distance' }[p.by];
  return `${parts.join(', ')}, of equal ${alike}`;
}

/** Code → message and remedy. Parameters are in the units their names say. */
const texts = {
  'no-turn-left': (p: { client: string }) => ({
    message: `no turn was left, although the client ${p.client}: every answer was over before that`,
    remedy: 'leave earlier, or make answers longer (max_tokens; mock.tokens)',
  }),
  'waste-unknown': (p: { unknown: number; left: number }) => ({
    message: `what happened to ${p.unknown} of ${p.left} turns that the client left is not known: the target never saw them, or does not tell`,
    remedy:
      'leave a little later than immediately; for an external target only answers in the background (background: true) or cancelled by a call can be estimated',
  }),
  'still-producing': (p: { running: number }) => ({
    message: `${p.running} answers were still being produced for a client that had left when waiting for their end was over; their waste is counted up to then`,
    remedy: 'raise load.graceful_stop, or make answers shorter',
  }),
  'loop-delay': (p: { p99Ms: number }) => ({
    message: `the client's event loop was late by ${ms(p.p99Ms)} at p99; gaps below that are partly its own`,
    remedy: 'lower the load per process, or close other programs on this machine',
  }),
  'loop-busy': (p: { utilization: number }) => ({
    message: `the client's event loop was busy ${share(p.utilization)} of the time`,
    remedy: 'lower the load per process; above 95 % the run counts as invalid',
  }),
  'schedule-lag': (p: { p99Ms: number }) => ({
    message: `sessions started ${ms(p.p99Ms)} late at p99; ttft does not include that, response_time does`,
    remedy: 'lower the rate, or judge by response_time, which starts at the intended moment',
  }),
  coalesced: (p: { eventsPerRead: number }) => ({
    message: `${p.eventsPerRead.toFixed(1)} events arrived per socket read on average, in no regular bursts: packet loss, a busy network, a client too busy to read, or a model that sends several at once; a small itl is an artefact of that`,
    remedy: 'judge by tpot and longest_stall instead of itl',
  }),
  buffered: (p: Buffering) => ({
    message: `arrivals look buffered: ${burstsOf(p)}. Through a buffer itl improves, as most gaps are 0, while ttft worsens: itl is an artefact here`,
    remedy:
      'streamgauge diagnose URL finds what collects them, and the lines that end it; until then judge by ttft, tpot and longest_stall',
  }),
  'multi-token-events': (p: { tokensPerEvent: number }) => ({
    message: `each event carried ${p.tokensPerEvent.toFixed(1)} tokens on average: itl is the gap between events, not between tokens`,
    remedy: 'compare by tpot, which divides by tokens',
  }),
  'hidden-waiting': (p: { waited: number; scheduled: number; p95Ms: number | null }) => ({
    message: `${p.waited} of ${p.scheduled} sessions waited under max_concurrency${p.p95Ms === null ? '' : ` (${ms(p.p95Ms)} at p95)`}: the target never saw the load that was asked for`,
    remedy: 'raise max_concurrency, or judge by response_time, which includes the wait',
  }),
  'dropped-sessions': (p: { dropped: number; scheduled: number }) => ({
    message: `${p.dropped} of ${p.scheduled} sessions were never started`,
    remedy: 'raise max_concurrency or max_waiting, or lower the rate',
  }),
  'all-connects-failed': (p: { turns: number; detail: string }) => ({
    message: `none of ${p.turns} turns got a connection${p.detail === '' ? '' : `: ${p.detail}`}`,
    remedy: 'check the target’s address, that it is running, and proxy or TLS settings',
  }),
  'all-failed': (p: { turns: number; detail: string }) => ({
    message: `all of ${p.turns} turns failed${p.detail === '' ? '' : `, most often with: ${p.detail}`}`,
    remedy: 'send one request by hand with the same key and model, and compare the answer',
  }),
  'tool-results-skipped': (p: { skipped: number }) => ({
    message: `${p.skipped} tool_result steps were skipped because the model had called no tool`,
    remedy: 'set tool_choice: required on the step before, or take the tool_result step out',
  }),
  'mock-late': (p: { p99Ms: number }) => ({
    message: `the mock server was behind its own schedule by ${ms(p.p99Ms)} at p99: this load is more than it holds on this machine`,
    remedy: 'lower sessions or token rate, or run the mock on a separate core',
  }),
  'instrument-error': (p: { p99Ms: number }) => ({
    message: `events were stamped ${ms(p.p99Ms)} after they were sent at p99, on loopback`,
    remedy: 'differences smaller than that are noise; lower the load for finer ones',
  }),
  'fault-never-fired': (p: { fault: string }) => ({
    message: `the fault "${p.fault}" never acted: this run did not test what it says`,
    remedy: 'run longer, or make it more likely: lower its trigger, raise its share',
  }),
  'wrong-transcripts': (p: { wrong: number; checked: number; found: string }) => ({
    message: `${p.wrong} of ${p.checked} answers are not what the server produced${p.found === '' ? '' : ` (${p.found})`}`,
    remedy:
      'the server, or something in front of it, resumes from the wrong place: docs/resume.md says what each count points to; --records names the turns',
  }),
  'transcripts-unchecked': (p: { unchecked: number; completed: number; isMock: boolean }) => ({
    message: p.isMock
      ? `the text of ${p.unchecked} of ${p.completed} answers was not compared with what the mock sent`
      : `the text of ${p.unchecked} answers was not checked: only the mock can say what it has sent`,
    remedy: p.isMock
      ? 'make the run shorter, so that the mock still holds all of it; spoken answers are not compared'
      : 'gaps, duplicates and reorders are counted by the protocol’s numbers anyway; to check the text as well, try the client on target: mock',
  }),
  'streams-unnumbered': (p: { streams: number }) => ({
    message: `the events of ${p.streams} streams bore no numbers: whether any was lost or repeated was not looked for`,
    remedy: 'number them: an SSE id that ends in a number, a sequence number in the payload',
  }),
  'few-samples': (p: { metric: string; samples: number; percent: number; needed: number }) => ({
    message: `p${p.percent} of ${p.metric} rests on ${p.samples} samples; ${p.needed} are needed for 20 above it`,
    remedy: 'run longer, with more sessions, or look at a lower percentile',
  }),
  'token-count-guessed': (p: { turns: number }) => ({
    message: `the target reported no token count for ${p.turns} turns: one token per event was assumed`,
    remedy: 'ask for usage (chat: stream_options.include_usage), or read tokens as events',
  }),
  'nothing-measured': () => ({
    message: 'no turn was started in the measured phase',
    remedy: 'make the run longer than its warm-up, or the sessions shorter',
  }),
  'partial-run': () => ({
    message: 'the run was interrupted: what is shown is true, but not all of it',
    remedy: 'run it again to its end before comparing',
  }),
} as const;

export type WarningCode = keyof typeof texts;
export const warningCodes = Object.keys(texts) as readonly WarningCode[];

/** Builds a warning; `arm` null where it is about the whole run. */
export function warningOf<C extends WarningCode>(
  code: C,
  arm: string | null,
  ...parameters: Parameters<(typeof texts)[C]>
): Warning {
  const make = texts[code] as (...p: Parameters<(typeof texts)[C]>) => {
    message: string;
    remedy: string;
  };
  return { code, arm, ...make(...parameters) };
}
