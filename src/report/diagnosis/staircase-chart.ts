/** Events so far over time, one staircase for each path: a slope is a stream, tall steps are bursts. */
import type { ArrivalPicture, Diagnosis } from '../../diagnose/diagnosis.ts';
import { formatDuration } from '../../format/duration.ts';
import { formatCount, missing } from '../../format/number.ts';
import { armLegend, figureHtml } from '../formats/html/drawing/figure.ts';
import { timeAxisFormat } from '../formats/html/drawing/axis-format.ts';
import { linearScale, spanScale } from '../formats/html/drawing/scale.ts';
import {
  at,
  hoverLayer,
  plotArea,
  seriesClass,
  svg,
  xAxis,
  yAxis,
  marker,
} from '../formats/html/drawing/svg.ts';
import { burstsOf, drawnTogether, endOf, median } from './arrivals.ts';
import { exactBytes } from './verdict-labels.ts';

const height = 340;
/** Curves more than these cannot be told apart; the table has them all. */
const mostCurves = 6;

interface Staircase {
  name: string;
  index: number;
  picture: ArrivalPicture;
  total: number;
}

/** Horizontal to each read, then straight up: between reads there was nothing. */
function stairPath(picture: ArrivalPicture, x: (ms: number) => number, y: (n: number) => number) {
  let path = `M${at(x(picture.headers_at ?? 0))} ${at(y(0))}`;
  let events = 0;
  let last = '';
  for (const read of picture.reads) {
    if (read.events === 0) continue;
    events += read.events;
    const step = `H${at(x(read.at))}V${at(y(events))}`;
    // A step that is not visible at this size is drawn with the next one.
    if (step !== last) path += step;
    last = step;
  }
  return `${path}H${at(x(endOf(picture)))}`;
}

/** Events that a stream had brought at a time. */
function eventsAt(picture: ArrivalPicture, time: number): number {
  let events = 0;
  for (const read of picture.reads) {
    if (read.at > time) break;
    events += read.events;
  }
  return events;
}

function readOuts(curves: readonly Staircase[], span: number, x: (ms: number) => number) {
  const steps = 60;
  return Array.from({ length: steps + 1 }, (_, step) => {
    const time = (step / steps) * span;
    const lines = curves.map(({ name, picture }) => `${name}: ${eventsAt(picture, time)} events`);
    return { x: x(time), text: [`at ${formatDuration(time)}`, ...lines].join('\n') };
  });
}

export function staircaseChart(diagnosis: Diagnosis): string {
  const all = diagnosis.pictures
    .filter((picture) => picture.reads.length > 0)
    .map((picture, index): Staircase => ({
      name: picture.title,
      index,
      picture,
      total: picture.reads.reduce((sum, read) => sum + read.events, 0),
    }));
  if (all.length === 0) return '';
  const { shown, span, cut } = drawnTogether(diagnosis.pictures, mostCurves);
  const curves = shown.map((picture) => ({
    ...all.find(({ name }) => name === picture.title)!,
    picture,
    total: picture.reads.reduce((sum, read) => sum + read.events, 0),
  }));
  const plot = plotArea(height);
  const x = spanScale(0, span, plot.left, plot.right);
  const y = linearScale(Math.max(1, ...curves.map(({ total }) => total)), plot.bottom, plot.top);
  const axis = timeAxisFormat(span);
  const body =
    yAxis(plot, y, (value) => formatCount(value), '') +
    xAxis(
      plot,
      x,
      x.ticks.map((tick) => ({ value: tick, label: axis.format(tick) })),
      `${axis.unit} since the request`,
    ) +
    // The first is what the user sees: drawn last, on top.
    [...curves]
      .reverse()
      .map(({ picture, index, total }) => {
        const path = stairPath(picture, x, y);
        const back = index === 0 ? '' : ' back';
        return `<path class="stair${back} ${seriesClass(index)}" d="${path}"/>${marker(index, x(endOf(picture)), y(total), 4)}`;
      })
      .join('') +
    hoverLayer(plot, readOuts(curves, span, x));
  const description = all
    .map(({ name, picture, total }) => {
      const bursts = burstsOf(picture);
      return `${name}: ${total} events in ${bursts.length} bursts, the last after ${formatDuration(endOf(picture))}`;
    })
    .join('. ');
  return figureHtml({
    id: 'staircase',
    title: 'Events so far, over time',
    legend: armLegend(curves),
    pictures: [svg({ id: 'staircase-svg', title: 'Events so far', description, height, body })],
    howToRead: `A curve rises where events arrive. An even slope is a stream; flat stretches with tall steps are bursts: what a step brought was held until then. A curve that lies to the right of another is late by that much.${cut ? ` Drawn up to ${formatDuration(span)}; the table has what came later.` : ''}`,
    table: {
      headings: ['path', 'headers', 'first event', 'end', 'events', 'bursts', 'bytes in each'],
      rows: all.map(({ name, picture, total }) => {
        const bursts = burstsOf(picture);
        const first = picture.reads.find((read) => read.events > 0);
        return [
          name,
          picture.headers_at === null ? missing : formatDuration(picture.headers_at),
          first === undefined ? missing : formatDuration(first.at),
          picture.ended_at === null ? missing : formatDuration(picture.ended_at),
          formatCount(total),
          formatCount(bursts.length),
          exactBytes(Math.round(median(bursts.map((burst) => burst.bytes)))),
        ];
      }),
    },
  });
}
