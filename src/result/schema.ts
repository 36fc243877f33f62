/**
 * The result file: everything a report needs, versioned. Every report can be made again from it.
 * `streamgauge schema result` prints it as JSON Schema.
 */
import { z } from 'zod';
import { distributionNames, scalarNames } from '../metric/catalogue.ts';
import { landmarkLimits, landmarkPattern } from '../metric/landmark.ts';
import { outcomeNames } from '../metric/outcome.ts';
import { landmarkMistakes } from './arm-landmarks.ts';

export const resultVersion = 1;

const histogram = z.strictObject({
  hdr: z
    .string()
    .describe('HdrHistogram V2, compressed, base64; stored units per metric catalogue'),
  count: z.int().nonnegative(),
  sum: z.number().describe('exact sum of the samples in the metric’s unit'),
  min: z.number(),
  max: z.number(),
});

const landmarkName = z.string().max(landmarkLimits.nameLength).regex(landmarkPattern);

const landmark = z
  .strictObject({
    name: landmarkName,
    title: z.string().max(landmarkLimits.titleLength),
    meaning: z.string().max(landmarkLimits.textLength),
    to: z
      .string()
      .max(landmarkLimits.textLength)
      .describe('the event that reaches it: its time runs from the written request to there, ms'),
  })
  .describe('a named moment of a turn that the dialect adds to the metrics');

const outcomeCounts = z.partialRecord(
  z.enum(outcomeNames as [string, ...string[]]),
  z.int().nonnegative(),
);

const counts = z
  .strictObject({
    sessions_scheduled: z.int().nonnegative(),
    sessions_started: z.int().nonnegative(),
    sessions_dropped: z.int().nonnegative(),
    sessions_waited: z.int().nonnegative().describe('sessions that waited under max_concurrency'),
    sessions_completed: z.int().nonnegative(),
    sessions_good: z.int().nonnegative().describe('met every declared objective'),
    session_outcomes: outcomeCounts,
    turns_started: z.int().nonnegative(),
    turn_outcomes: outcomeCounts,
    events: z.int().nonnegative(),
    token_events: z.int().nonnegative(),
    output_tokens: z.int().nonnegative(),
    tokens_from_usage: z
      .int()
      .nonnegative()
      .describe('turns whose token count the target reported'),
    reads: z.int().nonnegative().describe('socket reads that completed at least one token event'),
    bytes: z.int().nonnegative().describe('bytes of frames received'),
    connections: z.int().nonnegative(),
    tool_results_skipped: z.int().nonnegative(),
  })
  .describe(
    'scheduled = started + dropped; started = sum of outcomes; checked before a report is made',
  );

const bursts = z
  .strictObject({
    count: z.int().nonnegative().describe('whole bursts: silence before and after'),
    events: z.int().nonnegative().describe('token events in them'),
    bytes: z.number().nonnegative(),
    bytes_squared: z.number().nonnegative(),
    ms: z.number().nonnegative().describe('from start to start'),
    ms_squared: z.number().nonnegative(),
    at_once: z.int().nonnegative().describe('long answers that came in one piece'),
  })
  .describe('what arrived together in completed turns, as sums, so that trials add up');

const waste = z
  .strictObject({
    method: z
      .enum(['truth', 'usage', 'slot_release', 'none'])
      .describe(
        'truth: the mock’s record; usage: what the target reported; slot_release: cancel_latency alone, from a probe that waited for a slot; none: not known',
      ),
    left: z.int().nonnegative().describe('turns that the client left for good, as planned'),
    measured: z.int().nonnegative().describe('of those: whose waste is known'),
    still_running: z
      .int()
      .nonnegative()
      .describe('of those: still being produced when the run ended; wasted tokens so far count'),
    wasted_tokens: z.number().nonnegative(),
    had_tokens: z.number().nonnegative().describe('tokens that clients had, of all turns'),
    overflows: z
      .int()
      .nonnegative()
      .describe('answers that the mock gave up because too much was left unread'),
  })
  .describe('what happened to turns that the client left, and of slow readers');

const phase = z.strictObject({
  seconds: z.number().nonnegative().describe('length of the phase, s'),
  counts,
  histograms: z
    .record(z.union([z.enum(distributionNames as [string, ...string[]]), landmarkName]), histogram)
    .describe('by the name of a metric, or of a landmark of the arm'),
  scalars: z.partialRecord(z.enum(scalarNames as [string, ...string[]]), z.number()),
  bursts: bursts.optional(),
  waste: waste.optional(),
});

const tick = z.strictObject({
  at: z.number().describe('seconds since the load began, start of the interval'),
  seconds: z.number().positive(),
  intended_rate: z
    .number()
    .nullable()
    .describe('sessions per second the pacer meant, null for closed loads'),
  started: z.int(),
  completed: z.int().describe('turns completed'),
  failed: z.int(),
  active: z.int().describe('sessions running at the end of the interval'),
  tokens: z.int(),
  ttft_p50: z.number().nullable(),
  ttft_p95: z.number().nullable(),
  itl_p50: z.number().nullable(),
  itl_p95: z.number().nullable(),
});

export const failureSample = z.strictObject({
  outcome: z.enum(outcomeNames as [string, ...string[]]),
  detail: z.string(),
  count: z.int().positive(),
});

export const streamSample = z
  .strictObject({
    stream: z.string().describe('arm/trial/session.turn'),
    intended_at: z.number().describe('ms since the load began'),
    started_at: z.number(),
    connected_at: z.number().nullable(),
    written_at: z.number().nullable(),
    head_at: z.number().nullable(),
    first_event_at: z.number().nullable(),
    first_token_at: z.number().nullable(),
    first_output_at: z.number().nullable(),
    last_token_at: z.number().nullable(),
    ended_at: z.number(),
    outcome: z.enum(outcomeNames as [string, ...string[]]),
    detail: z.string(),
    output_tokens: z.int().nonnegative(),
    token_events: z.int().nonnegative(),
    reads: z.int().nonnegative(),
    bytes: z.int().nonnegative(),
    /** Offsets of token events from written_at, ms, and the kind of each: c, r, t, a. */
    arrivals: z.array(z.number()).describe('token events, ms after written_at'),
    kinds: z
      .string()
      .describe('one letter per arrival: c content, r reasoning, t tool arguments, a audio'),
    landmarks: z
      .record(landmarkName, z.number().nonnegative())
      .optional()
      .describe('landmarks that the turn has reached, ms after written_at'),
    continuity: z
      .strictObject({
        resumes: z.int().nonnegative(),
        failed_resumes: z.int().nonnegative(),
        resume_latencies: z.array(z.number()).describe('ms, one for each loss that was repaired'),
        gaps: z.int().nonnegative(),
        duplicates: z.int().nonnegative(),
        reorders: z.int().nonnegative(),
        merged_events: z.int().nonnegative(),
        cursor_errors: z.int().nonnegative(),
      })
      .optional()
      .describe('whether the stream arrived complete; there with `reconnect` or `verify`'),
  })
  .describe('one turn, as in the per-stream records (JSONL) and in the waterfall');

const health = z.strictObject({
  event_loop_delay_ms: z.strictObject({ p50: z.number(), p99: z.number(), max: z.number() }),
  event_loop_utilization: z.number().describe('share of the measured time the loop was busy, 0–1'),
  cpu: z.number().describe('CPU seconds of the client per second of measured time'),
  gc_ms: z.number().describe('time spent in garbage collection'),
  gc_longest_ms: z.number(),
  rss_mb: z.number(),
});

const trial = z.strictObject({
  trial: z.int().nonnegative(),
  started: z.string().describe('ISO time'),
  measured: phase,
  warmup: phase,
  cooldown: phase,
  ticks: z.array(tick),
  failures: z.array(failureSample),
  samples: z.array(streamSample),
  health,
  faults: z
    .array(
      z.strictObject({
        fault: z.string().describe('kind and settings in one line'),
        fired: z.int().nonnegative().describe('how often it acted'),
        traffic: z
          .strictObject({
            packets: z.int().nonnegative(),
            bytes: z
              .int()
              .nonnegative()
              .describe('bytes of the stream in them, copies and retransmissions included'),
            stream_bytes: z.int().nonnegative().describe('bytes that were to be carried'),
          })
          .optional()
          .describe(
            'what its modelled sender put on the wire, without headers, both ways together',
          ),
      }),
    )
    .describe('what the network and the declared faults did to the bytes'),
  mock: z
    .record(z.string(), z.unknown())
    .nullable()
    .describe('the mock server’s own /stats, null for an external target'),
  partial: z.boolean().describe('the trial was interrupted'),
});

const arm = z.strictObject({
  name: z.string(),
  cell: z
    .strictObject({
      base: z.string().describe('name of the arm without the values of the matrix'),
      values: z.record(z.string(), z.string()).describe('by path, as in the scenario'),
    })
    .optional()
    .describe('the arm’s place in the scenario’s matrix'),
  dialect: z.string(),
  landmarks: z
    .array(landmark)
    .max(landmarkLimits.perDialect)
    .optional()
    .describe('what the dialect can report beyond the catalogue; absent: nothing'),
  transport: z.string(),
  via: z.string(),
  http_version: z.string(),
  target: z.string().describe('base URL, or "mock"'),
  model: z.string(),
  load: z.string().describe('the load in one sentence'),
  network: z
    .string()
    .describe('network and faults in one phrase, "direct" where nothing was added'),
  proxy: z.string().describe('the proxy in front of the target, "none" where there is none'),
  client: z
    .string()
    .optional()
    .describe('what the client does on purpose: leaves, reads slowly; absent: neither'),
  price: z
    .strictObject({ output_per_million: z.number(), currency: z.string() })
    .optional()
    .describe('what output tokens cost'),
  reading_pace_ms: z.number(),
  trials: z.array(trial),
});

const warning = z.strictObject({
  code: z.string(),
  arm: z.string().nullable(),
  message: z.string(),
  remedy: z.string(),
});

const gateResult = z.strictObject({
  text: z.string(),
  arm: z.string().nullable(),
  verdict: z.enum(['pass', 'fail', 'inconclusive', 'no_data']),
  measured: z.number().nullable(),
  limit: z.number().nullable(),
  unit: z.string(),
  margin: z
    .number()
    .nullable()
    .describe('(limit − measured) / limit, positive when the gate holds'),
  against: z
    .strictObject({ arm: z.string(), measured: z.number() })
    .optional()
    .describe('the other arm of a comparison, and what was measured there'),
});

export const resultSchema = z.strictObject({
  $schema: z.string().optional(),
  version: z.literal(resultVersion),
  tool: z.strictObject({ name: z.literal('streamgauge'), version: z.string() }),
  id: z.string(),
  started: z.string(),
  finished: z.string(),
  scenario: z.strictObject({
    name: z.string(),
    description: z.string(),
    file: z.string(),
    sha256: z.string(),
    seed: z.string(),
    source: z.unknown().describe('the scenario as written, secrets redacted'),
  }),
  environment: z.strictObject({
    node: z.string(),
    platform: z.string(),
    cpu: z.string(),
    cores: z.int(),
    memory_mb: z.number(),
    libraries: z.record(z.string(), z.string()),
  }),
  partial: z.boolean().describe('the run was interrupted: what is here is true, but not all'),
  validity: z.strictObject({
    valid: z.boolean(),
    reasons: z.array(z.string()),
  }),
  arms: z
    .array(arm)
    .min(1)
    .superRefine((arms, context) => {
      for (const { path, message } of landmarkMistakes(arms)) {
        context.addIssue({ code: 'custom', path, message });
      }
    }),
  gates: z.array(gateResult),
  heatmap: z
    .array(z.string())
    .optional()
    .describe('measures that heat maps show, as gates name them; absent: the reports’ choice'),
  warnings: z.array(warning),
});

export type Result = z.infer<typeof resultSchema>;
export type ArmResult = Result['arms'][number];
export type TrialResult = ArmResult['trials'][number];
export type WasteSums = NonNullable<PhaseResult['waste']>;
export type BurstSums = z.infer<typeof bursts>;
export type PhaseResult = TrialResult['measured'];
export type Counts = PhaseResult['counts'];
export type Tick = TrialResult['ticks'][number];
export type StreamSample = z.infer<typeof streamSample>;
export type FailureSample = z.infer<typeof failureSample>;
export type Health = TrialResult['health'];
export type Warning = Result['warnings'][number];
export type GateResult = Result['gates'][number];
