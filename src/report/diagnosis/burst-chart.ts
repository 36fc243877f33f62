/** One row for each stream: every burst where it arrived, its height the bytes that it brought. */
import type { ArrivalPicture, Diagnosis } from '../../diagnose/diagnosis.ts';
import { formatDuration } from '../../format/duration.ts';
import { formatCount } from '../../format/number.ts';
import { escapeHtml } from '../formats/html/escape.ts';
import { figureHtml } from '../formats/html/drawing/figure.ts';
import { timeAxisFormat } from '../formats/html/drawing/axis-format.ts';
import { spanScale, type Scale } from '../formats/html/drawing/scale.ts';
import {
  at,
  chartWidth,
  marker,
  seriesClass,
  svg,
  text,
  xAxis,
} from '../formats/html/drawing/svg.ts';
import { burstsOf, drawnTogether, endOf, median } from './arrivals.ts';
import { exactBytes } from './verdict-labels.ts';

const rowHeight = 62;
const barHeight = 34;
const mostRows = 6;
/** Rows of the table for each stream; the JSON has every read. */
const mostBursts = 40;

function drawRow(picture: ArrivalPicture, index: number, x: Scale, top: number, most: number) {
  const bursts = burstsOf(picture);
  const bottom = top + 22 + barHeight;
  const from = x(picture.headers_at ?? 0);
  const heights = new Map<string, number>();
  for (const burst of bursts) {
    const place = at(x(burst.at));
    heights.set(place, Math.max(heights.get(place) ?? 0, burst.bytes));
  }
  const path = [...heights]
    .map(
      ([place, bytes]) =>
        `M${place} ${at(bottom)}v${at(-Math.max(1.5, (bytes / most) * barHeight))}`,
    )
    .join('');
  const size = exactBytes(Math.round(median(bursts.map((burst) => burst.bytes))));
  const label =
    bursts.length === 1
      ? `${picture.title}: one burst of ${size}`
      : `${picture.title}: ${formatCount(bursts.length)} bursts of ${size} (median)`;
  const headers =
    picture.headers_at === null
      ? ''
      : `<path class="headers" d="M${at(from)} ${at(top + 18)}V${at(bottom)}"/>`;
  return `<g><title>${escapeHtml(label)}</title>${marker(index, x(0) + 5, top + 8, 4)}${text(x(0) + 16, top + 12, label, { class: 'strong' })}<rect class="wait" x="${at(from)}" y="${at(top + 22)}" width="${at(Math.max(0.8, x(endOf(picture)) - from))}" height="${barHeight}"/>${headers}<path class="burst ${seriesClass(index)}" d="${path}"/></g>`;
}

export function burstChart(diagnosis: Diagnosis): string {
  const pictures = diagnosis.pictures.filter((picture) => picture.reads.length > 0);
  const { shown, span } = drawnTogether(pictures, mostRows);
  if (shown.length === 0) return '';
  const most = Math.max(1, ...shown.flatMap((p) => burstsOf(p).map((burst) => burst.bytes)));
  const top = 12;
  const height = top + shown.length * rowHeight + 46;
  const plot = { left: 14, right: chartWidth - 18, top, bottom: height - 44 };
  const x = spanScale(0, span, plot.left, plot.right);
  const axis = timeAxisFormat(span);
  const ticks = x.ticks.map((tick) => ({ value: tick, label: axis.format(tick) }));
  const body =
    xAxis(plot, x, ticks, `${axis.unit} since the request`) +
    shown
      .map((picture, index) => drawRow(picture, index, x, top + index * rowHeight, most))
      .join('');
  return figureHtml({
    id: 'bursts',
    title: 'What came together',
    legend: [],
    pictures: [
      svg({
        id: 'bursts-svg',
        title: 'Bursts over time',
        description: shown
          .map((picture) => `${picture.title}: ${burstsOf(picture).length} bursts`)
          .join('. '),
        height,
        body,
      }),
    ],
    howToRead: `Each mark is one burst, as tall as the bytes that it brought; the dashed line is where the headers came, the band ends with the stream. Marks of one height say that a buffer of fixed size was filled, marks at one distance that a timer flushed it. The tallest here is ${exactBytes(most)}.`,
    table: {
      headings: ['path', 'burst', 'at', 'bytes', 'events'],
      rows: pictures.flatMap((picture) =>
        burstsOf(picture)
          .slice(0, mostBursts)
          .map((burst, index) => [
            picture.title,
            String(index + 1),
            formatDuration(burst.at),
            formatCount(burst.bytes),
            formatCount(burst.events),
          ]),
      ),
    },
  });
}
