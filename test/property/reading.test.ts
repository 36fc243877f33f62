/**
 * What is counted token by token equals what follows from the whole list of arrivals. The reference
 * works with absolute times and the schedule written out; times are whole milliseconds, so that both
 * sides are exact.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Reading } from '../../src/session/reading.ts';

interface Expected {
  stalls: number;
  stalledMs: number;
  longestGapMs: number;
  met: number;
  missed: number;
  recoveries: number[];
  unrecovered: number;
}

/** @param arrivals - ms after the request, in order; the first is the first token. */
function reference(arrivals: readonly number[], pace: number, firstDeadline?: number): Expected {
  const gaps = arrivals.slice(1).map((at, index) => at - arrivals[index]!);
  const long = gaps.filter((gap) => gap > pace);
  return {
    stalls: long.length,
    stalledMs: long.reduce((sum, gap) => sum + gap - pace, 0),
    longestGapMs: Math.max(0, ...gaps),
    ...deadlines(arrivals, pace, firstDeadline),
    ...recoveriesOf(arrivals, pace),
  };
}

/** Each deadline as a moment; a token answers the next one, or those that have passed are missed. */
function deadlines(arrivals: readonly number[], pace: number, firstDeadline: number | undefined) {
  let met = 0;
  let missed = 0;
  let due = firstDeadline ?? Number.NaN;
  for (const [index, at] of arrivals.entries()) {
    if (index === 0 && firstDeadline === undefined) {
      due = at + pace;
    } else if (at <= due) {
      met++;
      due += pace;
    } else {
      let passed = due;
      while (passed <= at) {
        missed++;
        passed += pace;
      }
      due = at + pace;
    }
  }
  return { met, missed };
}

/** For every stall that begins on schedule: the first later token that is back on it. */
function recoveriesOf(arrivals: readonly number[], pace: number) {
  const recoveries: number[] = [];
  let unrecovered = Number.NaN;
  for (let index = 1; index < arrivals.length; index++) {
    const anchor = arrivals[index - 1]!;
    if (arrivals[index]! - anchor <= pace) continue;
    const back = arrivals.findIndex(
      (at, later) => later > index && at <= anchor + (later - index + 1) * pace,
    );
    if (back < 0) {
      unrecovered = arrivals.at(-1)! - arrivals[index]!;
      break;
    }
    recoveries.push(arrivals[back]! - arrivals[index]!);
    index = back;
  }
  return { recoveries, unrecovered };
}

function incremental(arrivals: readonly number[], pace: number, firstDeadline?: number): Expected {
  const reading = new Reading(pace, firstDeadline);
  const recoveries: number[] = [];
  for (const [index, at] of arrivals.entries()) {
    if (index === 0) {
      reading.first(at);
      continue;
    }
    const took = reading.next(at - arrivals[index - 1]!);
    if (!Number.isNaN(took)) recoveries.push(took);
  }
  return {
    stalls: reading.stalls,
    stalledMs: reading.stalledMs,
    longestGapMs: reading.longestGapMs,
    met: reading.deadlinesMet,
    missed: reading.deadlinesMissed,
    recoveries,
    unrecovered: reading.unrecoveredMs,
  };
}

const gap = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 2, arbitrary: fc.integer({ min: 40, max: 160 }) },
  { weight: 1, arbitrary: fc.integer({ min: 160, max: 3000 }) },
);
const arrivalTimes = fc
  .tuple(fc.integer({ min: 0, max: 2000 }), fc.array(gap, { maxLength: 80 }))
  .map(([first, gaps]) => {
    const times = [first];
    for (const one of gaps) times.push(times.at(-1)! + one);
    return times;
  });

describe('reading', () => {
  it('counted token by token is what the whole list says', () => {
    fc.assert(
      fc.property(
        arrivalTimes,
        fc.integer({ min: 1, max: 200 }),
        fc.option(fc.integer({ min: 1, max: 2000 }), { nil: undefined }),
        (arrivals, pace, firstDeadline) => {
          expect(incremental(arrivals, pace, firstDeadline)).toEqual(
            reference(arrivals, pace, firstDeadline),
          );
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('on a schedule kept exactly has no stall and every deadline met', () => {
    const reading = new Reading(100, 500);
    reading.first(500);
    for (let token = 0; token < 50; token++) expect(reading.next(100)).toBeNaN();
    expect(reading).toMatchObject({ stalls: 0, deadlinesMet: 51, deadlinesMissed: 0 });
    expect(reading.fluidity).toBe(1);
    expect(reading.unrecoveredMs).toBeNaN();
  });

  it('uses slack up before it misses, and misses by the length of the wait', () => {
    const reading = new Reading(100);
    reading.first(0);
    for (let token = 0; token < 5; token++) reading.next(20); // 400 ms of slack
    reading.next(500); // due after 100 + 400: just in time
    expect(reading).toMatchObject({ deadlinesMet: 6, deadlinesMissed: 0, stalls: 1 });
    reading.next(350); // no slack left: 100, 200, 300 pass
    expect(reading).toMatchObject({ deadlinesMet: 6, deadlinesMissed: 3, stalls: 2 });
    expect(reading.fluidity).toBeCloseTo(6 / 9);
  });

  it('recovers immediately where held tokens come together, and slowly where they trickle', () => {
    const burst = new Reading(100);
    burst.first(0);
    expect(burst.next(1000)).toBeNaN();
    const afterBurst = Array.from({ length: 9 }, () => burst.next(0));
    expect(afterBurst.at(-1)).toBe(0);
    expect(afterBurst.slice(0, -1).every(Number.isNaN)).toBe(true);

    const trickle = new Reading(100);
    trickle.first(0);
    trickle.next(1000); // 900 ms behind, 50 ms gained with each token
    const took = Array.from({ length: 18 }, () => trickle.next(50));
    expect(took.slice(0, 17).every(Number.isNaN)).toBe(true);
    expect(took[17]).toBe(900);
    expect(trickle.unrecoveredMs).toBeNaN();
  });

  it('has no fluidity without deadlines', () => {
    const reading = new Reading(100);
    reading.first(700);
    expect(reading.fluidity).toBeNaN();
  });
});
