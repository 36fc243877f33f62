/**
 * The arrivals as text: one row for each path, a column for each slice of time, higher for more
 * events, all rows on one scale of both. Even low marks are a stream, tall marks apart are bursts.
 */
import type { ArrivalPicture } from '../../diagnose/diagnosis.ts';
import { formatDuration } from '../../format/duration.ts';
import { formatCount } from '../../format/number.ts';
import { displayWidth, pad, printable, truncate, wrap } from '../../format/width.ts';
import { burstsOf, drawnTogether, endOf, median, slices } from './arrivals.ts';
import { exactBytes } from './verdict-labels.ts';

const levels = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const waiting = '·';
/** More rows than these do not fit into a glance. */
const mostRows = 6;
const widestName = 20;
const factsIndent = '    ';

/** How to read the rows; printed with them. */
export const arrivalsLegend =
  'blank: no headers yet · dot: waiting · block: events, higher for more in that column';

function row(picture: ArrivalPicture, span: number, columns: number, most: number): string {
  const events = slices(picture, span, columns);
  const columnOf = (time: number): number =>
    Math.min(columns - 1, Math.floor((time / span) * columns));
  const headers = picture.headers_at ?? picture.reads[0]?.at ?? Number.POSITIVE_INFINITY;
  const first = columnOf(headers);
  const last = columnOf(endOf(picture));
  return events
    .map((count, column) => {
      if (count > 0) {
        const level = Math.ceil((count / most) * levels.length) - 1;
        return levels[Math.min(levels.length - 1, Math.max(0, level))]!;
      }
      return column < first || column > last ? ' ' : waiting;
    })
    .join('')
    .trimEnd();
}

/** What the row shows, in numbers. */
export function arrivalsFacts(picture: ArrivalPicture): string {
  const bursts = burstsOf(picture);
  const events = bursts.reduce((sum, burst) => sum + burst.events, 0);
  const first = picture.reads.find((read) => read.events > 0);
  const parts = [
    picture.headers_at === null ? 'no headers' : `headers ${formatDuration(picture.headers_at)}`,
    first === undefined ? 'no event' : `first event ${formatDuration(first.at)}`,
    `${formatCount(events)} events in ${formatCount(bursts.length)} burst${bursts.length === 1 ? '' : 's'}`,
  ];
  if (bursts.length > 0) {
    const size = Math.round(median(bursts.map((burst) => burst.bytes)));
    parts.push(bursts.length === 1 ? exactBytes(size) : `${exactBytes(size)} each (median)`);
  }
  return parts.join(', ');
}

function axis(span: number, columns: number): string[] {
  let marks = 1;
  if (columns >= 48) marks = 4;
  else if (columns >= 32) marks = 2;
  let line = '';
  let labels = '';
  for (let mark = 0; mark <= marks; mark++) {
    const column = Math.min(columns - 1, Math.round((mark / marks) * columns));
    const label = formatDuration((mark / marks) * span);
    line = `${line.padEnd(column, '─')}${mark === 0 ? '└' : '┴'}`;
    const place = mark === marks ? columns - displayWidth(label) : column;
    labels = `${pad(labels, Math.max(place, displayWidth(labels) + (mark === 0 ? 0 : 1)))}${label}`;
  }
  return [line, labels];
}

export interface ArrivalsText {
  lines: string[];
  /** Pictures that were left out. */
  omitted: number;
}

/** No lines where there is nothing to show. */
export function arrivalsText(pictures: readonly ArrivalPicture[], width: number): ArrivalsText {
  const { shown, span } = drawnTogether(pictures, mostRows);
  if (shown.length === 0) return { lines: [], omitted: 0 };
  const names = shown.map((picture) => truncate(printable(picture.title), widestName));
  const nameWidth = Math.max(...names.map(displayWidth));
  const columns = Math.max(16, Math.min(96, width - nameWidth - 4));
  const most = Math.max(1, ...shown.flatMap((picture) => slices(picture, span, columns)));
  const lines: string[] = [];
  const indent = ' '.repeat(nameWidth + 4);
  for (const [index, picture] of shown.entries()) {
    lines.push(
      `  ${pad(names[index]!, nameWidth)}  ${row(picture, span, columns, most)}`.trimEnd(),
    );
    const whole = pictures.find(({ title }) => title === picture.title) ?? picture;
    for (const line of wrap(arrivalsFacts(whole), Math.max(20, width - factsIndent.length))) {
      lines.push(factsIndent + line);
    }
  }
  lines.push(...axis(span, columns).map((line) => (indent + line).trimEnd()));
  return { lines, omitted: pictures.length - shown.length };
}
