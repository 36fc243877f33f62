/** Makes the view model of a result; what is in it is said in `report-model.ts`. */
import { mergeArm } from '../../result/merge.ts';
import type { Result } from '../../result/schema.ts';
import { armView } from './arm-view.ts';
import { featuredArms } from './featured.ts';
import { gridOf } from './grid.ts';
import { defaultHeatMaps, heatMaps } from './heat-map.ts';
import { marksOf } from './marks.ts';
import { hasWeakPercentiles, metricRows, scalarRows } from './metric-rows.ts';
import type { ReportModel } from './report-model.ts';
import { verdictOf } from './verdict.ts';
import { warningViews } from './warning-views.ts';

function environmentOf({ environment: env }: Result): ReportModel['environment'] {
  return [
    ['Node', env.node],
    ['Platform', env.platform],
    ['CPU', `${env.cpu}, ${env.cores} core${env.cores === 1 ? '' : 's'}`],
    ['Memory', `${Math.round(env.memory_mb)} MB`],
    [
      'Libraries',
      Object.entries(env.libraries)
        .map(([name, v]) => `${name} ${v}`)
        .join(', '),
    ],
  ];
}

/** Decides everything a report shows of a result. */
export function buildReportModel(result: Result): ReportModel {
  const merged = result.arms.map((arm) => mergeArm(arm));
  const marks = marksOf(result.arms);
  const arms = result.arms.map((arm, index) => armView(arm, index, marks[index]!, merged[index]!));
  const metrics = metricRows(arms);
  const { scenario } = result;
  return {
    title: scenario.name,
    description: scenario.description,
    id: result.id,
    started: result.started,
    finished: result.finished,
    scenarioFile: scenario.file,
    scenarioHash: scenario.sha256,
    seed: scenario.seed,
    toolVersion: result.tool.version,
    environment: environmentOf(result),
    verdict: verdictOf(result),
    gates: result.gates,
    arms,
    metrics,
    scalars: scalarRows(merged),
    featured: featuredArms(result.arms),
    heatMaps: heatMaps(
      gridOf(result.arms),
      result.heatmap ?? defaultHeatMaps,
      merged,
      result.validity.valid,
    ),
    warnings: warningViews(result),
    hasWeakPercentiles: hasWeakPercentiles(metrics),
  };
}
