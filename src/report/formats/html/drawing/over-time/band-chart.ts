/** Times over the time of the run: a panel for each arm, p50 as a line and up to p95 shaded. */
import { formatDuration } from '../../../../../format/duration.ts';
import { formatNumber, missing } from '../../../../../format/number.ts';
import type { ArmView, ReportModel } from '../../../../view/report-model.ts';
import type { SeriesPoint } from '../../../../view/time-series.ts';
import { countTick, timeAxisFormat } from '../axis-format.ts';
import type { Figure } from '../figure.ts';
import { linearScale, type Scale } from '../scale.ts';
import {
  elements,
  fitted,
  hoverLayer,
  linePath,
  marker,
  plotArea,
  seriesClass,
  svg,
  text,
  yAxis,
  type Plot,
} from '../svg.ts';
import { moments, phaseBands, secondsAxis, timeAxis, valueAt, type TimeAxis } from './time-axis.ts';

const none = (): null => null;

/** Few arms get more room each: what is asked there is the shape of one line. */
const panelHeightFor = (arms: number): number => Math.max(112, Math.round(270 / arms));

/** What one band chart shows; values in ms. */
export interface BandChart {
  id: string;
  title: string;
  howToRead: string;
  middle: (point: SeriesPoint) => number | null;
  upper: (point: SeriesPoint) => number | null;
  /** Drawn dashed behind, on a separate scale at the right, where it changes in the run. */
  cause?: { title: string; pick: (point: SeriesPoint) => number | null };
}

/** Filled between p50 and p95, with a line at p50; gaps where nothing was measured. */
function panel(arm: ArmView, axis: TimeAxis, y: Scale, options: BandChart): string {
  const areas: string[] = [];
  let run: { x: number; low: number; high: number }[] = [];
  const close = (): void => {
    if (run.length > 1) {
      const there = run.map((p) => [p.x, p.high] as const);
      const back = run.map((p) => [p.x, p.low] as const).reverse();
      areas.push(`${linePath([...there, ...back])}z`);
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
  return elements(
    `<path class="area ${className}" d="${areas.join('\n')}"/>`,
    `<path class="line ${className}" d="${line}"/>`,
  );
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
  const labels = y.ticks.map((tick) => text(box.right + 6, y(tick) + 4, countTick(tick)));
  return elements(
    `<path class="intended" d="${path}"/>`,
    labels,
    text(box.right + rightAxis - 4, box.top - 6, cause.title, { anchor: 'end', class: 'name' }),
  );
}

/** Room for the labels of a second y axis. */
const rightAxis = 34;

/** A panel per arm, all on the same scales; none without ticks. */
export function bandChart(model: ReportModel, options: BandChart): Figure[] {
  const arms = model.arms.filter((arm) =>
    arm.series.some((point) => options.middle(point) !== null),
  );
  if (arms.length === 0) return [];
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
  const labels = timeAxisFormat(largest);
  // The name of the second axis stands at the right of the same line.
  const room = plot.right - plot.left - (hasCause ? 240 : 60);
  const panels = arms.map((arm, row) => {
    const bottom = plot.top + (row + 1) * panelHeight - 10;
    const y = linearScale(largest, bottom, bottom - panelHeight + 34, 3);
    const box = { ...plot, top: bottom - panelHeight + 34, bottom };
    return elements(
      yAxis(box, y, labels.format, ''),
      causeLine(arm, axis, box, options),
      panel(arm, axis, y, options),
      marker(arm.mark, plot.left + 6, box.top - 10, 3.6),
      text(plot.left + 15, box.top - 6, `${fitted(arm.name, room)}, ${labels.unit}`, {
        class: 'strong',
      }),
    );
  });
  const times = moments(arms);
  const show = (arm: ArmView, moment: number): string => {
    const middle = valueAt(arm, moment, options.middle);
    const upper = valueAt(arm, moment, options.upper);
    return `${middle === null ? missing : formatDuration(middle)} / ${upper === null ? missing : formatDuration(upper)}`;
  };
  const spanOf = (arm: ArmView): string => {
    const middles = arm.series.flatMap((point) => options.middle(point) ?? []);
    const [low, high] = [Math.min(...middles), Math.max(...middles)].map(formatDuration);
    return `${arm.name}: p50 ${low} to ${high}`;
  };
  const hover = times.map((moment) => ({
    x: axis.scale(moment),
    text: [
      `${formatNumber(moment)} s: p50 / p95`,
      ...arms.map((arm) => `${arm.name}  ${show(arm, moment)}`),
    ].join('\n'),
  }));
  const body = elements(
    phaseBands(axis, plot, false),
    secondsAxis(axis, plot),
    panels,
    hoverLayer(plot, hover),
  );
  return [
    {
      id: options.id,
      title: options.title,
      legend: [],
      pictures: [
        svg({
          id: options.id,
          title: options.title,
          description: `${options.title}. ${arms.map((arm) => spanOf(arm)).join('. ')}.`,
          height: total,
          body,
        }),
      ],
      howToRead: options.howToRead,
      table: {
        headings: ['s', ...arms.map((arm) => `${arm.name} p50 / p95`)],
        rows: times.map((moment) => [
          formatNumber(moment),
          ...arms.map((arm) => show(arm, moment)),
        ]),
        numbersFrom: 0,
      },
    },
  ];
}
