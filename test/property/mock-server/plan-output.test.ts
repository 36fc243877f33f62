import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveMockOptions } from '../../../mock-server/settings/resolve-options.ts';
import { planOutput } from '../../../mock-server/timing/plan-output.ts';
import { tokenText, unicodeText } from '../../../mock-server/timing/made-up-words.ts';
import type { OutputRequest } from '../../../mock-server/timing/output-plan.ts';
import { seededRng } from '../../../src/random/rng.ts';

const options = fc.record({
  seed: fc.string({ minLength: 1 }),
  ttft: fc.constantFrom('0ms', 'lognormal(180ms, 0.4)', 'pareto(10ms, 1.2)'),
  itl: fc.constantFrom('0ms', 'gamma(20ms, 0.3)', 'normal(5ms, 9ms)'),
  tokens: fc.integer({ min: 0, max: 300 }),
  tokens_per_event: fc.constantFrom<(number | string)[]>(1, 3, 'uniform(0, 5)'),
  text: fc.constantFrom<('ascii' | 'unicode')[]>('ascii', 'unicode'),
  token_bytes: fc.constantFrom('1B', 'uniform(1B, 12B)', '60B'),
  reasoning_tokens: fc.integer({ min: 0, max: 60 }),
  tool_calls: fc.integer({ min: 0, max: 4 }),
  tool_call_tokens: fc.integer({ min: 0, max: 60 }),
  stalls: fc.constantFrom({ every: 'exponential(50ms)', length: 'uniform(100ms, 1s)' }),
});

const requests: fc.Arbitrary<OutputRequest> = fc.record({
  seedKey: fc.string(),
  inputTokens: fc.nat(1000),
  maxTokens: fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined }),
  tools: fc.constantFrom<string[][]>([], ['a'], ['a', 'b']).map((tools) => tools),
  toolChoice: fc.constantFrom('auto', 'required', 'none'),
  reasoning: fc.boolean(),
  modality: fc.constantFrom('text', 'audio'),
});

describe('planOutput', () => {
  it('is repeatable, monotone, within the limit, and its sums match its pieces', () => {
    fc.assert(
      fc.property(options, requests, (input, request) => {
        const settings = resolveMockOptions(input);
        const plan = planOutput(settings, request);
        expect(planOutput(settings, request)).toEqual(plan);

        let before = 0;
        let item = 0;
        let tokens = 0;
        let reasoning = 0;
        for (const piece of plan.pieces) {
          expect(piece.atMs).toBeGreaterThanOrEqual(before);
          expect(piece.item - item).toBeOneOf([0, 1]);
          expect(piece.tokens).toBeGreaterThan(0);
          expect(piece.text).not.toBe('');
          before = piece.atMs;
          item = piece.item;
          tokens += piece.tokens;
          if (piece.kind === 'reasoning') reasoning += piece.tokens;
        }
        expect(plan.endMs).toBeGreaterThanOrEqual(before);
        expect(plan.outputTokens).toBe(tokens);
        expect(plan.reasoningTokens).toBe(reasoning);
        expect(tokens).toBeLessThanOrEqual(request.maxTokens ?? Infinity);
        for (const call of plan.toolCalls) {
          const pieces = plan.pieces.filter((piece) => piece.item === call.item);
          expect(pieces.every((piece) => piece.kind === 'tool_arguments')).toBe(true);
          const text = pieces.map((piece) => piece.text).join('');
          if (plan.finish === 'tool_calls') expect(JSON.parse(text)).toHaveProperty('input');
        }
        if (request.toolChoice === 'none' || request.tools.length === 0) {
          expect(plan.toolCalls).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('leaves timing alone when only the limit changes', () => {
    const settings = resolveMockOptions({ profile: 'gpt-like', tokens: 50 });
    const base = {
      seedKey: '1',
      inputTokens: 1,
      maxTokens: undefined,
      tools: [],
      toolChoice: 'auto',
      reasoning: true,
      modality: 'text',
    } as const;
    const whole = planOutput(settings, base);
    const cut = planOutput(settings, { ...base, maxTokens: 20 });
    expect(cut.finish).toBe('length');
    expect(cut.outputTokens).toBe(20);
    expect(cut.pieces.slice(0, -1)).toEqual(whole.pieces.slice(0, cut.pieces.length - 1));
    expect(cut.pieces.at(-1)!.atMs).toBe(whole.pieces[cut.pieces.length - 1]!.atMs);
  });

  it('makes tokens of exactly the wanted size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.string(), (bytes, seed) => {
        const text = tokenText(bytes, seededRng(seed));
        expect(Buffer.byteLength(text)).toBe(bytes);
      }),
    );
  });
});

describe('unicodeText', () => {
  it('is as long as asked in bytes, whole characters only, and the same for the same seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 80 }), fc.string(), (bytes, seed) => {
        const text = unicodeText(bytes, seededRng(seed));
        expect(Buffer.byteLength(text)).toBe(bytes);
        expect(Buffer.from(text).toString()).toBe(text);
        expect(unicodeText(bytes, seededRng(seed))).toBe(text);
      }),
    );
  });

  it('has characters of two, three and four bytes, joined and combining ones', () => {
    const rng = seededRng(1);
    const text = Array.from({ length: 200 }, () => unicodeText(14, rng)).join('');
    for (const kind of [
      /[\u0080-\u07ff]/,
      /[\u0800-\ud7ff]/,
      /[\u{10000}-\u{10ffff}]/u,
      /\u200d/,
      /\u0301/,
    ]) {
      expect(text).toMatch(kind);
    }
  });
});
