import { afterEach, expect, it, vi } from 'vitest';
import type { TestCase, TestModule } from 'vitest/node';
import TriesReporter from '../../../scripts/tries-reporter.js';

afterEach(() => {
  vi.restoreAllMocks();
});

interface Ran {
  name: string;
  state?: 'passed' | 'failed' | 'skipped';
  retries?: number;
  meta?: object;
}

function moduleOf(tests: readonly Ran[]): TestModule {
  const cases = tests.map(({ name, state = 'passed', retries = 0, meta = {} }) => ({
    fullName: name,
    result: () => ({ state }),
    diagnostic: () => ({ retryCount: retries }),
    meta: () => meta,
  })) as unknown as TestCase[];
  return { children: { allTests: () => cases.values() } } as unknown as TestModule;
}

function said(...modules: Ran[][]): string {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += String(part);
    return true;
  });
  new TriesReporter().onTestRunEnd(modules.map(moduleOf));
  return text;
}

it('counts the tests that needed a second try, and names them', () => {
  const text = said(
    [{ name: 'quick' }, { name: 'late', retries: 1 }, { name: 'absent', state: 'skipped' }],
    [{ name: 'wrong', state: 'failed', retries: 2 }],
    [{ name: 'repeats itself', meta: { tries: 3 } }],
  );
  expect(text).toBe(`3 of 4 timing tests needed a second try:
  passed after 2: late
  failed after 3: wrong
  passed after 3: repeats itself
`);
});

it('says so where none did', () => {
  expect(said([{ name: 'quick' }])).toBe('0 of 1 timing tests needed a second try\n');
});
