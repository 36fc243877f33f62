/** Rates and counts over the time of the run: a line for each arm, all in one picture. */
import { formatNumber, missing } from '../../../../../format/number.ts';
import type { ArmView, ReportModel } from '../../../../view/report-model.ts';
import type { SeriesPoint } from '../../../../view/time-series.ts';
import { countTick } from '../axis-format.ts';
import { armLegend, type Figure } from '../figure.ts';
import { linearScale } from '../scale.ts';
import {
  elements,
  hoverLayer,
  linePath,
  marker,
  plotArea,
  seriesClass,
  svg,
  yAxis,
} from '../svg.ts';
import { moments, phaseBands, secondsAxis, timeAxis, valueAt } from './time-axis.ts';

const height = 270;

/** What one line chart shows. */
export interface LineChart {
  id: string;
  title: string;
  unit: string;
  howToRead: string;
  pick: (point: SeriesPoint) => number | null;
  /** A second, dashed line for what was meant. */
  intended?: (point: SeriesPoint) => number | null;
}

/** All arms in one picture; none without ticks. */
export function lineChart(model: ReportModel, options: LineChart): Figure[] {
  const arms = model.arms.filter((arm) => arm.series.length > 0);
  if (arms.length === 0) return [];
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
    return elements(
      `<path class="line ${seriesClass(arm.mark)}" d="${pathOf(arm, options.pick)}"/>`,
      end,
    );
  });
  const times = moments(arms);
  const show = (value: number | null): string => (value === null ? missing : formatNumber(value));
  const spanOf = (arm: ArmView): string => {
    const values = arm.series.flatMap((point) => options.pick(point) ?? []);
    return values.length === 0
      ? `${arm.name}: ${missing}`
      : `${arm.name}: ${show(Math.min(...values))} to ${show(Math.max(...values))}`;
  };
  const hover = times.map((moment) => ({
    x: axis.scale(moment),
    text: [
      `${formatNumber(moment)} s`,
      ...arms.map((arm) => `${arm.name}  ${show(valueAt(arm, moment, options.pick))}`),
      ...(hasIntended ? [`intended  ${show(valueAt(arms[0]!, moment, intended))}`] : []),
    ].join('\n'),
  }));
  const body = elements(
    phaseBands(axis, plot, true),
    yAxis(plot, y, countTick, options.unit),
    secondsAxis(axis, plot),
    meant,
    lines,
    hoverLayer(plot, hover),
  );
  const legend = armLegend(arms);
  if (hasIntended) {
    legend.push({
      icon: '<svg class="icon wide" viewBox="0 -7 24 14" aria-hidden="true"><path class="intended" d="M0 0H24"/></svg>',
      label: 'intended',
    });
  }
  return [
    {
      id: options.id,
      title: options.title,
      legend,
      pictures: [
        svg({
          id: options.id,
          title: options.title,
          description: `${options.title}. ${arms.map((arm) => spanOf(arm)).join('. ')}.`,
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
    },
  ];
}
