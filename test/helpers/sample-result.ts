/**
 * A realistic result without a run: three arms with seeded timings, recorded into the same histograms
 * that the engine uses, consistent from the streams up to the counters.
 */
import type { ScalarName } from '../../src/metric/catalogue.ts';
import { MetricHistogram } from '../../src/metric/histogram.ts';
import type { LandmarkDefinition, LandmarkName } from '../../src/metric/landmark.ts';
import type { DistributionKey } from '../../src/metric/lookup.ts';
import { Reading } from '../../src/session/reading.ts';
import type { Outcome } from '../../src/metric/outcome.ts';
import { sample } from '../../src/random/distribution.ts';
import { seededRng, type Rng } from '../../src/random/rng.ts';
import { emptyCounts } from '../../src/result/merge.ts';
import type {
  ArmResult,
  Counts,
  FailureSample,
  PhaseResult,
  Result,
  StreamSample,
  Tick,
  TrialResult,
} from '../../src/result/schema.ts';
import { judge } from '../../src/validity/judge-run.ts';

/** What makes one arm of the sample differ from another. */
export interface SampleArm {
  name: string;
  dialect: string;
  transport: string;
  /** Median of connect + request until the first token, ms. */
  ttftMs: number;
  gapMs: number;
  connectMs: number;
  /** Shares of turns that end badly. */
  failures: Partial<Record<Outcome, number>>;
  /** Events per socket read. */
  coalescing: number;
  kind: 'c' | 'a';
  /** What its dialect declares, and which share of the turns with tokens reaches it, how long after the first one. */
  landmarks?: readonly { definition: LandmarkDefinition; share: number; afterMs: number }[];
}

export const sampleArms: readonly SampleArm[] = [
  {
    name: 'sse',
    dialect: 'openai-responses',
    transport: 'sse',
    ttftMs: 184,
    gapMs: 20,
    connectMs: 1.1,
    failures: { truncated: 0.004, rejected: 0.008 },
    coalescing: 1.02,
    kind: 'c',
  },
  {
    name: 'websocket',
    dialect: 'openai-responses',
    transport: 'websocket',
    ttftMs: 171,
    gapMs: 20,
    connectMs: 1.8,
    failures: { reset: 0.003 },
    coalescing: 1.01,
    kind: 'c',
  },
  {
    name: 'realtime',
    dialect: 'openai-realtime',
    transport: 'websocket',
    ttftMs: 242,
    gapMs: 38,
    connectMs: 2.4,
    failures: { stalled: 0.002, in_band_error: 0.003 },
    coalescing: 1.9,
    kind: 'a',
  },
];

/** A landmark of a dialect that no installation knows. */
export const firstFinding: LandmarkDefinition = {
  name: 'first_finding',
  title: 'First finding',
  meaning: 'A reader can see what was found first.',
  to: 'first event of type finding',
};

/**
 * Two arms of that dialect, the second of which reaches one of its landmarks never, and one arm of a
 * dialect without any. A third landmark is reached by no arm at all.
 */
export const landmarkArms: readonly SampleArm[] = [
  { share: 0.8, afterMs: 400, second: 0.3 },
  { share: 0.5, afterMs: 300, second: 0 },
].map(({ share, afterMs, second }, index) => ({
  ...sampleArms[index]!,
  dialect: 'research',
  landmarks: [
    { definition: firstFinding, share, afterMs },
    {
      definition: { ...firstFinding, name: 'first_chart', title: 'First chart' },
      share: second,
      afterMs: 700,
    },
    { definition: { ...firstFinding, name: 'never', title: 'Never' }, share: 0, afterMs: 1 },
  ],
}));
export const landmarkResultArms: readonly SampleArm[] = [...landmarkArms, sampleArms[2]!];

const warmupSeconds = 5;
const measuredSeconds = 30;
const cooldownSeconds = 2;
const intendedRate = 14;

interface Turn {
  startedAt: number;
  outcome: Outcome;
  detail: string;
  connect: number;
  ttft: number;
  lag: number;
  /** Offsets from the request, ms. */
  arrivals: number[];
  kinds: string;
  reads: number;
  e2e: number;
  /** ms after the request. */
  landmarks: Record<string, number>;
}

const details: Partial<Record<Outcome, string>> = {
  truncated: 'the stream ended without response.completed',
  rejected: 'HTTP 429: Rate limit reached for requests',
  reset: 'read ECONNRESET',
  stalled: 'nothing arrived for 10 s',
  in_band_error: 'server_error: The server had an error while processing your request',
};

function drawTurn(arm: SampleArm, startedAt: number, rng: Rng): Turn {
  let outcome: Outcome = 'completed';
  let draw = rng();
  for (const [name, share] of Object.entries(arm.failures) as [Outcome, number][]) {
    if (draw < share) {
      outcome = name;
      break;
    }
    draw -= share;
  }
  const ttft = sample({ kind: 'lognormal', median: arm.ttftMs, sigma: 0.28 }, rng);
  const tokens = Math.max(
    2,
    Math.round(sample({ kind: 'normal', mean: arm.kind === 'a' ? 40 : 72, sd: 18 }, rng)),
  );
  const reasoning = arm.kind === 'c' ? Math.round(tokens * 0.2) : 0;
  let arrivals: number[] = [];
  let at = ttft;
  let reads = 1;
  for (let index = 0; index < tokens; index++) {
    arrivals.push(at);
    if (rng() < 1 / arm.coalescing) {
      at += sample({ kind: 'gamma', mean: arm.gapMs * arm.coalescing, cv: 0.3 }, rng);
      if (rng() < 0.004) at += 180 * rng();
      if (index < tokens - 1) reads += 1;
    } else {
      at += 0.03 * rng();
    }
  }
  if (outcome === 'rejected' || outcome === 'connect_failed') arrivals = [];
  else if (outcome !== 'completed') arrivals = arrivals.slice(0, Math.ceil(tokens * rng()));
  return {
    startedAt,
    outcome,
    detail: details[outcome] ?? '',
    connect: arm.connectMs * (0.8 + 0.5 * rng()),
    ttft,
    lag: 0.2 + 0.9 * rng(),
    arrivals,
    kinds: 'r'.repeat(reasoning).padEnd(tokens, arm.kind).slice(0, arrivals.length),
    reads: Math.max(1, Math.min(reads, arrivals.length)),
    e2e: (arrivals.at(-1) ?? ttft) + 1 + 2 * rng(),
    landmarks: {},
  };
}

function phaseOf(turns: readonly Turn[], seconds: number, rng: Rng): PhaseResult {
  const histograms = new Map<DistributionKey, MetricHistogram>();
  const record = (name: DistributionKey, value: number): void => {
    let histogram = histograms.get(name);
    if (!histogram) histograms.set(name, (histogram = new MetricHistogram(name)));
    histogram.record(value);
  };
  const counts: Counts = emptyCounts();
  let stalls = 0;
  let streamingMs = 0;
  const count = (into: Record<string, number>, name: string): void => {
    into[name] = (into[name] ?? 0) + 1;
  };
  for (const turn of turns) {
    counts.sessions_scheduled += 1;
    counts.sessions_started += 1;
    counts.turns_started += 1;
    counts.connections += 1;
    count(counts.session_outcomes as Record<string, number>, turn.outcome);
    count(counts.turn_outcomes as Record<string, number>, turn.outcome);
    counts.token_events += turn.arrivals.length;
    counts.events += turn.arrivals.length + 6;
    counts.output_tokens += turn.arrivals.length;
    counts.reads += turn.reads;
    counts.bytes += turn.arrivals.length * 231;
    record('connect', turn.connect);
    record('schedule_lag', turn.lag);
    if (turn.arrivals.length === 0) continue;
    record('ttfb', turn.ttft * 0.2);
    record('ttfe', turn.ttft * 0.22);
    record('ttft', turn.ttft);
    for (const [name, ms] of Object.entries(turn.landmarks)) record(name as LandmarkName, ms);
    const visible = turn.kinds.search(/[ca]/);
    if (visible >= 0) record('ttfo', turn.arrivals[visible]!);
    const reading = new Reading(100);
    for (let index = 1; index < turn.arrivals.length; index++) {
      const gap = turn.arrivals[index]! - turn.arrivals[index - 1]!;
      record('itl', gap);
      const recovered = reading.next(gap);
      if (!Number.isNaN(recovered)) record('time_to_recover', recovered);
      record('instrument_error', 0.08 + 0.1 * rng() + (rng() < 0.01 ? 0.4 * rng() : 0));
    }
    if (turn.outcome !== 'completed') continue;
    counts.sessions_completed += 1;
    counts.tokens_from_usage += 1;
    if (turn.ttft < 300) counts.sessions_good += 1;
    const span = turn.arrivals.at(-1)! - turn.arrivals[0]!;
    record('tpot', span / (turn.arrivals.length - 1));
    record('e2e', turn.e2e);
    record('response_time', turn.e2e + turn.connect + turn.lag);
    record('session_time', turn.e2e + turn.connect);
    record('tokens_per_event', 1);
    record('events_per_read', turn.arrivals.length / turn.reads);
    record('output_tokens', turn.arrivals.length);
    record('longest_stall', reading.longestGapMs);
    record('stall_ratio', reading.stalledMs / span);
    record('fluidity_index', reading.fluidity);
    if (!Number.isNaN(reading.unrecoveredMs)) record('time_to_recover', reading.unrecoveredMs);
    stalls += reading.stalls;
    streamingMs += span;
  }
  const failed = counts.turns_started - counts.sessions_completed;
  const scalars: Partial<Record<ScalarName, number>> = {
    session_rate: counts.sessions_completed / seconds,
    turn_rate: counts.sessions_completed / seconds,
    token_rate: counts.output_tokens / seconds,
    event_rate: counts.events / seconds,
    goodput: counts.sessions_good / seconds,
    errors: counts.turns_started === 0 ? 0 : failed / counts.turns_started,
    dropped: 0,
    ...(streamingMs > 0 && { stalls: stalls / (streamingMs / 60_000) }),
  };
  return {
    seconds,
    counts,
    histograms: Object.fromEntries([...histograms].map(([name, h]) => [name, h.encode()])),
    scalars,
  };
}

function ticksOf(turns: readonly Turn[]): Tick[] {
  const ticks: Tick[] = [];
  const total = warmupSeconds + measuredSeconds + cooldownSeconds;
  for (let at = 0; at < total; at++) {
    const from = at * 1000;
    const to = from + 1000;
    const started = turns.filter((t) => t.startedAt >= from && t.startedAt < to);
    const ended = turns.filter((t) => t.startedAt + t.e2e >= from && t.startedAt + t.e2e < to);
    const ttft = new MetricHistogram('ttft');
    const itl = new MetricHistogram('itl');
    let tokens = 0;
    for (const turn of turns) {
      for (const [index, offset] of turn.arrivals.entries()) {
        const moment = turn.startedAt + offset;
        if (moment < from || moment >= to) continue;
        tokens += 1;
        if (index === 0) ttft.record(turn.ttft);
        else itl.record(offset - turn.arrivals[index - 1]!);
      }
    }
    const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
    ticks.push({
      at,
      seconds: 1,
      intended_rate: intendedRate,
      started: started.length,
      completed: ended.filter((t) => t.outcome === 'completed').length,
      failed: ended.filter((t) => t.outcome !== 'completed').length,
      active: turns.filter((t) => t.startedAt < to && t.startedAt + t.e2e >= to).length,
      tokens,
      ttft_p50: orNull(ttft.percentile(50)),
      ttft_p95: orNull(ttft.percentile(95)),
      itl_p50: orNull(itl.percentile(50)),
      itl_p95: orNull(itl.percentile(95)),
    });
  }
  return ticks;
}

function sampleOf(turn: Turn, id: string): StreamSample {
  const round = (value: number): number => Math.round(value * 1000) / 1000;
  const written = turn.startedAt + turn.connect;
  const first = turn.arrivals[0];
  const visible = turn.kinds.search(/[ca]/);
  return {
    stream: id,
    intended_at: round(turn.startedAt - turn.lag),
    started_at: round(turn.startedAt),
    connected_at: round(written),
    written_at: round(written),
    head_at: round(written + turn.ttft * 0.2),
    first_event_at: round(written + turn.ttft * 0.22),
    first_token_at: first === undefined ? null : round(written + first),
    first_output_at: visible < 0 ? null : round(written + turn.arrivals[visible]!),
    last_token_at: first === undefined ? null : round(written + turn.arrivals.at(-1)!),
    ended_at: round(written + turn.e2e),
    outcome: turn.outcome,
    detail: turn.detail,
    output_tokens: turn.arrivals.length,
    token_events: turn.arrivals.length,
    reads: turn.reads,
    bytes: turn.arrivals.length * 231,
    arrivals: turn.arrivals.map(round),
    kinds: turn.kinds,
    ...(Object.keys(turn.landmarks).length > 0 && {
      landmarks: Object.fromEntries(
        Object.entries(turn.landmarks).map(([name, ms]) => [name, round(ms)]),
      ),
    }),
  };
}

/** Draws from a separate generator, so that an arm is the same with and without them. */
function addLandmarks(arm: SampleArm, turns: readonly Turn[], rng: Rng): void {
  for (const turn of turns) {
    for (const { definition, share, afterMs } of arm.landmarks ?? []) {
      if (rng() >= share || turn.arrivals.length === 0) continue;
      turn.landmarks[definition.name] = turn.ttft + afterMs * (0.8 + 0.4 * rng());
    }
  }
}

function trialOf(arm: SampleArm, trial: number, seed: string): TrialResult {
  const rng = seededRng(`${seed}/${arm.name}/${trial}`);
  const turns: Turn[] = [];
  const end = (warmupSeconds + measuredSeconds + cooldownSeconds) * 1000;
  for (let at = 0; at < end;) {
    turns.push(drawTurn(arm, at, rng));
    at += sample({ kind: 'exponential', mean: 1000 / intendedRate }, rng);
  }
  addLandmarks(arm, turns, seededRng(`${seed}/${arm.name}/${trial}/landmarks`));
  const within = (from: number, seconds: number): Turn[] =>
    turns.filter((t) => t.startedAt >= from * 1000 && t.startedAt < (from + seconds) * 1000);
  const measured = within(warmupSeconds, measuredSeconds);
  const failures = new Map<string, FailureSample>();
  for (const turn of measured) {
    if (turn.outcome === 'completed') continue;
    const known = failures.get(turn.detail);
    if (known) known.count += 1;
    else failures.set(turn.detail, { outcome: turn.outcome, detail: turn.detail, count: 1 });
  }
  const shown = [
    ...measured.filter((t) => t.outcome !== 'completed').slice(0, 2),
    ...measured.filter((t) => t.outcome === 'completed').slice(0, 8),
  ].sort((a, b) => a.startedAt - b.startedAt);
  return {
    trial,
    started: `2026-01-15T10:0${trial}:00.000Z`,
    measured: phaseOf(measured, measuredSeconds, rng),
    warmup: phaseOf(within(0, warmupSeconds), warmupSeconds, rng),
    cooldown: phaseOf(
      within(warmupSeconds + measuredSeconds, cooldownSeconds),
      cooldownSeconds,
      rng,
    ),
    ticks: ticksOf(turns),
    failures: [...failures.values()],
    samples: shown.map((turn, index) => sampleOf(turn, `${arm.name}/${trial}/${index}.0`)),
    health: {
      event_loop_delay_ms: { p50: 1.1, p99: 2.3 + rng(), max: 9.4 },
      event_loop_utilization: 0.31 + 0.05 * rng(),
      cpu: 0.33 + 0.05 * rng(),
      gc_ms: 41.2,
      gc_longest_ms: 3.6,
      rss_mb: 148,
    },
    faults: [],
    mock: {
      scheduler: {
        samples: 30_000,
        p50: 0.05,
        p99: 0.4,
        max: 2.1,
        recent: { samples: 12_000, p50: 0.05, p99: 0.4, max: 1.2 },
      },
    },
    partial: false,
  };
}

/** The sample; the same for the same arguments. */
export function sampleResult(options: SampleOptions = {}): Result {
  const key = JSON.stringify(options);
  let result = made.get(key);
  if (!result) {
    result = makeResult(options);
    made.set(key, result);
  }
  return structuredClone(result);
}

interface SampleOptions {
  arms?: readonly SampleArm[];
  trials?: number;
  seed?: string;
}

/** Recording and judging thousands of gaps takes a while, and many tests begin with the same result. */
const made = new Map<string, Result>();

function makeResult(options: SampleOptions): Result {
  const seed = options.seed ?? '42';
  const arms: ArmResult[] = (options.arms ?? sampleArms).map((arm) => ({
    name: arm.name,
    dialect: arm.dialect,
    ...(arm.landmarks && { landmarks: arm.landmarks.map(({ definition }) => ({ ...definition })) }),
    transport: arm.transport,
    via: 'wire',
    http_version: '1.1',
    target: 'mock',
    model: 'gpt-mock',
    load: `${intendedRate} sessions per second (Poisson) for ${measuredSeconds} s after ${warmupSeconds} s of warm-up`,
    network: 'direct',
    proxy: 'none',
    reading_pace_ms: 100,
    trials: Array.from({ length: options.trials ?? 1 }, (_, trial) => trialOf(arm, trial, seed)),
  }));
  const { valid, reasons, warnings } = judge({ arms, partial: false });
  return {
    version: 1,
    tool: { name: 'streamgauge', version: '0.1.0' },
    id: '2026-01-15T10-00-00-sample',
    started: '2026-01-15T10:00:00.000Z',
    finished: '2026-01-15T10:02:01.000Z',
    scenario: {
      name: 'SSE, WebSocket and Realtime side by side',
      description: 'The same prompts and the same token timings over three transports.',
      file: 'scenarios/quickstart.yaml',
      sha256: '3b1f5cf0d3ce6e2f4a4f0c5a2d6d9b7e8c1a0f9e8d7c6b5a493827160fedcba9',
      seed,
      source: { name: 'SSE, WebSocket and Realtime side by side', seed: 42 },
    },
    environment: {
      node: 'v20.20.0',
      platform: 'linux x64 6.1',
      cpu: 'Example CPU @ 2.60GHz',
      cores: 2,
      memory_mb: 7936,
      libraries: { undici: '7.30.2', ws: '8.23.0' },
    },
    partial: false,
    validity: { valid, reasons },
    arms,
    gates: [
      gate('ttft.p95 < 400ms', 'sse', 298.4, 400, 'ms'),
      gate('ttft.p95 < 400ms', 'websocket', 271.6, 400, 'ms'),
      gate('ttft.p95 < 400ms', 'realtime', 391.2, 400, 'ms'),
      gate('errors < 1%', 'sse', 0.0117, 0.01, 'ratio'),
      gate('websocket.e2e.p50 < sse.e2e.p50', null, 1612.1, 1629.8, 'ms'),
    ],
    warnings,
  };
}

function gate(
  text: string,
  arm: string | null,
  measured: number,
  limit: number,
  unit: string,
): Result['gates'][number] {
  return {
    text,
    arm,
    verdict: measured < limit ? 'pass' : 'fail',
    measured,
    limit,
    unit,
    margin: (limit - measured) / limit,
  };
}
