import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, suggest } from '../../../src/settings/did-you-mean.ts';

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['abc', '', 3],
    ['sesions', 'sessions', 1],
    ['ttfe', 'ttef', 1],
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
  ])('%s → %s is %d', (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance);
  });
  it('is symmetric, zero only for equal words, and at most the longer length', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

describe('suggest', () => {
  it('finds the nearest known word', () => {
    expect(suggest('sesions', ['session', 'sessions', 'seed'])).toBe('sessions');
    expect(suggest('maxTokens', ['max_tokens', 'tokens'])).toBe('max_tokens');
    expect(suggest('OpenAI-Chat', ['openai-chat'])).toBe('openai-chat');
  });
  it('says nothing where nothing is near', () => {
    expect(suggest('faults', ['headers', 'mock', 'load'])).toBeUndefined();
  });
});
