/**
 * Whether streams that broke were continued, and arrived complete: a line for each arm, shown where an arm
 * had `reconnect` or `verify`.
 */
import { formatCount, formatNumber, missing } from '../../../format/number.ts';
import type { ScalarName } from '../../../metric/catalogue.ts';
import type { ArmTable } from './arm-table.ts';
import { percentileText, scalarOf } from '../metric-format.ts';
import type { ReportModel } from '../report-model.ts';

export const continuityScalars: ReadonlySet<ScalarName> = new Set([
  'resumes',
  'failed_resumes',
  'gaps',
  'duplicates',
  'reorders',
  'merged_events',
  'cursor_errors',
  'unnumbered_streams',
  'transcripts_checked',
  'transcript_mismatches',
  'transcripts_unchecked',
]);

/** Undefined where no arm looked. */
export function continuityTable(model: ReportModel): ArmTable | undefined {
  const scalar = (name: ScalarName, index: number): number | null => scalarOf(model, name, index);
  if (!model.arms.some((_, index) => scalar('resumes', index) !== null)) return undefined;
  const count = (name: ScalarName, index: number): string => {
    const value = scalar(name, index);
    if (value === null) return missing;
    // A mean over trials need not be whole.
    return Number.isInteger(value) ? formatCount(value) : formatNumber(value);
  };
  /** Of streams without numbers it cannot be said what is missing. */
  const numbered = (name: ScalarName, index: number): string =>
    (scalar('unnumbered_streams', index) ?? 0) > 0 && scalar(name, index) === 0
      ? '?'
      : count(name, index);
  return {
    id: 'continuity',
    contents: 'Broken streams',
    title: 'Broken streams: continued, and complete?',
    headings: [
      'arm',
      'resumed',
      'p95',
      'lost',
      'twice',
      'swapped',
      'garbled',
      'misplaced',
      'wrong',
    ],
    inWords: [
      'resumed',
      'after p95',
      'events lost',
      'twice',
      'swapped',
      'garbled',
      'resumes misplaced',
      'wrong answers',
    ],
    rows: model.arms.map((arm, index) => {
      const failed = scalar('failed_resumes', index) ?? 0;
      const resumes = count('resumes', index);
      return [
        arm.name,
        failed > 0 ? `${resumes} (${count('failed_resumes', index)} failed)` : resumes,
        percentileText(model, 'resume_latency', index, 95),
        numbered('gaps', index),
        numbered('duplicates', index),
        numbered('reorders', index),
        count('merged_events', index),
        count('cursor_errors', index),
        scalar('transcripts_checked', index) === null
          ? 'unchecked'
          : `${count('transcript_mismatches', index)} of ${count('transcripts_checked', index)}`,
      ];
    }),
    note: 'Per trial. Resumed: connections that continued a broken stream, and tries that brought nothing; p95 of resume_latency, from the break to the next new event. Lost, twice, swapped: events, by their numbers (?: they had none); garbled: not what they were; misplaced: resumes refused for their place, or answered from elsewhere than right after the last event; wrong: answers that are not what the server produced, of those compared (unchecked: only the mock can be compared with).',
  };
}
