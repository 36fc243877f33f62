/** What came together: the reads of one stream, gathered into bursts and laid on a time axis. */
import { median as medianOf } from '../../diagnose/analyse/statistics.ts';
import type { ArrivalPicture } from '../../diagnose/diagnosis.ts';

/** Reads closer together than this were one burst: no model makes tokens so fast. */
export const togetherMs = 2;

export interface Burst {
  at: number;
  bytes: number;
  events: number;
}

/** Neighbouring reads as bursts, each at the time of its first read. */
export function burstsOf(picture: ArrivalPicture): Burst[] {
  const bursts: Burst[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const read of picture.reads) {
    const current = bursts.at(-1);
    if (current && read.at - last <= togetherMs) {
      current.bytes += read.bytes;
      current.events += read.events;
    } else {
      bursts.push({ ...read });
    }
    last = read.at;
  }
  return bursts;
}

/** When a picture ends: the last thing that is known of it. */
export function endOf(picture: ArrivalPicture): number {
  return Math.max(picture.ended_at ?? 0, picture.headers_at ?? 0, picture.reads.at(-1)?.at ?? 0);
}

/** Events in each of `count` equal slices of `span` ms. */
export function slices(picture: ArrivalPicture, span: number, count: number): number[] {
  const events = Array.from({ length: count }, () => 0);
  for (const read of picture.reads) {
    const slice = Math.min(count - 1, Math.max(0, Math.floor((read.at / span) * count)));
    events[slice]! += read.events;
  }
  return events;
}

/** The middle of a list of numbers; 0 of an empty one. */
export function median(values: readonly number[]): number {
  return values.length === 0 ? 0 : medianOf(values);
}

/**
 * The pictures that are drawn, and the time that they are drawn for: a probe for silence may take twenty
 * times as long as the stream that matters, the first one, which would be squeezed into a corner.
 */
export function drawnTogether(
  pictures: readonly ArrivalPicture[],
  most: number,
): { shown: ArrivalPicture[]; span: number; cut: boolean } {
  const filled = pictures.filter((picture) => picture.reads.length > 0);
  const longest = Math.max(1, ...filled.slice(0, most).map(endOf));
  const span = Math.min(
    longest,
    filled[0] === undefined ? longest : 2 * Math.max(1, endOf(filled[0])),
  );
  const shown = filled
    .slice(0, most)
    .map((picture) =>
      endOf(picture) <= span
        ? picture
        : {
            ...picture,
            headers_at: (picture.headers_at ?? 0) > span ? null : picture.headers_at,
            // To the edge, as it continues.
            ended_at: span,
            reads: picture.reads.filter((read) => read.at <= span),
          },
    )
    .filter((picture) => picture.reads.length > 0);
  return { shown, span, cut: longest > span };
}
