import { createHash } from 'node:crypto';
import { XMLValidator } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import { MetricHistogram } from '../../../../../src/metric/histogram.ts';
import { chartSections } from '../../../../../src/report/formats/html/chart.ts';
import { binLogarithmically } from '../../../../../src/report/view/bins.ts';
import {
  linearScale,
  logScale,
  spanScale,
} from '../../../../../src/report/formats/html/drawing/scale.ts';
import { renderReport } from '../../../../../src/report/registry.ts';
import type { Result } from '../../../../../src/result/schema.ts';
import { sampleArms, sampleResult } from '../../../../helpers/sample-result.ts';

const result = sampleResult();
const page = (of: Result): string => renderReport('html', of)[0]!.text;
const html = page(result);

describe('page', () => {
  test('asks nothing of the network', () => {
    const addresses = html.match(/(?:https?:)?\/\/[\w.-]+/g) ?? [];
    expect(addresses).toEqual([]);
    expect(html).not.toMatch(/<(?:link|img|iframe|object|embed|base)\b/);
    expect(html).not.toMatch(/@import|url\(/);
  });

  test('its policy allows exactly the style and the script it carries', () => {
    const hashOf = (text: string): string =>
      `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)![1]!;
    const script = /<script>([\s\S]*?)<\/script>/.exec(html)![1]!;
    expect(html).toContain(
      `content="default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)};`,
    );
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).not.toMatch(/\sstyle="|\son\w+="/);
  });

  test('every chart has a name, a description, a sentence and a table', () => {
    const figures = html.split('<figure ').slice(1);
    expect(figures.length).toBeGreaterThanOrEqual(12);
    for (const figure of figures) {
      expect(figure).toMatch(/<title id="[^"]+">[^<]+<\/title>\n<desc id="[^"]+">[^<]+<\/desc>/);
      expect(figure).toMatch(/<figcaption><p>[^<]{30,}<\/p>/);
      expect(figure).toMatch(/<details><summary>The same as a table<\/summary>.*<table>/s);
    }
  });

  test('pictures are well-formed, and no id is used twice', () => {
    const pictures = html.match(/<svg class="chart".*?<\/svg>/gs)!;
    expect(pictures.length).toBeGreaterThanOrEqual(14);
    for (const picture of pictures) {
      expect(XMLValidator.validate(picture)).toBe(true);
      expect(picture).not.toMatch(/NaN|Infinity|undefined/);
    }
    const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1]!);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of html.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
  });

  test('text of others never becomes markup', () => {
    const changed = structuredClone(result);
    const text = '"><script>alert(1)</script><img src=x onerror=alert(1)>\'';
    changed.scenario.name = text;
    changed.scenario.description = text;
    changed.arms[0]!.name = text;
    changed.arms[0]!.model = text;
    changed.arms[0]!.trials[0]!.failures[0]!.detail = text;
    changed.arms[0]!.trials[0]!.samples[0]!.stream = text;
    changed.gates[0]!.text = text;
    changed.warnings[0]!.message = text;
    const hostile = page(changed);
    expect(hostile.match(/<script/g)).toHaveLength(1);
    expect(hostile).not.toContain('<img');
    for (const picture of hostile.match(/<svg class="chart".*?<\/svg>/gs)!) {
      expect(XMLValidator.validate(picture)).toBe(true);
    }
  });

  test('the class of a section’s layout is on its box alone', () => {
    for (const { layout } of Object.values(chartSections)) {
      const elements = [...html.matchAll(/<(\w+)[^>]*\sclass="([^"]*)"/g)];
      const laid = elements.filter(([, , classes = '']) => classes.split(' ').includes(layout));
      expect(laid.filter(([, element]) => element !== 'div')).toEqual([]);
    }
  });

  test('time to first token stands over the load where that changes', () => {
    const figureOf = (of: Result): string =>
      /<figure [^>]*id="time-ttft".*?<\/figure>/s.exec(page(of))?.[0] ?? '';
    const rising = structuredClone(result);
    for (const arm of rising.arms) {
      for (const trial of arm.trials) {
        trial.ticks.forEach((tick, index) => (tick.intended_rate = 5 + index));
      }
    }
    const lines = (text: string): number => text.match(/class="intended"/g)?.length ?? 0;
    const even = structuredClone(rising);
    for (const arm of even.arms) {
      for (const trial of arm.trials) for (const tick of trial.ticks) tick.intended_rate = 5;
    }
    expect(lines(figureOf(even))).toBe(0);
    expect(lines(figureOf(rising))).toBe(rising.arms.length);
  });

  test('stays small: below 300 kB apart from its data', () => {
    const empty = structuredClone(result);
    for (const arm of empty.arms) {
      for (const trial of arm.trials) Object.assign(trial, { samples: [], ticks: [] });
    }
    expect(page(empty).length).toBeLessThan(300_000);
    expect(html.length).toBeLessThan(600_000);
  });

  test.each<[string, (of: Result) => void]>([
    [
      'nothing measured',
      (of) => {
        for (const arm of of.arms) {
          for (const trial of arm.trials) {
            trial.measured.histograms = {};
            trial.measured.scalars = {};
            Object.assign(trial, { samples: [], ticks: [], failures: [] });
          }
        }
      },
    ],
    [
      'one sample of everything',
      (of) => {
        for (const arm of of.arms) {
          for (const trial of arm.trials) {
            for (const name of ['ttft', 'itl', 'e2e'] as const) {
              const histogram = new MetricHistogram(name);
              histogram.record(0);
              trial.measured.histograms[name] = histogram.encode();
            }
            trial.ticks = trial.ticks.slice(0, 1);
            trial.samples = trial.samples.slice(0, 1);
          }
        }
      },
    ],
  ])('draws a run with %s', (_, change) => {
    const odd = structuredClone(result);
    change(odd);
    const drawn = page(odd);
    expect(drawn).not.toMatch(/NaN|Infinity|undefined/);
    expect(drawn).toContain('</html>');
  });

  test('twelve arms still have a colour each', () => {
    const arms = Array.from({ length: 12 }, (_, index) => ({
      ...sampleArms[0]!,
      name: `a${index}`,
    }));
    const drawn = page(sampleResult({ arms }));
    for (let index = 0; index < 8; index++) expect(drawn).toContain(`line s${index}"`);
    expect(drawn).not.toContain('line s8"');
  });
});

describe('scales', () => {
  test('linear: from 0, ending on a tick above the largest', () => {
    const scale = linearScale(461, 100, 0);
    expect(scale.ticks).toEqual([0, 100, 200, 300, 400, 500]);
    expect(scale(0)).toBe(100);
    expect(scale(500)).toBe(0);
    expect(linearScale(0, 0, 1).ticks[0]).toBe(0);
  });

  test('span: exactly between its ends', () => {
    const scale = spanScale(0, 37, 0, 370);
    expect(scale(37)).toBe(370);
    expect(scale.ticks).toEqual([0, 10, 20, 30]);
  });

  test('logarithmic: equal steps multiply', () => {
    const scale = logScale(1, 1000, 0, 300);
    expect(scale(10)).toBeCloseTo(100);
    expect(scale(100)).toBeCloseTo(200);
    expect(scale.ticks).toContain(1000);
    expect(scale(0)).toBe(0);
  });

  test('bins of a histogram hold every sample once', () => {
    const histogram = new MetricHistogram('itl');
    for (let value = 0.5; value < 400; value *= 1.07) histogram.record(value);
    const { shares } = binLogarithmically(histogram, 0.4, 500, 64);
    expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
    expect(shares[0]).toBe(0);
  });
});
