/** What happens to a request before its first byte: refusals, rate limits, and the fate of its stream. */
import { seededRng } from '../../src/random/rng.ts';
import type { ErrorRule } from '../settings/resolve-options.ts';
import type { OutputRequest } from '../timing/output-plan.ts';
import { formatReset } from '../timing/rate-limiter.ts';
import { ApiProblem, modelNotFound, overloaded } from './api-problem.ts';
import type { MockContext } from './context.ts';

interface AdmissionRequest {
  seedKey: string;
  /** How often a client's SDK has tried it before: a retry draws again. */
  attempt: number;
  model: string;
  /** Input tokens plus the output asked for. */
  tokens: number;
}

interface Standard {
  type: string;
  code: string | null;
  message: string;
}

// As the services phrase them.
const standard: Record<number, Standard> = {
  400: {
    type: 'invalid_request_error',
    code: 'context_length_exceeded',
    message:
      "This model's maximum context length was exceeded. Please reduce the length of the messages.",
  },
  401: {
    type: 'invalid_request_error',
    code: 'invalid_api_key',
    message: 'Incorrect API key provided.',
  },
  403: {
    type: 'invalid_request_error',
    code: 'unsupported_country_region_territory',
    message: 'Country, region, or territory not supported',
  },
  404: {
    type: 'invalid_request_error',
    code: 'model_not_found',
    message: 'The model does not exist or you do not have access to it.',
  },
  429: {
    type: 'requests',
    code: 'rate_limit_exceeded',
    message: 'Rate limit reached. Please try again later.',
  },
  503: {
    type: 'service_unavailable_error',
    code: 'server_is_overloaded',
    message: 'The server is currently overloaded with other requests. Please retry later.',
  },
};

function refusal(rule: ErrorRule): ApiProblem {
  const usual = standard[rule.status];
  const headers: Record<string, string> = {};
  if (rule.retryAfterMs !== undefined) {
    // Whole seconds, at least one, as the specification requires; the other header is exact.
    headers['retry-after'] = String(Math.max(1, Math.ceil(rule.retryAfterMs / 1000)));
    headers['retry-after-ms'] = String(Math.round(rule.retryAfterMs));
  }
  const fallback =
    rule.status >= 500
      ? 'The server had an error while processing your request. Sorry about that!'
      : 'The request was refused.';
  return new ApiProblem({
    status: rule.status,
    message: rule.message ?? usual?.message ?? fallback,
    code: rule.code ?? usual?.code ?? null,
    ...(usual && { type: usual.type }),
    headers,
  });
}

/**
 * Checks model, configured refusals and rate limits.
 *
 * @returns the rate-limit headers for the answer.
 * @throws ApiProblem 404, 429 or whatever a rule of `errors` says.
 */
function admit(context: MockContext, request: AdmissionRequest): Record<string, string> {
  const { settings, rateLimiter } = context;
  if (settings.models && !settings.models.includes(request.model)) {
    throw modelNotFound(request.model);
  }
  let draw = seededRng(`${settings.seed}/${request.seedKey}/refusal/${request.attempt}`)();
  for (const rule of settings.errors) {
    if (draw < rule.share) throw refusal(rule);
    draw -= rule.share;
  }
  const decision = rateLimiter.tryTake(request.tokens, context.scheduler.now());
  if (decision.allowed) return decision.headers;
  const { hit } = decision;
  const state = rateLimiter.states(context.scheduler.now()).find((one) => one.name === hit)!;
  const unit = hit === 'tokens' ? 'tokens per min (TPM)' : 'requests per min (RPM)';
  const requested = hit === 'tokens' ? request.tokens : 1;
  throw new ApiProblem({
    status: 429,
    type: hit!,
    code: 'rate_limit_exceeded',
    message: `Rate limit reached for ${request.model} on ${unit}: Limit ${state.limit}, Used ${state.limit - state.remaining}, Requested ${requested}. Please try again in ${formatReset(decision.retryAfterMs)}.`,
    headers: {
      ...decision.headers,
      'retry-after': String(Math.max(1, Math.ceil(decision.retryAfterMs / 1000))),
      'retry-after-ms': String(Math.ceil(decision.retryAfterMs)),
    },
  });
}

/**
 * Lets an answer in, or refuses it: by its model, by what `errors` says, by the rate limits, or for want
 * of room.
 *
 * @param asked - `attempt`: how often its client has asked before; its seed key is made distinct.
 * @param headers - take the rate limits, whether or not there is room.
 * @throws ApiProblem 404, 429, 503 or whatever a rule of `errors` says.
 */
export function admitAnswer(
  context: MockContext,
  asked: { model: string; output: OutputRequest; streamId: string | undefined; attempt?: number },
  headers: Record<string, string> = {},
): void {
  const { model, output, streamId, attempt = 0 } = asked;
  output.seedKey = context.seedKeys.distinct(output.seedKey, streamId);
  const { seedKey } = output;
  const tokens = output.inputTokens + (output.maxTokens ?? 0);
  Object.assign(headers, admit(context, { seedKey, attempt, model, tokens }));
  if (context.capacity.full) throw overloaded();
}

/** What is wrong with a stream that was admitted. */
export interface StreamFate {
  kind: 'fine' | 'in_band_error' | 'truncate';
  /** How many of its pieces are sent before it happens: at least one where there is one. */
  pieces: number;
}

/** Decides how a stream of `pieceCount` pieces ends. Seeded like its text. */
export function drawFate(context: MockContext, seedKey: string, pieceCount: number): StreamFate {
  const { inBandErrorShare, truncateShare, seed } = context.settings;
  if (inBandErrorShare === 0 && truncateShare === 0) return { kind: 'fine', pieces: Infinity };
  const rng = seededRng(`${seed}/${seedKey}/fate`);
  const draw = rng();
  const pieces = Math.min(pieceCount, 1 + Math.floor(rng() * pieceCount));
  if (draw < inBandErrorShare) return { kind: 'in_band_error', pieces };
  if (draw < inBandErrorShare + truncateShare) return { kind: 'truncate', pieces };
  return { kind: 'fine', pieces: Infinity };
}
