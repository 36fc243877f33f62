/** Landmarks in a waterfall: a pin with a number where a turn reached one; the legend names the numbers. */
import { formatDuration } from '../../../../format/duration.ts';
import type { StreamSample } from '../../../../result/schema.ts';
import { escapeHtml } from '../escape.ts';
import type { LegendEntry } from './figure.ts';
import type { Scale } from './scale.ts';
import { at, elements, text } from './svg.ts';

const radius = 6;

function head(x: number, y: number, number: number): string {
  return elements(
    `<circle cx="${at(x)}" cy="${at(y)}" r="${radius}"/>`,
    text(x, y + 3, String(number), { anchor: 'middle' }),
  );
}

/**
 * The pins of one row. The stem stands at the very moment; the heads of those that fall together stand
 * side by side.
 *
 * @param names - of all landmarks in the picture; a pin's number is a name's place, from 1.
 * @param x - from ms since the turn began.
 * @param bar - the row's bar, top and height.
 */
export function landmarkPins(
  sample: StreamSample,
  names: readonly string[],
  x: Scale,
  bar: { top: number; height: number },
): string[] {
  const written = (sample.written_at ?? sample.started_at) - sample.started_at;
  let free = Number.NEGATIVE_INFINITY;
  return names
    .flatMap((name, index) => {
      const ms = sample.landmarks?.[name];
      return ms === undefined ? [] : [{ name, ms, number: index + 1 }];
    })
    .sort((a, b) => a.ms - b.ms)
    .map(({ name, ms, number }) => {
      const place = x(written + ms);
      const middle = Math.max(place, free);
      free = middle + 2 * radius + 1;
      const about = `${name} after ${formatDuration(ms)}`;
      return elements(
        `<g class="pin"><title>${escapeHtml(about)}</title>`,
        `<path d="M${at(place)} ${at(bar.top - 2)}v${at(bar.height + 4)}"/>`,
        head(middle, bar.top + bar.height / 2, number),
        '</g>',
      );
    });
}

/** Legend entries of the landmarks, in the order of their numbers. */
export function pinLegend(landmarks: readonly { name: string; title: string }[]): LegendEntry[] {
  return landmarks.map(({ title }, index) => ({
    icon: `<svg class="icon" viewBox="-7 -7 14 14" aria-hidden="true"><g class="pin">${head(0, 0, index + 1)}</g></svg>`,
    label: title,
  }));
}
