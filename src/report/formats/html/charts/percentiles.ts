/** Percentile curves on HdrHistogram's scale: x = log10(1 / (1 − p)), so that the tail has room. */
import { formatDuration } from '../../../../format/duration.ts';
import { missing } from '../../../../format/number.ts';
import type { DistributionName } from '../../../../metric/catalogue.ts';
import { metricOf } from '../../../../metric/catalogue.ts';
import type { MetricHistogram } from '../../../../metric/histogram.ts';
import { samplesAbovePercentile } from '../../../../validity/limits.ts';
import type { ArmView, ReportModel } from '../../../view/report-model.ts';
import type { ChartDefinition } from '../chart.ts';
import { timeAxisFormat } from '../drawing/axis-format.ts';
import { armLegend, type Figure } from '../drawing/figure.ts';
import { linearScale, spanScale } from '../drawing/scale.ts';
import {
  elements,
  hoverLayer,
  linePath,
  marker,
  plotArea,
  seriesClass,
  svg,
  xAxis,
  yAxis,
} from '../drawing/svg.ts';

const height = 300;
const ticks = [0, 50, 90, 99, 99.9, 99.99, 99.999];
const steps = 96;

/** Position of a percentile on the axis: 0 → 0, 90 → 1, 99 → 2. */
function tailOf(percent: number): number {
  return Math.log10(100 / (100 - percent));
}

function percentAt(tail: number): number {
  return 100 - 100 / 10 ** tail;
}

interface Curve {
  arm: ArmView;
  histogram: MetricHistogram;
  /** Largest tail with a sample above it. */
  end: number;
}

function describe(curves: readonly Curve[], title: string): string {
  const parts = curves.map(({ arm, histogram, end }) => {
    const shown = [50, 99].filter((percent) => tailOf(percent) <= end + 1e-9);
    const values = shown.map(
      (percent) => `p${percent} ${formatDuration(histogram.percentile(percent))}, `,
    );
    return `${arm.name}: ${values.join('')}max ${formatDuration(histogram.max)}`;
  });
  return `${title} by percentile. ${parts.join('. ')}.`;
}

function drawCurve(
  curve: Curve,
  toX: (tail: number) => number,
  toY: (ms: number) => number,
): string {
  const { arm, histogram, end } = curve;
  const solidEnd = Math.max(0, Math.log10(histogram.count / samplesAbovePercentile));
  const solid: [number, number][] = [];
  const weak: [number, number][] = [];
  for (let index = 0; index <= steps; index++) {
    const tail = (end * index) / steps;
    const point: [number, number] = [toX(tail), toY(histogram.percentile(percentAt(tail)))];
    if (tail <= solidEnd) solid.push(point);
    else {
      if (weak.length === 0 && solid.length > 0) weak.push(solid.at(-1)!);
      weak.push(point);
    }
  }
  const marks = ticks
    .slice(1)
    .filter((percent) => tailOf(percent) <= end)
    .map((percent) =>
      marker(arm.mark, toX(tailOf(percent)), toY(histogram.percentile(percent)), 3.6),
    );
  const className = seriesClass(arm.mark);
  return elements(
    `<path class="line ${className}" d="${linePath(solid)}"/>`,
    weak.length > 1 ? `<path class="line weak ${className}" d="${linePath(weak)}"/>` : '',
    marks,
  );
}

/** The curves of one metric in ms; none where no arm has samples. */
function curvesOf(model: ReportModel, name: DistributionName): Figure[] {
  const curves: Curve[] = model.arms.flatMap((arm) => {
    const histogram = arm.histograms.get(name);
    return histogram ? [{ arm, histogram, end: Math.max(0.302, Math.log10(histogram.count)) }] : [];
  });
  if (curves.length === 0) return [];
  const { title } = metricOf(name);
  const plot = plotArea(height);
  const right = Math.max(...curves.map((curve) => curve.end));
  const largest = Math.max(...curves.map((curve) => curve.histogram.max));
  const x = spanScale(0, right, plot.left, plot.right);
  const y = linearScale(largest, plot.bottom, plot.top);
  const axis = timeAxisFormat(largest);
  const hover = Array.from({ length: 61 }, (_, index) => {
    const tail = (right * index) / 60;
    const percent = percentAt(tail);
    const lines = curves.map(
      ({ arm, histogram, end }) =>
        `${arm.name}  ${tail <= end + 1e-9 ? formatDuration(histogram.percentile(percent)) : missing}`,
    );
    return { x: x(tail), text: `p${Number(percent.toPrecision(4))}\n${lines.join('\n')}` };
  });
  const shownTicks = ticks.filter((percent) => tailOf(percent) <= right + 1e-9);
  const body = elements(
    yAxis(plot, y, axis.format, axis.unit),
    xAxis(
      plot,
      x,
      shownTicks.map((percent) => ({ value: tailOf(percent), label: `${percent}` })),
      'percentile (scale 1 / (1 − p))',
    ),
    curves.map((curve) => drawCurve(curve, x, y)),
    hoverLayer(plot, hover),
  );
  const id = `percentiles-${name}`;
  return [
    {
      id,
      title: `${title} by percentile`,
      legend: armLegend(curves.map((curve) => curve.arm)),
      pictures: [
        svg({
          id,
          title: `${title} by percentile`,
          description: describe(curves, title),
          height,
          body,
        }),
      ],
      howToRead: `At 99 the curve shows the value that 99 of 100 samples stay below: lower and flatter is better, a hook at the right is a slow tail. Dashed where fewer than ${samplesAbovePercentile} samples lie above.`,
      table: {
        headings: ['percentile', ...curves.map((curve) => curve.arm.name)],
        rows: [
          ...shownTicks.map((percent) => [
            percent === 0 ? 'min' : `p${percent}`,
            ...curves.map(({ histogram, end }) =>
              tailOf(percent) <= end + 1e-9
                ? formatDuration(percent === 0 ? histogram.min : histogram.percentile(percent))
                : missing,
            ),
          ]),
          ['max', ...curves.map(({ histogram }) => formatDuration(histogram.max))],
          ['n', ...curves.map(({ histogram }) => String(histogram.count))],
        ],
      },
    },
  ];
}

export const percentilesChart: ChartDefinition = {
  id: 'percentiles',
  section: 'curves',
  order: 10,
  draw: (model) => (['ttft', 'itl', 'e2e'] as const).flatMap((metric) => curvesOf(model, metric)),
};
