/**
 * How many turns reached each landmark, a line for each arm: a time says nothing of the turns that never
 * came to that. Shown where some turn reached one.
 */
import { formatCount, missing } from '../../../format/number.ts';
import type { ArmView, ReportModel } from '../report-model.ts';
import type { ArmTable } from './arm-table.ts';

/** Undefined where no turn of any arm reached a landmark. */
export function landmarkTable(model: ReportModel): ArmTable | undefined {
  const shown = model.landmarks.filter(({ name }) =>
    model.metrics.some((row) => row.name === name),
  );
  if (shown.length === 0) return undefined;
  const names = shown.map(({ name }) => name);
  const somewhereUnknown = model.arms.some((arm) => names.some((name) => !arm.landmarks.has(name)));
  return {
    id: 'landmarks',
    contents: 'Landmarks',
    title: 'Landmarks: turns that reached them',
    headings: ['arm', ...names],
    inWords: names,
    rows: model.arms.map((arm) => [
      arm.name,
      ...names.map((name) => reachedText(model, arm, name)),
    ]),
    note: [
      ...shown.map(({ name, meaning }) => `${name}: ${meaning}`),
      ...(somewhereUnknown ? [`${missing}: the dialect of that arm does not report it.`] : []),
    ].join(' '),
  };
}

/** Turns of an arm that reached a landmark; null where its dialect does not report it. */
export function reached(model: ReportModel, arm: ArmView, name: string): number | null {
  if (!arm.landmarks.has(name)) return null;
  return model.metrics.find((row) => row.name === name)?.cells[arm.index]?.n ?? 0;
}

function reachedText(model: ReportModel, arm: ArmView, name: string): string {
  const count = reached(model, arm, name);
  if (count === null) return missing;
  if (count === 0) return 'not reached';
  return `${formatCount(count)} of ${formatCount(arm.counts.turns_started)}`;
}
