/**
 * What every chart of the HTML report must do. A chart that the ordinary sample shows is held to it by
 * test/contract/charts/every-chart.test.ts; one that needs other data calls this in a separate test.
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import type { DistributionName } from '../../../src/metric/catalogue.ts';
import { MetricHistogram } from '../../../src/metric/histogram.ts';
import { chartSections, type ChartDefinition } from '../../../src/report/formats/html/chart.ts';
import { figureHtml, type Figure } from '../../../src/report/formats/html/drawing/figure.ts';
import { chartWidth } from '../../../src/report/formats/html/drawing/svg.ts';
import { buildReportModel } from '../../../src/report/view/build-report-model.ts';
import { featuredModel } from '../../../src/report/view/featured.ts';
import type { Result } from '../../../src/result/schema.ts';

export interface ChartSample {
  /** At least two arms with data for the chart; not more than there are shapes. */
  shown: Result;
  /** The same arms with other numbers. */
  changed: Result;
}

/** What a reader of a difference, and a tool that shows it, can take. */
const longestLine = 1000;

/** What the page would be handed. */
function draw(chart: ChartDefinition, result: Result): readonly Figure[] {
  return chart.draw(featuredModel(buildReportModel(result)));
}

/** Registers the tests of one chart. */
export function chartContract(chart: ChartDefinition, { shown, changed }: ChartSample): void {
  describe(`chart ${chart.id}`, () => {
    const figures = draw(chart, shown);
    const drawn = figures.map(figureHtml);

    test('states its place', () => {
      expect(chart.id).toMatch(/^[a-z]+(-[a-z0-9]+)*$/);
      expect(Object.keys(chartSections)).toContain(chart.section);
      expect(chart.order).toBeGreaterThan(0);
    });

    test('has a heading, a picture, a sentence and an id under its name', () => {
      expect(figures.length).toBeGreaterThan(0);
      for (const { id, title, pictures, howToRead } of figures) {
        expect(id === chart.id || id.startsWith(`${chart.id}-`), id).toBe(true);
        expect(title).not.toBe('');
        expect(pictures.join('')).toContain('<svg class="chart"');
        expect(howToRead).toMatch(/^[A-Z].{30,}\.$/s);
      }
      expect(new Set(figures.map(({ id }) => id)).size).toBe(figures.length);
    });

    test('is well-formed, without style, handlers or numbers that are none', () => {
      for (const html of drawn) {
        expect(XMLValidator.validate(html)).toBe(true);
        expect(html).not.toMatch(/NaN|Infinity|undefined/);
        expect(html).not.toMatch(/\sstyle="|\son\w+="|href="/);
      }
    });

    test('names and describes every picture for readers who do not see it', () => {
      for (const figure of figures) {
        const pictures = picturesOf(figure);
        expect(pictures.length).toBeGreaterThan(0);
        for (const picture of pictures) {
          expect(picture).toMatch(/aria-labelledby="(\S+) (\S+)">\n<title id="\1">[^<]+<\/title>/);
          expect(picture).toMatch(/<desc id="[^"]+">[^<]{10,}<\/desc>/);
        }
      }
    });

    test('has the numbers that its pictures are described with in its table', () => {
      for (const { pictures, table } of figures) {
        expect(table.rows.length).toBeGreaterThan(0);
        for (const row of table.rows) expect(row).toHaveLength(table.headings.length);
        const told = numbersIn(
          pictures.flatMap((html) => html.match(/<desc [^]*?<\/desc>/g) ?? []).map(textOf),
        );
        const listed = new Set(numbersIn([table.headings, ...table.rows].flat()));
        expect(told.filter((number) => !listed.has(number))).toEqual([]);
      }
    });

    test('has the same arms in its picture and in its table', () => {
      for (const figure of figures) {
        const legend = figure.legend.map(({ label }) => label).join('\n');
        const picture = `${figure.pictures.map(textOf).join('\n')}\n${legend}`;
        const table = [figure.table.headings, ...figure.table.rows].flat().join('\n');
        for (const { name } of shown.arms) {
          expect(table.includes(name), name).toBe(picture.includes(name));
        }
      }
    });

    test('follows the numbers, in picture and table', () => {
      const others = draw(chart, changed);
      for (const figure of figures) {
        const other = others.find(({ id }) => id === figure.id)!;
        expect(other.pictures).not.toEqual(figure.pictures);
        expect(other.table.rows).not.toEqual(figure.table.rows);
      }
    });

    test('tells what it draws apart by shape as well as by colour', () => {
      for (const [index, { legend }] of figures.entries()) {
        const html = drawn[index]!;
        const shapes = new Map<string, string>();
        for (const [, color = '', path = ''] of html.matchAll(
          /class="mark (s\d)"[^>]* d="([^"]+)"/g,
        )) {
          shapes.set(color, path.replaceAll(/[\d.]+/g, ''));
        }
        const used = new Set(html.match(/(?<=class="[^"]*\b)s\d\b/g) ?? []);
        expect([...used].filter((color) => !shapes.has(color))).toEqual([]);
        expect(new Set(shapes.values()).size).toBe(shapes.size);
        for (const { icon, label } of legend) {
          expect(icon).toMatch(/^<svg /);
          expect(textOf(icon) + label).not.toBe('');
        }
        const icons = legend.map(({ icon }) => icon.replaceAll(/class="[^"]*"/g, ''));
        expect(new Set(icons).size).toBe(icons.length);
      }
    });

    test('fits the width of the page', () => {
      for (const picture of figures.flatMap(picturesOf)) {
        expect(beyondItsWidth(picture)).toEqual([]);
        if (chartSections[chart.section].layout === 'charts') {
          expect(widthOf(picture)).toBeLessThanOrEqual(chartWidth);
        }
      }
    });

    test('fits it also with long names', () => {
      const long = draw(chart, withLongNames(shown));
      expect(long).toHaveLength(figures.length);
      for (const picture of long.flatMap(picturesOf)) expect(beyondItsWidth(picture)).toEqual([]);
    });

    test('has a line for each element, and no long one', () => {
      for (const [index, html] of drawn.entries()) {
        const lines = html.split('\n');
        expect(lines.filter((line) => line.length > longestLine)).toEqual([]);
        const inPictures = figures[index]!.pictures.join('\n').split('\n');
        const crowded = inPictures.filter(
          (line) =>
            (line.match(/<(?:path|rect|circle|ellipse|line|poly\w+|text)\b/g) ?? []).length > 1,
        );
        // A legend's icon between two pictures stays one line.
        expect(crowded.filter((line) => !line.startsWith('<li><svg '))).toEqual([]);
      }
    });

    test('draws the same run the same way', () => {
      expect(draw(chart, shown).map(figureHtml)).toEqual(drawn);
    });

    test('never makes markup of text from outside', () => {
      const hostile = draw(chart, withHostileText(shown)).map(figureHtml);
      expect(hostile).toHaveLength(drawn.length);
      for (const html of hostile) {
        expect(XMLValidator.validate(html)).toBe(true);
        expect(html).not.toMatch(/<(?:script|img)/);
        expect(html.match(/&lt;script&gt;/g)?.length).toBeGreaterThan(0);
      }
    });

    test('draws nothing of a run that measured nothing', () => {
      expect(draw(chart, emptied(shown))).toEqual([]);
    });

    test('draws a run with one sample of everything, and with all of them zero', () => {
      for (const html of draw(chart, withLoneZeros(shown)).map(figureHtml)) {
        expect(XMLValidator.validate(html)).toBe(true);
        expect(html).not.toMatch(/NaN|Infinity|undefined/);
      }
    });
  });
}

/** Numbers that stand alone: not the 95 of p95, nor the 1 of rtt=1ms. */
function numbersIn(texts: readonly string[]): string[] {
  return texts.flatMap(
    (text) => text.match(/(?<![\w.,=%])\d[\d,]*(?:\.\d+)?(?![\w=]|[.,]\d)/g) ?? [],
  );
}

/** The drawings of a figure, without icons and strips of legends. */
function picturesOf({ pictures }: Figure): string[] {
  return pictures.join('\n').match(/<svg class="chart" [^]*?<\/svg>/g) ?? [];
}

function widthOf(picture: string): number {
  return Number(/viewBox="0 0 (\d+)/.exec(picture)![1]);
}

/** What a reader sees of some markup. */
function textOf(html: string): string {
  const parsed: unknown = new XMLParser({ ignoreAttributes: true, parseTagValue: false }).parse(
    `<all>${html}</all>`,
  );
  const texts: string[] = [];
  const collect = (part: unknown): void => {
    if (typeof part === 'string') texts.push(part);
    else if (typeof part === 'object' && part !== null) Object.values(part).forEach(collect);
  };
  collect(parsed);
  return texts.filter((text) => text !== '').join('\n');
}

/** The mean width of a character of charts' text, in drawing units. */
const characterWidth = 6.2;
/** How far a picture may reach beyond its box: half a label at an end of an axis. */
const overhang = 12;

/** Elements of a picture that leave its box to the left or right. */
function beyondItsWidth(picture: string): string[] {
  const width = widthOf(picture);
  const fits = (left: number, right: number): boolean =>
    left >= -overhang && right <= width + overhang;
  const wrong: string[] = [];
  for (const [element, x = '', rest = '', content = ''] of picture.matchAll(
    /<text x="([-\d.]+)"([^>]*)>([^<]*)/g,
  )) {
    const length = content.replaceAll(/&\w+;|&#\d+;/g, '.').length * characterWidth;
    const anchor = /text-anchor="(\w+)"/.exec(rest)?.[1] ?? 'start';
    const left = Number(x) - { start: 0, middle: length / 2, end: length }[anchor]!;
    if (!fits(left, left + length)) wrong.push(element);
  }
  for (const [element, x, w] of picture.matchAll(
    /<rect [^>]*?x="([-\d.]+)"[^>]* width="([\d.]+)"/g,
  )) {
    if (!fits(Number(x), Number(x) + Number(w))) wrong.push(element);
  }
  for (const [element, attributes = ''] of picture.matchAll(/<path ([^>]*)\/>/g)) {
    if (attributes.includes('transform=')) continue;
    for (const [, x] of attributes.matchAll(/[MLH](-?[\d.]+)/g)) {
      if (!fits(Number(x), Number(x))) wrong.push(element);
    }
  }
  return wrong;
}

/** As a user may name things: nothing limits it. */
function withLongNames(result: Result): Result {
  const changed = structuredClone(result);
  const long = (text: string): string => `${text} ${'of a rather long name '.repeat(5)}`;
  for (const arm of changed.arms) {
    arm.name = long(arm.name);
    if (arm.cell) {
      const values = Object.entries(arm.cell.values).map(([path, value]) => [path, long(value)]);
      arm.cell = { base: long(arm.cell.base), values: Object.fromEntries(values) };
    }
  }
  return changed;
}

/** Every text that comes from outside as an attempt to become markup. */
function withHostileText(result: Result): Result {
  const changed = structuredClone(result);
  const attempt = (text: string): string => `${text}"'><script>alert(1)</script><img src=x>&`;
  for (const arm of changed.arms) {
    arm.name = attempt(arm.name);
    arm.model = attempt(arm.model);
    arm.target = attempt(arm.target);
    if (arm.cell) {
      arm.cell = {
        base: attempt(arm.cell.base),
        values: Object.fromEntries(
          Object.entries(arm.cell.values).map(([path, value]) => [path, attempt(value)]),
        ),
      };
    }
    for (const trial of arm.trials) {
      for (const sample of trial.samples) {
        sample.stream = attempt(sample.stream);
        sample.detail = attempt(sample.detail);
      }
      for (const failure of trial.failures) failure.detail = attempt(failure.detail);
    }
  }
  return changed;
}

/** The same arms, of which nothing is known. */
function emptied(result: Result): Result {
  const changed = structuredClone(result);
  for (const arm of changed.arms) {
    delete arm.cell;
    for (const trial of arm.trials) {
      for (const phase of [trial.warmup, trial.measured, trial.cooldown]) {
        phase.histograms = {};
        phase.scalars = {};
        phase.counts.turns_started = 0;
        phase.counts.turn_outcomes = {};
      }
      Object.assign(trial, { samples: [], ticks: [], failures: [] });
    }
  }
  return changed;
}

/** One sample of each metric, 0; one tick; one stream that began and ended immediately. */
function withLoneZeros(result: Result): Result {
  const changed = structuredClone(result);
  for (const { trials } of changed.arms) {
    for (const trial of trials) {
      const { histograms } = trial.measured;
      for (const name of Object.keys(histograms) as DistributionName[]) {
        const histogram = new MetricHistogram(name);
        histogram.record(0);
        histograms[name] = histogram.encode();
      }
      trial.ticks = trial.ticks.slice(0, 1).map((tick) => ({
        ...tick,
        started: 0,
        completed: 0,
        failed: 0,
        active: 0,
        tokens: 0,
        intended_rate: null,
        ttft_p50: 0,
        ttft_p95: 0,
        itl_p50: 0,
        itl_p95: 0,
      }));
      trial.samples = trial.samples
        .slice(0, 1)
        .map((sample) => ({ ...sample, ended_at: sample.started_at, arrivals: [], kinds: '' }));
    }
  }
  return changed;
}
