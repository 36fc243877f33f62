/** What every pacer promises, whatever its shape. A new kind needs one line in `shapes`. */
import { describe, expect, it } from 'vitest';
import { loadKinds, type LoadKind, type LoadShape } from '../../src/load/pacer.ts';
import { makePacer } from '../../src/load/registry.ts';
import { startTimes } from '../helpers/pacer.ts';

const durationMs = 5000;
const shapes: Record<LoadKind, LoadShape> = {
  closed: { kind: 'closed', sessions: 4, iterations: 40 },
  constant: { kind: 'constant', rate: 7 },
  poisson: { kind: 'poisson', rate: 9 },
  ramp: { kind: 'ramp', from: 2, to: 12, arrival: 'poisson' },
  stages: {
    kind: 'stages',
    arrival: 'even',
    stages: [
      { durationMs: 2000, rate: 5, shape: 'step' },
      { durationMs: 3000, rate: 20, shape: 'ramp' },
    ],
  },
  burst: { kind: 'burst', size: 5, everyMs: 700 },
  trace: { kind: 'trace', startsMs: [0, 5, 5, 1200, 4999] },
};

describe.each(loadKinds)('the %s pacer', (kind) => {
  const make = (seed = 'seed') => makePacer(shapes[kind], { durationMs, seed });

  it('starts something, in ascending order, within its duration', () => {
    const starts = startTimes(make());
    expect(starts.length).toBeGreaterThan(0);
    for (const [i, at] of starts.entries()) {
      expect(at).toBeGreaterThanOrEqual(starts[i - 1] ?? 0);
      expect(at).toBeLessThan(durationMs);
    }
  });

  it('never answers start with a time that is still to come', () => {
    const pacer = make();
    for (let elapsedMs = 0; elapsedMs < durationMs; elapsedMs += 37) {
      const pace = pacer.next({ elapsedMs, scheduled: 2, active: 0, lastEndedMs: elapsedMs });
      if (pace.kind === 'start') expect(pace.atMs).toBeLessThanOrEqual(elapsedMs);
      if (pace.kind === 'wait') expect(pace.untilMs).toBeGreaterThan(elapsedMs);
    }
  });

  it('answers the same question the same way, in any order and in another instance', () => {
    const pacer = make();
    const states = [0, 3, 1, 2, 3, 0].map((scheduled) => ({
      elapsedMs: 2500,
      scheduled,
      active: 0,
      lastEndedMs: 2400,
    }));
    const first = states.map((state) => pacer.next(state));
    expect(states.map((state) => make().next(state))).toEqual(first);
    expect(first[1]).toEqual(first[4]);
    expect(first[0]).toEqual(first[5]);
  });

  it('stops for ever once its duration is over and all is scheduled', () => {
    const pacer = make();
    const scheduled = 100_000;
    for (const elapsedMs of [durationMs, durationMs + 1, 10 * durationMs]) {
      expect(pacer.next({ elapsedMs, scheduled, active: 0, lastEndedMs: 1 }).kind).toBe('stop');
    }
  });

  it('tells either a rate or a number of sessions, and neither outside its time', () => {
    const pacer = make();
    expect((pacer.rateAt(2500) === undefined) !== (pacer.sessionsAt(2500) === undefined)).toBe(
      true,
    );
    expect(pacer.rateAt(durationMs) ?? pacer.sessionsAt(durationMs)).toBe(0);
    expect(pacer.rateAt(-1) ?? pacer.sessionsAt(-1)).toBe(0);
  });

  it('describes itself in one line', () => {
    expect(make().describe()).toMatch(/^[^\n]{10,200}$/);
    expect(make().describe()).not.toMatch(/NaN|undefined|Infinity/);
  });
});
