/**
 * A thousand cuts at random bytes per protocol: what the client holds afterwards is what an
 * uninterrupted client would hold, and a server that resumes wrongly is found out.
 */
import { describe, expect, it } from 'vitest';
import { faultsOf, resumable, runWithBug, runWithCuts, total } from '../helpers/resume.ts';

const names = Object.keys(resumable);

const none = {
  gaps: 0,
  duplicates: 0,
  reorders: 0,
  merged: 0,
  cursorErrors: 0,
  mismatches: 0,
  unfinished: 0,
};

describe.each(names)('%s', (name) => {
  it('loses and repeats nothing over 1,000 random cuts, during replays too', async () => {
    let cuts = 0;
    let resumes = 0;
    for (let round = 0; cuts < 1000 && round < 20; round++) {
      const run = await runWithCuts(name, {
        seed: `cuts-${round}`,
        sessions: 16,
        mostBytes: 2500,
        how: round % 2 === 0 ? 'fin' : 'rst',
      });
      expect({ round, ...faultsOf(run) }).toEqual({ round, ...none });
      cuts += run.cuts;
      resumes += total(run.turns, 'resumes');
    }
    expect(cuts).toBeGreaterThanOrEqual(1000);
    expect(resumes).toBeGreaterThan(300);
  });

  it('keeps characters of several bytes whole, wherever they are cut', async () => {
    const run = await runWithCuts(name, {
      seed: 'unicode',
      sessions: 8,
      mostBytes: 1500,
      // The event that ends a response holds all of its text, and must get through some time.
      mostCuts: 12,
      mock: { text: 'unicode' },
    });
    expect(faultsOf(run)).toEqual(none);
    const [sent] = run.truth.values();
    expect(Buffer.byteLength(sent!.transcript)).toBeGreaterThan(sent!.transcript.length);
    expect(run.cuts).toBeGreaterThan(50);
  });

  it('spends on every byte of a correct server’s replay once', async () => {
    const run = await runWithCuts(name, { seed: 'once', sessions: 4, mostBytes: 4000 });
    for (const { continuity } of run.turns) {
      expect(continuity!.numbered).toBe(true);
      expect(continuity!.resumedBytes).toBe(continuity!.newBytes);
    }
  });

  // Whether a mistake with what is produced meanwhile shows depends on how fast the client is back: the
  // other planted mistakes are looked for in test/timing/resume-bugs.test.ts.
  it.each(['off_by_one', 'stale_id'] as const)('finds a server with %s out', async (bug) => {
    const run = await runWithBug(name, bug);
    const found = faultsOf(run);
    expect(found[bug === 'off_by_one' ? 'gaps' : 'duplicates']).toBeGreaterThan(0);
    expect(found['mismatches']).toBeGreaterThan(0);
    expect(found['cursorErrors']).toBeGreaterThan(0);
  });
});

describe('offsets in bytes', () => {
  it('give the same result as in UTF-16 units, where the server says so', async () => {
    const run = await runWithCuts('text-streams', {
      seed: 'bytes',
      sessions: 8,
      mostBytes: 1500,
      mock: { text: 'unicode', resume: { offset_unit: 'bytes' } },
    });
    expect(faultsOf(run)).toEqual(none);
    expect(run.cuts).toBeGreaterThan(50);
  });
});
