/**
 * The reader's side of a run as one small table, a line for each arm: shown where some answer stalled,
 * left out where the text flowed everywhere. The same texts in every format.
 */
import { formatShare, missing } from '../../../format/number.ts';
import { formatDuration } from '../../../format/duration.ts';
import type { ArmTable } from './arm-table.ts';
import { formatMetric, percentileText } from '../metric-format.ts';
import type { ReportModel } from '../report-model.ts';

/** Undefined where no answer had a gap beyond the reading pace. */
export function readingTable(model: ReportModel): ArmTable | undefined {
  const stalls = model.scalars.find((row) => row.name === 'stalls');
  if (!stalls?.values.some((value) => (value ?? 0) > 0)) return undefined;
  const fluidity = model.metrics.find((row) => row.name === 'fluidity_index');
  const paces = [...new Set(model.arms.map((arm) => arm.readingPaceMs))];
  const pace = paces.length === 1 ? `${formatDuration(paces[0]!)} a token` : 'the pace of each arm';
  return {
    id: 'reading',
    contents: 'Reading',
    title: `Reading, at ${pace}`,
    headings: ['arm', 'stalls', 'stalled p50', 'p95', 'longest p95', 'recovery p95', 'fluidity'],
    inWords: [
      'stalls',
      'stalled time p50',
      'stalled time p95',
      'longest stall p95',
      'recovery p95',
      'fluidity',
    ],
    rows: model.arms.map((arm, index) => [
      arm.name,
      formatMetric(stalls.values[index] ?? null, 'per_minute'),
      percentileText(model, 'stall_ratio', index, 50),
      percentileText(model, 'stall_ratio', index, 95),
      percentileText(model, 'longest_stall', index, 95),
      percentileText(model, 'time_to_recover', index, 95),
      fluidity?.cells[index] ? formatShare(fluidity.cells[index].mean) : missing,
    ]),
    note: 'A stall is a gap beyond the reading pace (objectives.reading_pace), counted for each minute of streaming; recovery is the time until the reader has caught up; fluidity is the share of reading deadlines met, on average.',
  };
}
