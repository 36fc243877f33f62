/** What the colours of a heat map mean. */
import type { HeatFormat } from '../../../../view/heat-format.ts';
import { heatScale, type HeatMap } from '../../../../view/heat-map.ts';
import type { LegendEntry } from '../../drawing/figure.ts';
import { elements, text } from '../../drawing/svg.ts';
import { differenceSteps, heatSteps, stepOf } from './heat-palette.ts';

/** A strip of the scale's colours with values under its ends, thirds and quarters. */
export function scaleLegend(map: HeatMap, format: HeatFormat): LegendEntry {
  const scale = heatScale(map);
  const steps = Array.from({ length: heatSteps }, (_, step) => ({
    className: `h${stepOf(map.metric.better, (step + 0.5) / heatSteps)}`,
    words: format.value(scale.valueAt(step / heatSteps)),
  }));
  const end = format.value(scale.valueAt(1));
  const directions = { lower: 'lower is better', higher: 'higher is better', none: '' };
  return { icon: strip(steps, end), label: directions[map.metric.better] };
}

/** The same for the colours of differences. */
export function differenceLegend(map: HeatMap, format: HeatFormat): LegendEntry {
  const middle = (differenceSteps - 1) / 2;
  const steps = Array.from({ length: differenceSteps }, (_, step) => ({
    className: `d${step}`,
    words: '',
  }));
  steps[0]!.words = format.difference(-map.widest);
  steps[middle]!.words = 'equal';
  return { icon: strip(steps, format.difference(map.widest)), label: '' };
}

function strip(steps: readonly { className: string; words: string }[], end: string): string {
  const width = 22;
  const boxes = steps.map(
    ({ className }, index) =>
      `<g class="${className}"><rect class="heat" x="${20 + index * width}" y="0" width="${width}" height="12"/></g>`,
  );
  const labels = steps.map(({ words }, index) =>
    words === '' || (steps.length === heatSteps && index % 3 !== 0)
      ? ''
      : text(20 + index * width + (words === 'equal' ? width / 2 : 0), 26, words, {
          anchor: 'middle',
        }),
  );
  const last = text(20 + steps.length * width, 26, end, { anchor: 'middle' });
  return elements(
    `<svg class="chart strip" viewBox="0 0 ${40 + steps.length * width} 30" aria-hidden="true">`,
    boxes,
    labels,
    last,
    '</svg>',
  );
}
