import { describe, expect, test } from 'vitest';
import { displayWidth } from '../../../src/format/width.ts';
import { compareResults } from '../../../src/report/compare/comparison-model.ts';
import { parseComparisonFormat, renderComparison } from '../../../src/report/compare/registry.ts';
import { histogramOf } from '../../../src/result/merge.ts';
import type { Result } from '../../../src/result/schema.ts';
import { sampleArms, sampleResult } from '../../helpers/sample-result.ts';

const base = sampleResult();

function compared(...others: Result[]) {
  return compareResults(
    [base, ...others].map((result, index) => ({ file: `${index}.json`, result })),
  );
}

function changed(change: (result: Result) => void): Result {
  const result = structuredClone(base);
  change(result);
  return result;
}

describe('comparison', () => {
  test('equal files show no difference and no caution', () => {
    const model = compared(base);
    expect(model.cautions).toEqual([]);
    for (const metric of model.metrics) {
      for (const row of metric.rows) {
        for (const { change } of row.candidates) if (change !== null) expect(change).toBe(0);
      }
    }
  });

  test('differences and changes are of the percentiles', () => {
    const other = sampleResult({ seed: '7' });
    const model = compared(other);
    const from = histogramOf(base.arms[0]!.trials[0]!.measured, 'ttft')!;
    const to = histogramOf(other.arms[0]!.trials[0]!.measured, 'ttft')!;
    const row = model.metrics.find((m) => m.arm === 'sse' && m.name === 'ttft')!.rows[0]!;
    expect(row.base).toEqual({ value: from.percentile(50), support: 'ok', n: from.count });
    expect(row.candidates[0]).toMatchObject({ label: 'B', n: to.count });
    expect(row.candidates[0]!.difference).toBeCloseTo(to.percentile(50) - from.percentile(50), 9);
    expect(row.candidates[0]!.change).toBeCloseTo(to.percentile(50) / from.percentile(50) - 1, 9);
  });

  test('gives no verdict, and says why', () => {
    expect(compared(base).conclusion).toMatchObject({
      word: 'no verdict',
      exit: 'ok',
      sentence: expect.stringContaining('a single trial on a side supports no verdict'),
    });
    const three = sampleResult({ trials: 3 });
    const model = compareResults([
      { file: 'a', result: three },
      { file: 'b', result: three },
    ]);
    expect(model.conclusion.sentence).not.toContain('single trial');
  });

  test('an invalid side is said first', () => {
    const model = compared(changed((r) => (r.validity = { valid: false, reasons: ['late'] })));
    expect(model.conclusion).toMatchObject({ word: 'invalid', exit: 'invalid' });
    expect(model.cautions).toContain('B is an invalid measurement: late');
  });

  test.each<[string, (result: Result) => void]>([
    ['different scenario', (r) => (r.scenario.sha256 = 'x')],
    ['different seed', (r) => (r.scenario.seed = '43')],
    ['different streamgauge version', (r) => (r.tool.version = '0.2.0')],
    ['different Node version', (r) => (r.environment.node = 'v24.0.0')],
    ['different machine', (r) => (r.environment.cores = 8)],
    ['different libraries', (r) => (r.environment.libraries['ws'] = '9.0.0')],
    ['B was interrupted', (r) => (r.partial = true)],
    ['sse has a different load', (r) => (r.arms[0]!.load = 'other')],
    ['sse has a different network', (r) => (r.arms[0]!.network = '80 ms')],
    ['not on every side, so not compared: sse', (r) => void r.arms.shift()],
  ])('warns: %s', (start, change) => {
    const { cautions } = compared(changed(change));
    expect(cautions).toHaveLength(1);
    expect(cautions[0]!.startsWith(start)).toBe(true);
  });

  test('files with one arm each are compared whatever its name', () => {
    const model = compareResults(
      [sampleArms[0]!, sampleArms[1]!].map((arm) => ({
        file: `${arm.name}.json`,
        result: sampleResult({ arms: [arm] }),
      })),
    );
    expect(model.metrics[0]!.arm).toBe('sse → websocket');
    expect(model.cautions).toEqual([
      'the arms have different names (sse → websocket); compared because each side has only one',
    ]);
  });

  test('files without a common arm show nothing but that', () => {
    const renamed = changed((r) => r.arms.forEach((arm, index) => (arm.name = `other-${index}`)));
    expect(renderComparison('terminal', compared(renamed))).toContain('no arm in common');
  });
});

describe('formats', () => {
  const model = compared(changed((r) => (r.scenario.seed = '43')));

  test('terminal', () => {
    const one = compareResults(
      ['42', '43'].map((seed) => ({
        file: `${seed}/result.json`,
        result: sampleResult({ arms: [sampleArms[1]!], seed }),
      })),
    );
    expect(renderComparison('terminal', one)).toMatchInlineSnapshot(`
      "~ NO VERDICT  a single trial on a side supports no verdict: its streams share
                    one moment, so their number says nothing about the next run

      A base: 42/result.json (SSE, WebSocket and Realtime side by side, 2026-01-15
        10:00 UTC, 1 trial, FAIL)
      B candidate: 43/result.json (SSE, WebSocket and Realtime side by side,
        2026-01-15 10:00 UTC, 1 trial, FAIL)

      Not alike
      ! different seed, so prompts and mock timings differ (A: 42; B: 43)

      websocket
      metric                     A          B   difference  change
      ttft           p50    166 ms     169 ms     +2.18 ms  +1.3 %
                     p95    274 ms     273 ms*    -1.02 ms  -0.4 %
                     p99    330 ms*    321 ms*    -9.22 ms  -2.8 %
                     n         433        396
      ttfo           p50    459 ms     471 ms     +12.0 ms  +2.6 %
                     p95    623 ms     635 ms*    +11.8 ms  +1.9 %
                     p99    709 ms*    701 ms*    -7.68 ms  -1.1 %
                     n         433        396
      itl            p50   19.6 ms    19.5 ms     -0.11 ms  -0.6 %
                     p95   31.4 ms    31.3 ms       -80 µs  -0.3 %
                     p99   38.7 ms    38.5 ms     -0.13 ms  -0.3 %
                     n      31,239     28,576
      tpot           p50   20.2 ms    20.1 ms       -96 µs  -0.5 %
                     p95   22.6 ms    22.2 ms*    -0.40 ms  -1.8 %
                     p99   24.6 ms*   23.4 ms*    -1.12 ms  -4.6 %
                     n         433        395
      e2e            p50    1.67 s     1.63 s     -36.9 ms  -2.2 %
                     p95    2.27 s     2.33 s*    +65.5 ms  +2.9 %
                     p99    2.45 s*    2.49 s*    +41.0 ms  +1.7 %
                     n         433        395
      response_time  p50    1.67 s     1.63 s     -37.9 ms  -2.3 %
                     p95    2.27 s     2.34 s*    +65.5 ms  +2.9 %
                     p99    2.45 s*    2.49 s*    +43.0 ms  +1.8 %
                     n         433        395
      session_time   p50    1.67 s     1.63 s     -36.9 ms  -2.2 %
                     p95    2.27 s     2.34 s*    +65.5 ms  +2.9 %
                     p99    2.45 s*    2.49 s*    +41.0 ms  +1.7 %
                     n         433        395
      session_rate          14.4/s     13.2/s      -1.27/s  -8.8 %
      turn_rate             14.4/s     13.2/s      -1.27/s  -8.8 %
      token_rate           1,056/s      966/s      -90.0/s  -8.5 %
      event_rate           1,142/s    1,045/s      -97.4/s  -8.5 %
      goodput               14.1/s     13.0/s      -1.13/s  -8.0 %
      stalls              6.12/min   5.59/min    -0.53/min  -8.7 %
      errors                   0 %     0.25 %     +0.25 pp       –
      dropped                  0 %        0 %      0.00 pp       –

      * fewer than 20 samples lie above it: read it as an anecdote. – none does.
      "
    `);
  });

  test.each([60, 80, 140])('keeps to %d columns, also with three sides', (width) => {
    for (const shown of [model, compared(base, base)]) {
      for (const line of renderComparison('terminal', shown, { width }).split('\n')) {
        expect(displayWidth(line)).toBeLessThanOrEqual(width);
      }
    }
  });

  test('json is the model', () => {
    expect(JSON.parse(renderComparison('json', model))).toEqual({
      comparison_version: 1,
      ...model,
    });
  });

  test('markdown tables have as many cells as headings', () => {
    const lines = renderComparison('markdown', model).split('\n');
    const start = lines.findIndex((line) => line.startsWith('| metric'));
    expect(start).toBeGreaterThan(0);
    const table = lines.slice(start, lines.indexOf('', start));
    expect(new Set(table.map((line) => line.split('|').length)).size).toBe(1);
    expect(table.length).toBeGreaterThan(20);
  });

  test('an unknown format is a usage error', () => {
    expect(() => parseComparisonFormat('html')).toThrow(/unknown comparison format "html"/);
  });
});
