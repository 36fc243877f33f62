/** The table of broken streams, and the warnings that belong to it. */
import { describe, expect, it } from 'vitest';
import { continuityTable } from '../../../../../src/report/view/arm-tables/continuity-table.ts';
import { armTables, otherScalars } from '../../../../../src/report/view/arm-tables/arm-tables.ts';
import { buildReportModel } from '../../../../../src/report/view/build-report-model.ts';
import type { Result } from '../../../../../src/result/schema.ts';
import { judge } from '../../../../../src/validity/judge-run.ts';
import { sampleResult } from '../../../../helpers/sample-result.ts';

const whole = {
  resumes: 12,
  failed_resumes: 0,
  gaps: 0,
  duplicates: 0,
  reorders: 0,
  merged_events: 0,
  cursor_errors: 0,
  unnumbered_streams: 0,
  transcripts_checked: 30,
  transcript_mismatches: 0,
  transcripts_unchecked: 0,
};

/** The sample with these scalars in its first arm, one trial. */
function resultWith(scalars: Record<string, number>): Result {
  const result = sampleResult();
  const arm = result.arms[0]!;
  arm.trials.splice(1);
  Object.assign(arm.trials[0]!.measured.scalars, scalars);
  return result;
}

function rowOf(scalars: Record<string, number>): string[] {
  const table = continuityTable(buildReportModel(resultWith(scalars)))!;
  return [...table.rows[0]!].slice(1);
}

const codesOf = (scalars: Record<string, number>): string[] =>
  judge({ arms: [resultWith(scalars).arms[0]!], partial: false })
    .warnings.map((warning) => warning.code)
    .filter((code) => /transcript|unnumbered/.test(code));

describe('the table of broken streams', () => {
  it('is shown only where an arm looked', () => {
    const model = buildReportModel(sampleResult());
    expect(continuityTable(model)).toBeUndefined();
    expect(armTables(model).map((table) => table.id)).not.toContain('continuity');
  });

  it('has a figure for each count, none of which is among the totals', () => {
    expect(rowOf(whole)).toEqual(['12', '–', '0', '0', '0', '0', '0', '0 of 30']);
    expect(
      rowOf({ ...whole, failed_resumes: 3, gaps: 58, duplicates: 1306, transcript_mismatches: 26 }),
    ).toEqual(['12 (3 failed)', '–', '58', '1,306', '0', '0', '0', '26 of 30']);
    const totals = otherScalars(buildReportModel(resultWith(whole))).map((row) => row.name);
    expect(totals).toContain('errors');
    expect(totals.filter((name) => Object.keys(whole).includes(name))).toEqual([]);
  });

  it('claims nothing where nothing could be checked', () => {
    const { transcripts_checked: _, transcript_mismatches: __, ...foreign } = whole;
    expect(rowOf({ ...foreign, transcripts_unchecked: 30, unnumbered_streams: 30 })).toEqual([
      '12',
      '–',
      '?',
      '?',
      '?',
      '0',
      '0',
      'unchecked',
    ]);
  });
});

describe('warnings of continuity', () => {
  it('are none for streams that arrived complete', () => {
    expect(codesOf(whole)).toEqual([]);
  });

  it('name wrong answers, and what was not looked at', () => {
    expect(codesOf({ ...whole, gaps: 4, transcript_mismatches: 2 })).toEqual(['wrong-transcripts']);
    expect(codesOf({ ...whole, transcripts_unchecked: 5 })).toEqual(['transcripts-unchecked']);
    expect(codesOf({ ...whole, unnumbered_streams: 5 })).toEqual(['streams-unnumbered']);
    const [warning] = judge({
      arms: [resultWith({ ...whole, gaps: 4, duplicates: 1, transcript_mismatches: 2 }).arms[0]!],
      partial: false,
    }).warnings.filter(({ code }) => code === 'wrong-transcripts');
    expect(warning!.message).toBe(
      '2 of 30 answers are not what the server produced (4 events missing, 1 twice)',
    );
  });
});
