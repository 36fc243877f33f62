import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { formatError, StreamgaugeError } from '../../../src/errors.ts';
import { mockOptionsSchema } from '../../../mock-server/settings/options.ts';
import { profileNames } from '../../../mock-server/settings/profiles.ts';
import { resolveMockOptions } from '../../../mock-server/settings/resolve-options.ts';
import { planOutput } from '../../../mock-server/timing/plan-output.ts';

describe('mock options', () => {
  it('resolve every profile, and overrides win over it', () => {
    for (const profile of profileNames) {
      const settings = resolveMockOptions({ profile, tokens: 3 });
      expect(settings.profile).toBe(profile);
      expect(settings.tokens).toEqual({ kind: 'constant', value: 3 });
    }
    expect(resolveMockOptions({ profile: 'local-7b' }).capacity).toEqual({
      slots: 8,
      queue: 64,
      slowdown: 0.8,
    });
    expect(resolveMockOptions({ profile: 'voice-like', audio: { speed: 2 } }).audio).toEqual({
      chunkMs: 200,
      speed: 2,
      jitter: 0.3,
      msPerToken: 50,
    });
  });

  it('turn units into numbers', () => {
    const settings = resolveMockOptions({
      ttft: 'lognormal(180ms, 0.4)',
      stalls: { every: 'exponential(5s)', length: 'uniform(200ms, 2s)' },
      rate_limits: { requests: '500/m', tokens: '10/s' },
      errors: [{ status: 429, share: '2%', retry_after: '1.5s' }],
      limits: { body: '1kB' },
    });
    expect(settings.ttftMs).toEqual({ kind: 'lognormal', median: 180, sigma: 0.4 });
    expect(settings.stalls).toEqual({
      everyMs: { kind: 'exponential', mean: 5000 },
      lengthMs: { kind: 'uniform', low: 200, high: 2000 },
    });
    expect(settings.rateLimits).toEqual({
      requests: { amount: 500, windowMs: 60_000 },
      tokens: { amount: 10, windowMs: 1000 },
    });
    expect(settings.errors).toMatchObject([{ status: 429, share: 0.02, retryAfterMs: 1500 }]);
    expect(settings.limits.bodyBytes).toBe(1000);
  });

  it.each([
    [{ ttft: '180' }, 'mock.ttft: "180" is not a duration', 'did you mean "180ms" or "180s"?'],
    [{ ttft: 180 }, 'mock.ttft: "180" is not a duration', ''],
    [{ itl: 'gama(20ms, 1)' }, 'mock.itl: unknown distribution "gama"', ''],
    [{ tokenz: 3 }, 'unknown key "tokenz" in the mock’s options', 'did you mean "tokens"?'],
    [{ stalls: { every: '5s' } }, '"length" is missing in mock.stalls', ''],
    [{ errors: [{ status: 429, share: '2' }] }, 'mock.errors[0].share: "2" is', 'mean "2%"?'],
    [{ errors: [{ status: 200, share: '2%' }] }, 'mock.errors[0].status must be one of', 'not 200'],
    [{ in_band_errors: '120%' }, 'mock.in_band_errors: "120%" must be between 0% and 100%', ''],
    [{ profile: 'slow' }, 'mock.profile must be one of', ''],
    [{ queue: 3 }, 'mock.queue: has no meaning without `slots`', ''],
    [{ trace: '/nowhere.jsonl' }, 'mock.trace: cannot read', ''],
    [{ port: 70_000 }, 'mock.port must be at most 65535', ''],
  ])('say what is wrong: %j', (input, message, more) => {
    const errors: string[] = [];
    try {
      resolveMockOptions(input);
    } catch (error) {
      if (error instanceof StreamgaugeError) errors.push(formatError(error));
    }
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(message);
    expect(errors[0]).toContain(more);
  });

  it('say everything that is wrong in one error', () => {
    expect(() => resolveMockOptions({ ttft: '180', tokenz: 3 })).toThrow(
      /"180" is not a duration(.|\n)*unknown key "tokenz"/,
    );
  });

  it('describe each key, and become a JSON Schema', () => {
    for (const [key, schema] of Object.entries(mockOptionsSchema.shape)) {
      expect(schema.description, key).toBeTruthy();
    }
    const json = z.toJSONSchema(mockOptionsSchema, { io: 'input' });
    expect(json).toMatchObject({ type: 'object', additionalProperties: false });
  });

  it('play a recorded trace as it was', () => {
    const rows = '{"ttft_ms": 180, "gaps_ms": [20, 31, 5]}\n\n';
    const settings = resolveMockOptions(
      { trace: 'rec.jsonl' },
      { readText: (file) => (file === '/base/rec.jsonl' ? rows : ''), baseDirectory: '/base' },
    );
    const plan = planOutput(settings, {
      seedKey: '1',
      inputTokens: 1,
      maxTokens: undefined,
      tools: [],
      toolChoice: 'auto',
      reasoning: true,
      modality: 'text',
    });
    expect(plan.pieces.map((piece) => piece.atMs)).toEqual([180, 200, 231, 236]);
    const read = (text: string) => () =>
      resolveMockOptions({ trace: 'x' }, { readText: () => text, baseDirectory: '/' });
    expect(read('{"ttft_ms": -1, "gaps_ms": []}')).toThrow('/x:1 is not');
    expect(read('\n')).toThrow('has no rows');
  });
});
