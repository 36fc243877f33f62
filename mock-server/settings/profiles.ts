/**
 * Named token timings, so that a scenario can say what kind of service it has in mind instead of
 * eight distributions. Each imitates the shape of a kind of service; none claims to be a
 * measurement of one. Anything set next to `profile:` wins over it.
 */

/** The options a profile fills in, written as a user would write them. */
export interface ProfileOptions {
  ttft: string;
  itl: string;
  tokens: string | number;
  tokens_per_event: string | number;
  token_bytes: string;
  reasoning_tokens: string | number;
  tool_call_tokens: string | number;
  stalls?: { every: string; length: string };
  slots?: number;
  queue?: number;
  slowdown?: number;
  audio?: { chunk: string; speed: number; jitter: number; token: string };
}

const common = {
  tokens_per_event: 1,
  // Leading space included, an English token of a byte-pair vocabulary is four to five bytes.
  token_bytes: 'uniform(2B, 8B)',
  reasoning_tokens: 0,
  tool_call_tokens: 'uniform(12, 32)',
} as const;

export const profiles = {
  /** A small, lightly loaded hosted model: short answers without delay. The default; made for demos. */
  fast: {
    ...common,
    ttft: 'lognormal(80ms, 0.3)',
    itl: 'gamma(8ms, 0.4)',
    tokens: 'uniform(48, 96)',
  },
  /** A large hosted chat model: log-normal first token, some coalescing, a rare pause. */
  'gpt-like': {
    ...common,
    ttft: 'lognormal(350ms, 0.45)',
    itl: 'gamma(18ms, 0.7)',
    tokens: 'lognormal(220, 0.5)',
    tokens_per_event: 'uniform(1, 2.2)',
    stalls: { every: 'exponential(20s)', length: 'uniform(150ms, 900ms)' },
  },
  /** A model that thinks first: long silence or reasoning, then a fast answer. */
  'reasoning-like': {
    ...common,
    ttft: 'lognormal(900ms, 0.5)',
    itl: 'gamma(12ms, 0.5)',
    tokens: 'lognormal(300, 0.4)',
    reasoning_tokens: 'lognormal(250, 0.6)',
  },
  /** A 7B model on one consumer GPU: steady gaps, few slots, queueing as soon as they are taken. */
  'local-7b': {
    ...common,
    ttft: 'lognormal(120ms, 0.2)',
    itl: 'gamma(22ms, 0.15)',
    tokens: 'lognormal(180, 0.4)',
    slots: 8,
    queue: 64,
    slowdown: 0.8,
  },
  /** A speech-to-speech model: audio some times faster than it is played, in deltas of 200 ms. */
  'voice-like': {
    ...common,
    ttft: 'lognormal(300ms, 0.35)',
    itl: 'gamma(15ms, 0.5)',
    tokens: 'uniform(60, 160)',
    audio: { chunk: '200ms', speed: 4, jitter: 0.3, token: '50ms' },
  },
  /** No waiting at all: for measuring a client's or a proxy's cost. */
  instant: {
    ...common,
    ttft: '0ms',
    itl: '0ms',
    tokens: 64,
    token_bytes: '5B',
    tool_call_tokens: 16,
    audio: { chunk: '200ms', speed: 1000, jitter: 0, token: '50ms' },
  },
} as const satisfies Record<string, ProfileOptions>;

export type ProfileName = keyof typeof profiles;

export const profileNames = Object.keys(profiles) as [ProfileName, ...ProfileName[]];

export const defaultProfile: ProfileName = 'fast';
