/**
 * Everything a user may set on the mock server: under `mock:` in a scenario file, as `--set
 * key=value` of `streamgauge mock`, or in code. The schema checks the text, `resolveMockOptions`
 * turns it into numbers; the two use the same parsers, so what passes one passes the other.
 */
import { z } from 'zod';
import {
  byteCount,
  byteCounts,
  duration,
  durations,
  parseCounts,
  percent,
  rate,
} from '../../src/settings/fields.ts';
import { unitText } from '../../src/settings/unit-text.ts';
import { defaultProfile, profileNames } from './profiles.ts';

export const alphabets = ['ascii', 'unicode'] as const;
/** What answers are written in. */
export type Alphabet = (typeof alphabets)[number];

/** A number of things, zero allowed: a plain number, or a distribution of plain numbers. */
const counts = () =>
  z.union([z.number().nonnegative(), unitText(parseCounts, { examples: ['uniform(32, 128)'] })]);

const errorRule = z
  .strictObject({
    status: z
      .union([
        z.literal(400),
        z.literal(401),
        z.literal(403),
        z.literal(404),
        z.literal(408),
        z.literal(409),
        z.literal(422),
        z.literal(429),
        z.literal(500),
        z.literal(502),
        z.literal(503),
        z.literal(504),
      ])
      .describe('HTTP status of the refusal'),
    share: percent().describe('Share of requests refused with it, e.g. "2%"'),
    code: z.string().min(1).optional().describe("Overrides the error body's `code`"),
    message: z.string().min(1).optional().describe("Overrides the error body's `message`"),
    retry_after: duration().optional().describe('Sends `retry-after` and `retry-after-ms`'),
  })
  .describe('A refusal before the first byte, in the shape of the API');

/** Mistakes of servers that resume; `mock-server/resume/replay-log.ts` says where each was seen. */
export const resumeBugs = ['off_by_one', 'lost_window', 'duplicate_replay', 'stale_id'] as const;
export type ResumeBug = (typeof resumeBugs)[number];

/** Strict: an unknown key is an error. Every key is optional; the profile fills in what is absent. */
export const mockOptionsSchema = z.strictObject({
  profile: z
    .enum(profileNames)
    .optional()
    .describe(`Named token timing that the other keys override; default ${defaultProfile}`),
  seed: z
    .union([z.string().min(1), z.number()])
    .optional()
    .describe('Seeds every answer: equal seeds and stream names give equal texts and timings'),

  ttft: durations()
    .optional()
    .describe(
      'From admission (request read, slot free) to the first token, e.g. "lognormal(180ms, 0.4)"',
    ),
  itl: durations()
    .optional()
    .describe('Gap between two token-bearing events, e.g. "gamma(20ms, 0.3)"'),
  tokens: counts()
    .optional()
    .describe(
      'Visible output tokens of an answer, e.g. 256 or "lognormal(200, 0.5)"; a request\'s own limit cuts it',
    ),
  tokens_per_event: counts()
    .optional()
    .describe('Tokens in one event; above 1 several tokens arrive together'),
  token_bytes: byteCounts()
    .optional()
    .describe('Bytes of one token, e.g. "5B" or "uniform(2B, 8B)"'),
  text: z
    .enum(alphabets)
    .optional()
    .describe(
      'What answers are written in: ascii (default), or unicode, with letters of several bytes, emoji and combining characters',
    ),
  reasoning_tokens: counts().optional().describe('Reasoning tokens before the answer; 0 for none'),
  tool_call_tokens: counts().optional().describe("Tokens of one tool call's arguments"),
  tool_calls: counts().optional().describe('Tool calls in one answer that calls tools; default 1'),
  auto_tool_share: percent()
    .optional()
    .describe(
      'Share of answers that call a tool where tools are offered with tool_choice "auto"; default 50%',
    ),
  sources: counts()
    .optional()
    .describe(
      'Web sources that a text answer of Chat Completions or Responses cites, spread over its text; default 0',
    ),
  stalls: z
    .strictObject({
      every: durations().describe(
        'Streaming time from one stall to the next, e.g. "exponential(5s)"',
      ),
      length: durations().describe('How much longer the gap gets, e.g. "uniform(200ms, 2s)"'),
    })
    .optional()
    .describe('Pauses in the middle of an answer, on top of `itl`'),
  trace: z
    .string()
    .min(1)
    .optional()
    .describe(
      'JSONL file of recorded timings, one {"ttft_ms": 180, "gaps_ms": [20, 31]} per line; replaces ttft, itl, tokens and stalls',
    ),
  on_leave: z
    .enum(['stop', 'keep_generating'])
    .optional()
    .describe(
      'What an answer does when its client has left: `stop` (after stop_delay), or `keep_generating` to its end, in its slot, as a server does that never looks. Default stop',
    ),
  stop_delay: duration()
    .optional()
    .describe('How long an answer keeps being produced after its client has left; default 0ms'),

  slots: z
    .int()
    .positive()
    .optional()
    .describe('Answers produced at the same time; further requests queue. Absent: unlimited'),
  queue: z
    .int()
    .nonnegative()
    .optional()
    .describe(
      'Requests that may wait for a slot; beyond it 503. 0 refuses when all slots are taken. Absent: unlimited',
    ),
  slowdown: z
    .number()
    .nonnegative()
    .optional()
    .describe(
      'How much gaps stretch with load: a gap is multiplied by 1 + slowdown × (occupied slots / slots)',
    ),
  rate_limits: z
    .strictObject({
      requests: rate().optional().describe('Requests allowed, e.g. "500/m"'),
      tokens: rate()
        .optional()
        .describe('Input and requested output tokens allowed, e.g. "200000/m"'),
    })
    .optional()
    .describe('429 beyond them, and x-ratelimit-* headers on every answer'),

  errors: z.array(errorRule).optional().describe('Refusals, drawn per request'),
  in_band_errors: percent()
    .optional()
    .describe('Share of streams that end in an error event after their first tokens'),
  truncate: percent()
    .optional()
    .describe('Share of streams whose connection ends before their terminal event'),
  obfuscation: z
    .boolean()
    .optional()
    .describe(
      'Pad deltas with an `obfuscation` member where the API does so by default; default true',
    ),

  resume: z
    .strictObject({
      sse: z
        .boolean()
        .optional()
        .describe(
          'Chat streams carry event ids, continue when their client leaves, and are resumed by GET with Last-Event-ID; default false',
        ),
      retry: duration()
        .optional()
        .describe('Reconnection time that chat streams ask for (SSE `retry:`); absent: none'),
      buffer: z
        .int()
        .positive()
        .optional()
        .describe('Events kept per stream; older ones cannot be replayed. Default 10000'),
      keep: duration()
        .optional()
        .describe(
          'How long a stream can be resumed after its end (background responses: keep_responses); default 60s',
        ),
      offset_unit: z
        .enum(['utf16', 'bytes'])
        .optional()
        .describe(
          'What offsets of /v1/streams count: UTF-16 units, as JavaScript’s string length, or UTF-8 bytes; default utf16',
        ),
      ping: duration()
        .optional()
        .describe('Time between pings of a resumable chat over WebSocket; default 15s'),
    })
    .optional()
    .describe('Streams that can be continued after a break'),
  resume_bug: z
    .enum(resumeBugs)
    .optional()
    .describe(
      'A mistake that servers make when they resume a stream, planted on purpose: off_by_one loses the event after the cursor; lost_window loses what is produced while the client is being subscribed; duplicate_replay replays twice; stale_id continues using the first cursor it was given',
    ),

  audio: z
    .strictObject({
      chunk: duration().optional().describe('Playing time of one audio delta; default 200ms'),
      speed: z
        .number()
        .positive()
        .optional()
        .describe('How many times faster than it plays audio is produced; default 4'),
      jitter: z
        .number()
        .nonnegative()
        .optional()
        .describe('Coefficient of variation of the gap between audio deltas; default 0.2'),
      token: duration().optional().describe('Playing time of one output token; default 50ms'),
    })
    .optional()
    .describe('Spoken answers of the Realtime API'),
  lanes: z
    .boolean()
    .optional()
    .describe('Responses over WebSocket: accept `stream_id` lanes; default true'),
  session_lifetime: duration()
    .optional()
    .describe(
      'How long a WebSocket session may last before the server ends it; default 60m, as the real services',
    ),
  keep_responses: duration()
    .optional()
    .describe('How long stored responses can be retrieved and chained from; default 10m'),

  models: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Models that exist; others get 404 model_not_found. Absent: any model'),
  api_key: z
    .string()
    .min(1)
    .optional()
    .describe('If set, requests with another key get 401. Not a secret: the mock is yours'),
  host: z.string().min(1).optional().describe('Address to listen on; default 127.0.0.1'),
  port: z
    .int()
    .min(0)
    .max(65535)
    .optional()
    .describe('Port to listen on; 0, the default, picks a free one'),
  tls: z
    .boolean()
    .optional()
    .describe('Also listen with TLS and a generated self-signed certificate; default false'),
  tls_port: z
    .int()
    .min(0)
    .max(65535)
    .optional()
    .describe('Port of the TLS listener; default 0, a free one'),
  limits: z
    .strictObject({
      body: byteCount().optional().describe('Largest request body, beyond it 413; default 32MiB'),
      message: byteCount().optional().describe('Largest WebSocket message; default 20MiB'),
      connections: z
        .int()
        .positive()
        .optional()
        .describe('Connections at the same time; further ones are dropped; default 20000'),
      logged_streams: z
        .int()
        .positive()
        .optional()
        .describe('Streams whose full record is kept for /log; default 10000'),
    })
    .optional()
    .describe('What the mock accepts and keeps'),
});

/** What a user writes. */
export type MockOptions = z.input<typeof mockOptionsSchema>;
