import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  didYouMean,
  editDistance,
  meantHints,
  suggest,
} from '../../../src/settings/did-you-mean.ts';

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

describe('the hint', () => {
  it('names one word or several', () => {
    expect(didYouMean('sessions')).toBe('did you mean "sessions"?');
    expect(didYouMean('5ms', '5s')).toBe('did you mean "5ms" or "5s"?');
    expect(meantHints('sesions', ['sessions'])).toEqual(['did you mean "sessions"?']);
    expect(meantHints('faults', ['load'])).toEqual([]);
  });

  it('is written in one place', () => {
    const root = path.resolve(import.meta.dirname, '../../..');
    const files = ['src', 'mock-server'].flatMap((folder) =>
      fs
        .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => path.join(folder, file)),
    );
    const writing = files.filter((file) =>
      fs.readFileSync(path.join(root, file), 'utf8').includes('`did you mean'),
    );
    expect(writing).toEqual(['src/settings/did-you-mean.ts']);
  });
});
