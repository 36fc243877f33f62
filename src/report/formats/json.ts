/** A short machine-readable summary: the numbers a person would see, none of the raw histograms. */
import type { HeatMap } from '../view/heat-map.ts';
import type { ReportModel } from '../view/report-model.ts';
import type { Renderer } from '../renderer.ts';

/** Format version of this summary; raised when a key changes its meaning or goes. */
const summaryVersion = 1;

// Sixteen digits of a mean suggest a precision that no clock here has.
function round(value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(6));
}

function heatMapOf({ measure, metric, rows, columns, panels }: HeatMap): object {
  return {
    measure,
    unit: metric.unit,
    rows,
    columns,
    panels: panels.map(({ name, cells }) => ({
      name,
      values: cells.map((row) => row.map((cell) => round(cell.value))),
    })),
  };
}

/** The summary object. */
function summaryOf(model: ReportModel): object {
  return {
    summary_version: summaryVersion,
    tool: { name: 'streamgauge', version: model.toolVersion },
    id: model.id,
    scenario: {
      name: model.title,
      file: model.scenarioFile,
      sha256: model.scenarioHash,
      seed: model.seed,
    },
    started: model.started,
    finished: model.finished,
    verdict: {
      word: model.verdict.word,
      partial: model.verdict.partial,
      sentence: model.verdict.sentence,
      reasons: model.verdict.reasons,
      exit: model.verdict.exit,
    },
    gates: model.gates,
    ...(model.heatMaps.length > 0 && { heat_maps: model.heatMaps.map(heatMapOf) }),
    arms: model.arms.map((arm, index) => ({
      name: arm.name,
      ...(arm.cell && { cell: arm.cell }),
      how: arm.how,
      target: arm.target,
      load: arm.load,
      network: arm.network,
      trials: arm.trials,
      measured_seconds: round(arm.seconds),
      counts: arm.counts,
      scalars: Object.fromEntries(
        model.scalars.map((row) => [row.name, round(row.values[index] ?? null)]),
      ),
      metrics: Object.fromEntries(
        model.metrics.flatMap((row) => {
          const cell = row.cells[index];
          if (!cell) return [];
          const percentiles = cell.percentiles.map((view) => [
            `p${view.percent}`,
            round(view.value),
          ]);
          return [
            [
              row.name,
              {
                unit: row.metric.unit,
                n: cell.n,
                mean: round(cell.mean),
                min: round(cell.min),
                ...Object.fromEntries(percentiles),
                max: round(cell.max),
              },
            ],
          ];
        }),
      ),
      failures: arm.failures,
    })),
    warnings: model.warnings,
  };
}

export const jsonRenderer = {
  name: 'json',
  description: 'short summary for machines; the result file itself holds everything',
  render: (model) => [
    { name: 'report.json', text: `${JSON.stringify(summaryOf(model), null, 2)}\n` },
  ],
} as const satisfies Renderer;
