/**
 * A server that resumes wrongly is found out. Two of the planted mistakes are with what is produced
 * while the client is away, and show only where it is back before more has piled up than comes through
 * before the next cut.
 */
import { describe, expect, it } from 'vitest';
import { resumeBugs } from '../../mock-server/settings/options.ts';
import { faultsOf, resumable, runWithBug } from '../helpers/resume.ts';

const names = Object.keys(resumable);

describe.each(names)('%s', (name) => {
  it.each([...resumeBugs])('finds a server with %s out', async (bug) => {
    const found = faultsOf(await runWithBug(name, bug));
    const loses = bug === 'off_by_one' || bug === 'lost_window';
    expect(found[loses ? 'gaps' : 'duplicates']).toBeGreaterThan(0);
    expect(found['mismatches']).toBeGreaterThan(0);
  });
});
