/** Histograms on a logarithmic axis, one row per arm, all on the same scales. */
import { formatDuration } from '../../../../format/duration.ts';
import { formatCount, formatShare } from '../../../../format/number.ts';
import type { DistributionName } from '../../../../metric/catalogue.ts';
import { metricOf } from '../../../../metric/lookup.ts';
import { binLogarithmically, finestMs } from '../../../view/bins.ts';
import type { ReportModel } from '../../../view/report-model.ts';
import type { ChartDefinition } from '../chart.ts';
import { timeTick } from '../drawing/axis-format.ts';
import { armLegend, type Figure } from '../drawing/figure.ts';
import { logScale } from '../drawing/scale.ts';
import {
  at,
  elements,
  fitted,
  hoverLayer,
  pathData,
  plotArea,
  seriesClass,
  svg,
  text,
  xAxis,
} from '../drawing/svg.ts';

const binCount = 64;
const rowHeight = 74;

/** The histograms of one metric in ms; none where no arm has samples. */
function histogramsOf(model: ReportModel, name: DistributionName): Figure[] {
  const entries = model.arms.flatMap((arm) => {
    const histogram = arm.histograms.get(name);
    return histogram ? [{ arm, histogram }] : [];
  });
  if (entries.length === 0) return [];
  const { title } = metricOf(name);
  const low = Math.max(finestMs, Math.min(...entries.map(({ histogram }) => histogram.min)) * 0.98);
  const high = Math.max(low * 2, ...entries.map(({ histogram }) => histogram.max * 1.02));
  const height = 16 + entries.length * rowHeight + 46;
  const plot = { ...plotArea(height), left: 18 };
  const x = logScale(low, high, plot.left, plot.right);
  const binned = entries.map((entry) => ({
    ...entry,
    bins: binLogarithmically(entry.histogram, low, high, binCount),
  }));
  const tallest = Math.max(...binned.flatMap(({ bins }) => bins.shares));
  const edge = (bin: number): number => x(low * binned[0]!.bins.ratio ** bin);

  const rows = binned.map(({ arm, histogram, bins }, row) => {
    const base = plot.top + (row + 1) * rowHeight - 6;
    const room = rowHeight - 24;
    const bars = bins.shares.flatMap((share, bin) => {
      if (share === 0) return [];
      const barHeight = Math.max(1, (share / tallest) * room);
      const left = edge(bin) + 0.4;
      return [
        `M${at(left)} ${at(base)}v${at(-barHeight)}h${at(edge(bin + 1) - 0.4 - left)}v${at(barHeight)}z`,
      ];
    });
    const median = x(histogram.percentile(50));
    const value = `p50 ${formatDuration(histogram.percentile(50))}`;
    const wider = Math.max(plot.right - median, median - plot.left) - 5;
    const label = `${fitted(arm.name, wider - (value.length + 1) * 7.2)} ${value}`;
    // 7.2 is the mean width of a character of these labels, in bold.
    const flip =
      median + 5 + label.length * 7.2 > plot.right && median > (plot.left + plot.right) / 2;
    return elements(
      `<path class="axis" d="M${plot.left} ${at(base)}H${plot.right}"/>`,
      `<path class="fill ${seriesClass(arm.mark)}" d="${pathData(bars)}"/>`,
      `<path class="median" d="M${at(median)} ${at(base)}V${at(base - room - 6)}"/>`,
      text(median + (flip ? -5 : 5), base - room + 3, label, {
        anchor: flip ? 'end' : 'start',
        class: 'strong halo',
      }),
    );
  });
  const hover = Array.from({ length: binCount }, (_, bin) => {
    const from = low * binned[0]!.bins.ratio ** bin;
    const range = `${formatDuration(from)} – ${formatDuration(from * binned[0]!.bins.ratio)}`;
    const lines = binned.map(({ arm, bins }) => `${arm.name}  ${formatShare(bins.shares[bin]!)}`);
    return { x: (edge(bin) + edge(bin + 1)) / 2, text: `${range}\n${lines.join('\n')}` };
  });
  const body = elements(
    xAxis(
      plot,
      x,
      x.ticks.map((tick) => ({ value: tick, label: timeTick(tick) })),
      'logarithmic scale',
    ),
    rows,
    hoverLayer(plot, hover),
  );
  const id = `histogram-${name}`;
  const heading = `Distribution: ${title.toLowerCase()}`;
  const description = `${heading}. ${entries.map(({ arm, histogram }) => `${arm.name}: ${formatCount(histogram.count)} samples, median ${formatDuration(histogram.percentile(50))}`).join('. ')}.`;
  // The table has a quarter of the rows: 64 bins are for the eye.
  const tableRows: string[][] = [];
  for (let bin = 0; bin < binCount; bin += 4) {
    const from = low * binned[0]!.bins.ratio ** bin;
    const to = low * binned[0]!.bins.ratio ** (bin + 4);
    const shares = binned.map(({ bins }) =>
      bins.shares.slice(bin, bin + 4).reduce((sum, share) => sum + share, 0),
    );
    if (shares.every((share) => share === 0)) continue;
    tableRows.push([`${formatDuration(from)} – ${formatDuration(to)}`, ...shares.map(formatShare)]);
  }
  tableRows.push(
    ['p50', ...binned.map(({ histogram }) => formatDuration(histogram.percentile(50)))],
    ['n', ...binned.map(({ histogram }) => formatCount(histogram.count))],
  );
  return [
    {
      id,
      title: heading,
      legend: armLegend(entries.map(({ arm }) => arm)),
      pictures: [svg({ id, title: heading, description, height, body })],
      howToRead:
        'Height is the share of samples; equal steps to the right multiply the time. Two humps mean two different things happen, such as tokens that arrive in bursts.',
      table: { headings: ['range', ...entries.map(({ arm }) => arm.name)], rows: tableRows },
    },
  ];
}

export const histogramChart: ChartDefinition = {
  id: 'histogram',
  section: 'distributions',
  order: 10,
  draw: (model) => (['ttft', 'itl'] as const).flatMap((metric) => histogramsOf(model, metric)),
};
