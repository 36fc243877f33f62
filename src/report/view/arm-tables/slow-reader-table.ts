/** What slow readers did to the target: shown where there were some. */
import { formatBytes, formatCount, missing } from '../../../format/number.ts';
import { percentileText } from '../metric-format.ts';
import type { ReportModel } from '../report-model.ts';
import type { ArmTable } from './arm-table.ts';

/** Undefined where no client read slowly. */
export function slowReaderTable(model: ReportModel): ArmTable | undefined {
  const unread = model.metrics.find((row) => row.name === 'server_unread');
  if (!unread) return undefined;
  return {
    id: 'readers',
    contents: 'Slow readers',
    title: 'Slow readers, as the server saw them',
    headings: ['arm', 'blocked p50', 'p95', 'unread p50', 'most', 'given up'],
    inWords: ['blocked p50', 'blocked p95', 'unread p50', 'unread at most', 'answers given up'],
    rows: model.arms.map((arm, index) => [
      arm.name,
      percentileText(model, 'server_blocked', index, 50),
      percentileText(model, 'server_blocked', index, 95),
      percentileText(model, 'server_unread', index, 50),
      unread.cells[index] ? formatBytes(unread.cells[index].max) : missing,
      unread.cells[index] ? formatCount(arm.waste?.overflows ?? 0) : missing,
    ]),
    note: 'Blocked: how long bytes of an answer waited in the server because the kernel took no more; unread: how many did. The kernel’s buffers, some megabytes on loopback, fill before the server notices anything.',
  };
}
