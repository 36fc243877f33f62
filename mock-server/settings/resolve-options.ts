/** The mock's options after reading: numbers in ms, bytes and fractions, every default filled in. */
import * as path from 'node:path';
import { z } from 'zod';
import { StreamgaugeError, messageOf, type ErrorDetails } from '../../src/errors.ts';
import type { Distribution } from '../../src/random/distribution.ts';
import { checked } from '../../src/settings/checked.ts';
import { parseByteCounts, parseCounts, parseDurations } from '../../src/settings/fields.ts';
import { parseBytes, parseDuration, parsePercent } from '../../src/settings/units.ts';
import { realWorld } from '../../src/world.ts';
import { mockOptionsSchema, type Alphabet, type MockOptions, type ResumeBug } from './options.ts';
import { defaultProfile, profiles, type ProfileName } from './profiles.ts';

/** One recorded answer. */
export interface TraceRow {
  ttftMs: number;
  /** Gaps between its events; one event more than gaps. */
  gapsMs: readonly number[];
}

/** `amount` things per `windowMs`. */
export interface RateLimit {
  amount: number;
  windowMs: number;
}

export interface ErrorRule {
  status: number;
  /** Fraction of requests. */
  share: number;
  code: string | undefined;
  message: string | undefined;
  retryAfterMs: number | undefined;
}

export interface MockSettings {
  profile: ProfileName;
  seed: string;
  ttftMs: Distribution;
  /** Between token-bearing events. */
  itlMs: Distribution;
  tokens: Distribution;
  tokensPerEvent: Distribution;
  tokenBytes: Distribution;
  text: Alphabet;
  reasoningTokens: Distribution;
  toolCallTokens: Distribution;
  toolCalls: Distribution;
  /** Fraction of answers that call a tool when they may. */
  autoToolShare: number;
  stalls: { everyMs: Distribution; lengthMs: Distribution } | undefined;
  trace: readonly TraceRow[] | undefined;
  onLeave: 'stop' | 'keep_generating';
  stopDelayMs: number;
  /** `slots` and `queue` are Infinity where unlimited. */
  capacity: { slots: number; queue: number; slowdown: number };
  rateLimits: { requests: RateLimit | undefined; tokens: RateLimit | undefined };
  errors: readonly ErrorRule[];
  inBandErrorShare: number;
  truncateShare: number;
  obfuscation: boolean;
  resume: {
    /** Whether chat streams carry ids and outlive their connection. */
    sse: boolean;
    retryMs: number | undefined;
    bufferEvents: number;
    keepMs: number;
    offsetUnit: 'utf16' | 'bytes';
    pingMs: number;
  };
  resumeBug: ResumeBug | undefined;
  audio: { chunkMs: number; speed: number; jitter: number; msPerToken: number };
  lanes: boolean;
  sessionLifetimeMs: number;
  keepResponsesMs: number;
  /** Undefined: any model exists. */
  models: readonly string[] | undefined;
  apiKey: string | undefined;
  host: string;
  port: number;
  tls: boolean;
  tlsPort: number;
  limits: { bodyBytes: number; messageBytes: number; connections: number; loggedStreams: number };
}

export interface ResolveContext {
  readText(path: string): string;
  /** Relative paths (`trace`) are relative to it. */
  baseDirectory: string;
}

function worldContext(): ResolveContext {
  const { files, cwd } = realWorld();
  return { readText: (file) => files.readText(file), baseDirectory: cwd };
}

const invalid = {
  code: 'mock-option-invalid',
  exit: 'usage',
  hints: ['see `streamgauge mock --help` and `streamgauge schema` for every key'],
} satisfies ErrorDetails;

const mockWords = { whole: 'the mock’s options', prefix: 'mock' };

/** An option that fits its schema and still cannot be: because of another one, or of a file. */
export class MockOptionError extends StreamgaugeError {
  readonly key: keyof MockOptions;

  constructor(key: keyof MockOptions, message: string) {
    super(`mock.${key}: ${message}`, invalid);
    this.key = key;
  }
}

const optionalDuration = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : parseDuration(text);
const share = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : parsePercent(text);

function rateLimit(text: string | undefined): RateLimit | undefined {
  if (text === undefined) return undefined;
  const [amount = '', unit = ''] = text.split('/').map((part) => part.trim());
  return { amount: Number(amount), windowMs: parseDuration(`1${unit}`) };
}

const traceRow = z.object({
  ttft_ms: z.number().nonnegative(),
  gaps_ms: z.array(z.number().nonnegative()),
});

function readTrace(file: string, context: ResolveContext): TraceRow[] {
  const full = path.resolve(context.baseDirectory, file);
  let text: string;
  try {
    text = context.readText(full);
  } catch (error) {
    throw new MockOptionError('trace', `cannot read ${full}: ${messageOf(error)}`);
  }
  const rows: TraceRow[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    try {
      const row = traceRow.parse(JSON.parse(line));
      rows.push({ ttftMs: row.ttft_ms, gapsMs: row.gaps_ms });
    } catch {
      throw new MockOptionError(
        'trace',
        `${full}:${index + 1} is not {"ttft_ms": number, "gaps_ms": [number, …]}`,
      );
    }
  }
  if (rows.length === 0) throw new MockOptionError('trace', `${full} has no rows`);
  return rows;
}

/**
 * Merges profile and overrides and turns units into numbers.
 *
 * @param input - {@link MockOptions} from whatever source; checked here.
 * @throws StreamgaugeErrors that name every wrong option, or a {@link MockOptionError}.
 */
export function resolveMockOptions(input: unknown = {}, context?: ResolveContext): MockSettings {
  const options: MockOptions = checked(mockOptionsSchema, input, mockWords, invalid);
  const profile = options.profile ?? defaultProfile;
  const base: MockOptions = profiles[profile];
  const merged = { ...base, ...options, audio: { ...base.audio, ...options.audio } };
  const { audio, limits, stalls } = merged;
  for (const key of ['queue', 'slowdown'] as const) {
    if (merged[key] !== undefined && merged.slots === undefined) {
      throw new MockOptionError(key, 'has no meaning without `slots`');
    }
  }
  if (merged.on_leave === 'keep_generating' && merged.stop_delay !== undefined) {
    throw new MockOptionError(
      'stop_delay',
      'has no meaning with `on_leave: keep_generating`, which never stops',
    );
  }
  return {
    profile,
    seed: String(merged.seed ?? 1),
    ttftMs: parseDurations(merged.ttft!),
    itlMs: parseDurations(merged.itl!),
    tokens: parseCounts(merged.tokens!),
    tokensPerEvent: parseCounts(merged.tokens_per_event!),
    tokenBytes: parseByteCounts(merged.token_bytes!),
    text: merged.text ?? 'ascii',
    reasoningTokens: parseCounts(merged.reasoning_tokens!),
    toolCallTokens: parseCounts(merged.tool_call_tokens!),
    toolCalls: parseCounts(merged.tool_calls ?? 1),
    autoToolShare: share(merged.auto_tool_share, 0.5),
    stalls: stalls && {
      everyMs: parseDurations(stalls.every),
      lengthMs: parseDurations(stalls.length),
    },
    trace:
      merged.trace === undefined ? undefined : readTrace(merged.trace, context ?? worldContext()),
    onLeave: merged.on_leave ?? 'stop',
    stopDelayMs: optionalDuration(merged.stop_delay, 0),
    capacity: {
      slots: merged.slots ?? Infinity,
      queue: merged.queue ?? Infinity,
      slowdown: merged.slowdown ?? 0,
    },
    rateLimits: {
      requests: rateLimit(merged.rate_limits?.requests),
      tokens: rateLimit(merged.rate_limits?.tokens),
    },
    errors: (merged.errors ?? []).map((rule) => ({
      status: rule.status,
      share: parsePercent(rule.share),
      code: rule.code,
      message: rule.message,
      retryAfterMs: rule.retry_after === undefined ? undefined : parseDuration(rule.retry_after),
    })),
    inBandErrorShare: share(merged.in_band_errors, 0),
    truncateShare: share(merged.truncate, 0),
    obfuscation: merged.obfuscation ?? true,
    resume: {
      sse: merged.resume?.sse ?? false,
      retryMs: merged.resume?.retry === undefined ? undefined : parseDuration(merged.resume.retry),
      bufferEvents: merged.resume?.buffer ?? 10_000,
      keepMs: optionalDuration(merged.resume?.keep, 60_000),
      offsetUnit: merged.resume?.offset_unit ?? 'utf16',
      pingMs: optionalDuration(merged.resume?.ping, 15_000),
    },
    resumeBug: merged.resume_bug,
    audio: {
      chunkMs: optionalDuration(audio.chunk, 200),
      speed: audio.speed ?? 4,
      jitter: audio.jitter ?? 0.2,
      msPerToken: optionalDuration(audio.token, 50),
    },
    lanes: merged.lanes ?? true,
    sessionLifetimeMs: optionalDuration(merged.session_lifetime, 3_600_000),
    keepResponsesMs: optionalDuration(merged.keep_responses, 600_000),
    models: merged.models,
    apiKey: merged.api_key,
    host: merged.host ?? '127.0.0.1',
    port: merged.port ?? 0,
    tls: merged.tls ?? false,
    tlsPort: merged.tls_port ?? 0,
    limits: {
      bodyBytes: limits?.body === undefined ? 32 * 1024 ** 2 : parseBytes(limits.body),
      messageBytes: limits?.message === undefined ? 20 * 1024 ** 2 : parseBytes(limits.message),
      connections: limits?.connections ?? 20_000,
      loggedStreams: limits?.logged_streams ?? 10_000,
    },
  };
}
