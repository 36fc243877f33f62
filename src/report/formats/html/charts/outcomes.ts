/** How turns ended, as one bar per arm. */
import { formatCount, formatShare } from '../../../../format/number.ts';
import { outcomes } from '../../../../metric/outcome.ts';
import type { ArmView, ReportModel } from '../../../view/report-model.ts';
import type { ChartDefinition } from '../chart.ts';
import type { Figure } from '../drawing/figure.ts';
import { at, chartWidth, elements, fitted, marker, svg, text } from '../drawing/svg.ts';

const rowHeight = 66;
const barHeight = 18;
/** A single failure among millions must still be seen. */
const leastWidth = 4;

function classOf(outcome: string, success: boolean): string {
  if (outcome === 'cancelled') return 'planned';
  return success ? 'success' : 'failure';
}

function drawArm(arm: ArmView, row: number): string {
  const left = 14;
  const width = chartWidth - 2 * left;
  const top = row * rowHeight + 26;
  const natural = arm.outcomes.map((view) => Math.max(leastWidth, view.share * width));
  const sum = natural.reduce((total, part) => total + part, 0);
  let x = left;
  const parts = arm.outcomes.map((view, index) => {
    const part = (natural[index]! / sum) * width;
    const rect = `<rect class="${classOf(view.outcome, view.success)}" x="${at(x)}" y="${top}" width="${at(Math.max(1, part - 1))}" height="${barHeight}"><title>${view.outcome}: ${formatCount(view.count)} (${formatShare(view.share)})</title></rect>`;
    x += part;
    return rect;
  });
  const words = arm.outcomes.map((view) =>
    view.success
      ? `✓ ${view.outcome} ${formatShare(view.share)}`
      : `✗ ${view.outcome} ${formatCount(view.count)}`,
  );
  const turns = `, ${formatCount(arm.counts.turns_started)} turns`;
  return elements(
    marker(arm.mark, left + 5, top - 10, 4),
    text(left + 15, top - 6, fitted(arm.name, width - 130) + turns, { class: 'strong' }),
    parts,
    text(
      left,
      top + barHeight + 15,
      words.slice(0, 4).join('  ·  ') + (words.length > 4 ? '  …' : ''),
      { class: 'small' },
    ),
  );
}

/** Outcomes of all arms; none where no turn was started. */
function draw(model: ReportModel): Figure[] {
  const arms = model.arms.filter((arm) => arm.outcomes.length > 0);
  if (arms.length === 0) return [];
  const rows = arms.flatMap((arm) =>
    arm.outcomes.map((view) => [
      arm.name,
      view.outcome,
      outcomes[view.outcome],
      formatCount(view.count),
      formatShare(view.share),
    ]),
  );
  return [
    {
      id: 'outcomes',
      title: 'How turns ended',
      legend: [],
      pictures: [
        svg({
          id: 'outcomes-bars',
          title: 'How turns ended',
          description: rows
            .map(([arm, outcome, , , share]) => `${arm}: ${outcome} ${share}`)
            .join('; '),
          height: arms.length * rowHeight + 6,
          body: elements(arms.map(drawArm)),
        }),
      ],
      howToRead:
        'Each turn has exactly one outcome; failures are the pieces at the right end of a bar, never too narrow to be seen.',
      table: { headings: ['arm', 'outcome', 'meaning', 'turns', 'share'], rows, numbersFrom: 3 },
    },
  ];
}

export const outcomesChart: ChartDefinition = {
  id: 'outcomes',
  section: 'curves',
  order: 20,
  style: {
    rules:
      '.success{fill:var(--good);opacity:.75} .planned{fill:var(--soft);opacity:.6} .failure{fill:var(--bad)}',
  },
  draw,
};
