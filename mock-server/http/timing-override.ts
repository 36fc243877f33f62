/**
 * Timing that one request asks for itself, by the header `x-streamgauge-timing` and a JSON object. With
 * it a client can vary what the server produces while everything else stays as it is: `diagnose` makes
 * tokens four times as large, or as slow, and sees what the path does with them.
 */
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { parseDistribution, type Distribution } from '../../src/random/distribution.ts';
import { messageOf } from '../../src/errors.ts';
import { parseBytes, parseDuration } from '../../src/settings/units.ts';
import { badRequest } from './api-problem.ts';
import type { MockSettings } from '../settings/resolve-options.ts';
import type { OutputPlan } from '../timing/output-plan.ts';

export const timingHeader = 'x-streamgauge-timing';

const schema = z.strictObject({
  /** As under `mock:`. */
  ttft: z.string().optional(),
  itl: z.string().optional(),
  tokens: z.int().positive().optional(),
  token_bytes: z.string().optional(),
  /** Multiplies the gaps that would have been. */
  itl_times: z.number().positive().max(1000).optional(),
  /** One silence in the middle: before the token after so many. */
  pause: z.strictObject({ after: z.int().positive(), length: z.string() }).optional(),
  /** A keep-alive comment whenever so much time has passed. */
  heartbeat: z
    .string()
    .refine((text) => parseDuration(text) >= 10, 'must be at least 10ms')
    .optional(),
});

export interface TimingOverride {
  /** With what the request asks for in place of its own. */
  settings: MockSettings;
  pause: { after: number; lengthMs: number } | undefined;
  heartbeatMs: number | undefined;
}

function scaled(distribution: Distribution, factor: number): Distribution {
  switch (distribution.kind) {
    case 'constant':
      return { ...distribution, value: distribution.value * factor };
    case 'uniform':
      return { ...distribution, low: distribution.low * factor, high: distribution.high * factor };
    case 'normal':
      return { ...distribution, mean: distribution.mean * factor, sd: distribution.sd * factor };
    case 'lognormal':
      return { ...distribution, median: distribution.median * factor };
    case 'exponential':
    case 'gamma':
      return { ...distribution, mean: distribution.mean * factor };
    case 'pareto':
      return { ...distribution, min: distribution.min * factor };
  }
}

/** @throws ApiProblem 400 that names the header. */
export function timingOverride(settings: MockSettings, request: IncomingMessage): TimingOverride {
  const header = request.headers[timingHeader];
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return { settings, pause: undefined, heartbeatMs: undefined };
  try {
    const asked = schema.parse(JSON.parse(text));
    const own = <T>(
      value: T | undefined,
      parse: (value: T) => Distribution,
      otherwise: Distribution,
    ) => (value === undefined ? otherwise : parse(value));
    const { itl_times: slower = 1 } = asked;
    const itlMs = own(
      asked.itl,
      (value) => parseDistribution(value, parseDuration),
      settings.itlMs,
    );
    const tokenBytes = own(
      asked.token_bytes,
      (value) => parseDistribution(value, parseBytes),
      settings.tokenBytes,
    );
    return {
      settings: {
        ...settings,
        ttftMs: own(
          asked.ttft,
          (value) => parseDistribution(value, parseDuration),
          settings.ttftMs,
        ),
        itlMs: scaled(itlMs, slower),
        tokens: own(asked.tokens, (value) => ({ kind: 'constant', value }), settings.tokens),
        tokenBytes,
        trace: settings.trace?.map((row) => ({
          ...row,
          gapsMs: row.gapsMs.map((gap) => gap * slower),
        })),
      },
      pause: asked.pause && {
        after: asked.pause.after,
        lengthMs: parseDuration(asked.pause.length),
      },
      heartbeatMs: asked.heartbeat === undefined ? undefined : parseDuration(asked.heartbeat),
    };
  } catch (error) {
    throw badRequest(`Invalid '${timingHeader}': ${messageOf(error)}`, timingHeader);
  }
}

/** The plan with the silence in it. */
export function paused(plan: OutputPlan, pause: TimingOverride['pause']): OutputPlan {
  if (!pause || plan.pieces.length <= pause.after) return plan;
  return {
    ...plan,
    pieces: plan.pieces.map((piece, index) =>
      index < pause.after ? piece : { ...piece, atMs: piece.atMs + pause.lengthMs },
    ),
    endMs: plan.endMs + pause.lengthMs,
  };
}
