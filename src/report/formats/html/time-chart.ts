/** What happened when: lines over the time of the run, with warm-up and cool-down shaded. */
import { formatDuration } from '../../../format/duration.ts';
import { formatNumber, missing } from '../../../format/number.ts';
import type { ArmView, ReportModel } from '../../view/report-model.ts';
import type { SeriesPoint } from '../../view/time-series.ts';
import { armLegend, figure } from './figure.ts';
import { axisFormat } from './percentile-chart.ts';
import { linearScale, spanScale, type Scale } from './scale.ts';
import {
  at,
  hoverLayer,
  linePath,
  marker,
  plotArea,
  seriesClass,
  svg,
  text,
  xAxis,
  yAxis,
  type Plot,
} from './svg.ts';

const height = 270;
const none = (): null => null;

/** Few arms get more room each: what is asked there is the shape of one line. */
const panelHeightFor = (arms: number): number => Math.max(112, Math.round(270 / arms));

interface TimeAxis {
  scale: Scale;
  arms: readonly ArmView[];
}

function timeAxis(arms: readonly ArmView[], plot: Plot): TimeAxis {
  const end = Math.max(1, ...arms.map((arm) => arm.bands.end));
  return { scale: spanScale(0, end, plot.left, plot.right), arms };
}

/** Shaded where load ran but was not measured. */
function bands(axis: TimeAxis, plot: Plot, named: boolean): string {
  const [arm] = axis.arms;
  if (!arm) return '';
  const { warmupEnd, measuredEnd, end } = arm.bands;
  const band = (from: number, to: number, label: string): string => {
    if (to - from <= 0) return '';
    const left = axis.scale(from);
    const width = axis.scale(to) - left;
    const name = named && width > 52 ? text(left + 5, plot.top + 14, label, { class: 'name' }) : '';
    return `<rect class="band" x="${at(left)}" y="${plot.top}" width="${at(width)}" height="${at(plot.bottom - plot.top)}"><title>${label}</title></rect>${name}`;
  };
  return band(0, warmupEnd, 'warm-up') + band(measuredEnd, end, 'after');
}

function seconds(axis: TimeAxis, plot: Plot): string {
  return xAxis(
    plot,
    axis.scale,
    axis.scale.ticks.map((tick) => ({ value: tick, label: String(tick) })),
    'seconds since the load began',
  );
}

/** Union of all arms' moments, for read-outs and tables. */
function moments(arms: readonly ArmView[]): number[] {
  return [...new Set(arms.flatMap((arm) => arm.series.map((point) => point.at)))].sort(
    (a, b) => a - b,
  );
}

function valueAt<T>(arm: ArmView, moment: number, pick: (point: SeriesPoint) => T): T | null {
  const point = arm.series.find((candidate) => candidate.at === moment);
  return point ? pick(point) : null;
}

interface LineChart {
  id: string;
  title: string;
  unit: string;
  howToRead: string;
  pick: (point: SeriesPoint) => number | null;
  /** A second, dashed line for what was meant. */
  intended?: (point: SeriesPoint) => number | null;
}

/** All arms in one picture; '' without ticks. */
function lineChart(model: ReportModel, options: LineChart): string {
  const arms = model.arms.filter((arm) => arm.series.length > 0);
  if (arms.length === 0) return '';
  const plot = plotArea(height);
  const axis = timeAxis(arms, plot);
  const intended = options.intended ?? ((): null => null);
  const all = arms.flatMap((arm) =>
    arm.series.flatMap((point) => [options.pick(point) ?? 0, intended(point) ?? 0]),
  );
  const y = linearScale(Math.max(...all), plot.bottom, plot.top);
  const pathOf = (arm: ArmView, pick: (point: SeriesPoint) => number | null): string =>
    linePath(
      arm.series.map((point) => {
        const value = pick(point);
        return value === null ? null : ([axis.scale(point.at), y(value)] as const);
      }),
    );
  const hasIntended = arms.some((arm) => arm.series.some((point) => intended(point) !== null));
  const meant = hasIntended
    ? [...new Set(arms.map((arm) => pathOf(arm, intended)))].map(
        (path) => `<path class="intended" d="${path}"/>`,
      )
    : [];
  const lines = arms.map((arm) => {
    const last = arm.series.findLast((point) => options.pick(point) !== null);
    const end = last ? marker(arm.mark, axis.scale(last.at), y(options.pick(last) ?? 0), 3.6) : '';
    return `<path class="line ${seriesClass(arm.mark)}" d="${pathOf(arm, options.pick)}"/>${end}`;
  });
  const times = moments(arms);
  const show = (value: number | null): string => (value === null ? missing : formatNumber(value));
  const hover = times.map((moment) => ({
    x: axis.scale(moment),
    text: [
      `${formatNumber(moment)} s`,
      ...arms.map((arm) => `${arm.name}  ${show(valueAt(arm, moment, options.pick))}`),
      ...(hasIntended ? [`intended  ${show(valueAt(arms[0]!, moment, intended))}`] : []),
    ].join('\n'),
  }));
  const body =
    bands(axis, plot, true) +
    yAxis(plot, y, (value) => formatTick(value), options.unit) +
    seconds(axis, plot) +
    meant.join('') +
    lines.join('') +
    hoverLayer(plot, hover);
  const legend = armLegend(arms);
  if (hasIntended) {
    legend.push(
      '<svg class="icon wide" viewBox="0 -7 24 14" aria-hidden="true"><path class="intended" d="M0 0H24"/></svg>intended',
    );
  }
  return figure({
    id: options.id,
    title: options.title,
    legend,
    pictures: [
      svg({
        id: options.id,
        title: options.title,
        description: `${options.title}, ${arms.map((arm) => arm.name).join(', ')}, over ${formatNumber(arms[0]!.bands.end)} seconds.`,
        height,
        body,
      }),
    ],
    howToRead: options.howToRead,
    table: {
      headings: ['s', ...arms.map((arm) => arm.name), ...(hasIntended ? ['intended'] : [])],
      rows: times.map((moment) => [
        formatNumber(moment),
        ...arms.map((arm) => show(valueAt(arm, moment, options.pick))),
        ...(hasIntended ? [show(valueAt(arms[0]!, moment, intended))] : []),
      ]),
      numbersFrom: 0,
    },
  });
}

function formatTick(value: number): string {
  return value >= 10_000 ? `${value / 1000}k` : String(value);
}

interface BandChart {
  id: string;
  title: string;
  howToRead: string;
  middle: (point: SeriesPoint) => number | null;
  upper: (point: SeriesPoint) => number | null;
  /** Drawn dashed behind, on a scale of its own at the right, where it changes in the run. */
  cause?: { title: string; pick: (point: SeriesPoint) => number | null };
}

/** Filled between p50 and p95, with a line at p50; gaps where nothing was measured. */
function panel(arm: ArmView, axis: TimeAxis, y: Scale, options: BandChart): string {
  let area = '';
  let run: { x: number; low: number; high: number }[] = [];
  const close = (): void => {
    if (run.length > 1) {
      const there = run.map((p) => [p.x, p.high] as const);
      const back = run.map((p) => [p.x, p.low] as const).reverse();
      area += `${linePath([...there, ...back])}z`;
    }
    run = [];
  };
  for (const point of arm.series) {
    const middle = options.middle(point);
    const upper = options.upper(point);
    if (middle === null || upper === null) close();
    else run.push({ x: axis.scale(point.at), low: y(middle), high: y(upper) });
  }
  close();
  const line = linePath(
    arm.series.map((point) => {
      const value = options.middle(point);
      return value === null ? null : ([axis.scale(point.at), y(value)] as const);
    }),
  );
  const className = seriesClass(arm.mark);
  return `<path class="area ${className}" d="${area}"/><path class="line ${className}" d="${line}"/>`;
}

/** The load that an arm was put under, dashed, with its scale at the right of a panel. */
function causeLine(arm: ArmView, axis: TimeAxis, box: Plot, options: BandChart): string {
  const { cause } = options;
  const values = arm.series.map((point) => cause?.pick(point) ?? null);
  const given = values.filter((value) => value !== null);
  if (!cause || new Set(given.slice(0, -1)).size < 2) return '';
  const y = linearScale(Math.max(...given), box.bottom, box.top, 3);
  const path = linePath(
    arm.series.map((point, index) => {
      const value = values[index] ?? null;
      return value === null ? null : ([axis.scale(point.at), y(value)] as const);
    }),
  );
  const labels = y.ticks.map((tick) => text(box.right + 6, y(tick) + 4, formatTick(tick)));
  return `<path class="intended" d="${path}"/>${labels.join('')}${text(box.right + rightAxis - 4, box.top - 6, cause.title, { anchor: 'end', class: 'name' })}`;
}

/** Room for the labels of a second y axis. */
const rightAxis = 34;

/** A panel per arm, all on the same scales; '' without ticks. */
function bandChart(model: ReportModel, options: BandChart): string {
  const arms = model.arms.filter((arm) =>
    arm.series.some((point) => options.middle(point) !== null),
  );
  if (arms.length === 0) return '';
  const panelHeight = panelHeightFor(arms.length);
  const total = 16 + arms.length * panelHeight + 46;
  const whole = plotArea(total);
  const causes = arms.map(
    (arm) => new Set(arm.series.slice(0, -1).map(options.cause?.pick ?? none)),
  );
  const hasCause = causes.some((values) => values.size > 1);
  const plot = hasCause ? { ...whole, right: whole.right - rightAxis + 14 } : whole;
  const axis = timeAxis(arms, plot);
  const largest = Math.max(
    ...arms.flatMap((arm) => arm.series.map((point) => options.upper(point) ?? 0)),
  );
  const labels = axisFormat(largest);
  const panels = arms.map((arm, row) => {
    const bottom = plot.top + (row + 1) * panelHeight - 10;
    const y = linearScale(largest, bottom, bottom - panelHeight + 34, 3);
    const box = { ...plot, top: bottom - panelHeight + 34, bottom };
    return (
      yAxis(box, y, labels.format, '') +
      causeLine(arm, axis, box, options) +
      panel(arm, axis, y, options) +
      marker(arm.mark, plot.left + 6, box.top - 10, 3.6) +
      text(plot.left + 15, box.top - 6, `${arm.name}, ${labels.unit}`, { class: 'strong' })
    );
  });
  const times = moments(arms);
  const show = (arm: ArmView, moment: number): string => {
    const middle = valueAt(arm, moment, options.middle);
    const upper = valueAt(arm, moment, options.upper);
    return `${middle === null ? missing : formatDuration(middle)} / ${upper === null ? missing : formatDuration(upper)}`;
  };
  const hover = times.map((moment) => ({
    x: axis.scale(moment),
    text: [
      `${formatNumber(moment)} s: p50 / p95`,
      ...arms.map((arm) => `${arm.name}  ${show(arm, moment)}`),
    ].join('\n'),
  }));
  const body =
    bands(axis, plot, false) + seconds(axis, plot) + panels.join('') + hoverLayer(plot, hover);
  return figure({
    id: options.id,
    title: options.title,
    legend: [],
    pictures: [
      svg({
        id: options.id,
        title: options.title,
        description: `${options.title}: p50 and p95 per interval, one panel per arm (${arms.map((arm) => arm.name).join(', ')}).`,
        height: total,
        body,
      }),
    ],
    howToRead: options.howToRead,
    table: {
      headings: ['s', ...arms.map((arm) => `${arm.name} p50 / p95`)],
      rows: times.map((moment) => [formatNumber(moment), ...arms.map((arm) => show(arm, moment))]),
      numbersFrom: 0,
    },
  });
}

/** All charts over time. */
export function timeCharts(model: ReportModel): string[] {
  return [
    lineChart(model, {
      id: 'time-tokens',
      title: 'Output tokens per second',
      unit: 'tokens/s',
      pick: (point) => point.tokenRate,
      howToRead:
        'A plateau in the unshaded part means that the load was steady; only what started there is in the percentiles.',
    }),
    lineChart(model, {
      id: 'time-sessions',
      title: 'Sessions started per second',
      unit: 'sessions/s',
      pick: (point) => point.startedRate,
      intended: (point) => point.intendedRate,
      howToRead:
        'Where the lines fall below the dashed one, the harness started less than was asked for and the target saw less load.',
    }),
    bandChart(model, {
      id: 'time-ttft',
      title: 'Time to first token over time',
      middle: (point) => point.ttftP50,
      upper: (point) => point.ttftP95,
      cause: { title: 'dashed: sessions/s asked for', pick: (point) => point.intendedRate },
      howToRead:
        'The line is p50, the shading reaches up to p95: a slope upwards means that a queue is growing. Where the load changes, the dashed line shows it: the rate at which the first leaves its floor is the knee.',
    }),
    bandChart(model, {
      id: 'time-itl',
      title: 'Inter-token latency over time',
      middle: (point) => point.itlP50,
      upper: (point) => point.itlP95,
      howToRead:
        'The line is p50, the shading reaches up to p95: spikes shared by all streams are pauses of the target, the network or the harness.',
    }),
    lineChart(model, {
      id: 'time-active',
      title: 'Sessions running',
      unit: 'sessions',
      pick: (point) => point.active,
      howToRead:
        'With an open load, a line that keeps climbing means that sessions arrive faster than they finish.',
    }),
    lineChart(model, {
      id: 'time-failed',
      title: 'Failed turns per second',
      unit: 'turns/s',
      pick: (point) => point.failedRate,
      howToRead:
        'Failures spread evenly point to the target’s own error rate; failures in a clump point to a moment, such as a restart or a rate limit.',
    }),
  ].filter((chart) => chart !== '');
}
