import { describe, expect, it } from 'vitest';
import { makePacer } from '../../../src/load/registry.ts';

describe('closed', () => {
  const pacer = makePacer(
    { kind: 'closed', sessions: 3, iterations: 5 },
    { durationMs: 1000, seed: '' },
  );
  const ask = (state: { elapsedMs: number; scheduled: number; active: number; ended?: number }) =>
    pacer.next({ ...state, lastEndedMs: state.ended ?? -1 });

  it('starts the first ones immediately, then waits for one to end', () => {
    expect(ask({ elapsedMs: 3, scheduled: 0, active: 0 })).toEqual({ kind: 'start', atMs: 0 });
    expect(ask({ elapsedMs: 3, scheduled: 2, active: 2 })).toEqual({ kind: 'start', atMs: 0 });
    expect(ask({ elapsedMs: 3, scheduled: 3, active: 3 })).toEqual({
      kind: 'wait',
      untilMs: Infinity,
    });
  });
  it('intends the next one for the moment the last one ended', () => {
    expect(ask({ elapsedMs: 420, scheduled: 3, active: 2, ended: 400 })).toEqual({
      kind: 'start',
      atMs: 400,
    });
  });
  it('stops after its iterations and after its time', () => {
    expect(ask({ elapsedMs: 500, scheduled: 5, active: 2, ended: 490 }).kind).toBe('stop');
    expect(ask({ elapsedMs: 1000, scheduled: 3, active: 2, ended: 990 }).kind).toBe('stop');
  });
  it('says itself in one sentence', () => {
    expect(pacer.describe()).toBe('5 sessions in all, 3 at a time, at most for 1 s');
    const plain = makePacer({ kind: 'closed', sessions: 200 }, { durationMs: 30_000, seed: '' });
    expect(plain.describe()).toBe('200 sessions at a time for 30 s');
  });
});
