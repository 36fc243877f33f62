import { parse } from 'csv-parse/sync';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import { displayWidth } from '../../../../src/format/width.ts';
import { csvColumns } from '../../../../src/report/formats/csv.ts';
import { escapeXml } from '../../../../src/report/formats/junit.ts';
import { escapeMarkdown } from '../../../../src/report/formats/markdown.ts';
import { parseFormat, renderReport, type ReportFormat } from '../../../../src/report/registry.ts';
import { histogramOf } from '../../../../src/result/merge.ts';
import type { Result } from '../../../../src/result/schema.ts';
import { sampleArms, sampleResult } from '../../../helpers/sample-result.ts';

const result = sampleResult();
const small = sampleResult({ arms: [sampleArms[1]!] });

function textOf(format: ReportFormat, of: Result, width = 80): string {
  return renderReport(format, of, { width })
    .map((file) => file.text)
    .join('');
}

/** Text as hostile as a target or a scenario can make it. */
function hostile(): Result {
  const changed = structuredClone(result);
  const text = '=cmd|"<script>alert(1)</script>&\'`*_#\n\u0007';
  changed.scenario.name = text;
  changed.arms[0]!.name = text;
  changed.arms[0]!.trials[0]!.failures = [{ outcome: 'http_error', detail: text, count: 2 }];
  changed.gates[0]!.text = text;
  changed.warnings[0]!.message = text;
  return changed;
}

describe('terminal', () => {
  test('one arm, no gates', () => {
    expect(textOf('terminal', { ...small, gates: [] })).toMatchInlineSnapshot(`
      "~ DONE  no gates declared, so nothing was demanded
      SSE, WebSocket and Realtime side by side · seed 42 · 1 arm, 30 s measured each

      metric                p50     p90     p95     p99     max        n
      ttft [ms]             166     240     274     330*    382      433
      ttfo [ms]             459     602     623     709*    749      433
      itl [ms]             19.6    28.3    31.4    38.7   200.2   31,239
      tpot [ms]            20.2    21.8    22.6    24.6*   26.3      433
      e2e [ms]            1,667   2,136   2,269   2,447*  2,579      433
      response_time [ms]  1,670   2,138   2,271   2,449*  2,582      433
      session_time [ms]   1,669   2,138   2,271   2,449*  2,581      433
      * fewer than 20 samples lie above it: read it as an anecdote. – none does.

      totals                    websocket
      Sessions per second          14.4/s
      Turns per second             14.4/s
      Output tokens per second    1,056/s
      Events per second           1,142/s
      Goodput                      14.1/s
      Stalls per minute          6.12/min
      Errors                          0 %
      Dropped                         0 %

      Reading, at 100 ms a token
        arm          stalls  stalled p50     p95  longest p95  recovery p95  fluidity
        websocket  6.12/min          0 %  4.37 %       174 ms      50.8 ms*     100 %

      Distribution of ttft: 76.5 ms to 382 ms, logarithmic
        websocket  ▁ ▁▁▁▁▄▄▃▃▄▅▇██▆▇▇▆▆▅▄▂▂▃▃▁▁▁▁ ▁

      Distribution of itl: 10 µs to 200 ms, logarithmic
        websocket  ▁▁▁▁               ▁▁▁▂▅█▆▁▁▁▁▁▁

      Outcomes of turns
      ✓ websocket  completed 433 (100 %)

      Instrument
        websocket: error p50 0.13 ms, p99 0.18 ms, p99.9 0.49 ms · event-loop delay
        p99 2.41 ms · loop busy 31.4 % · schedule lag p99 1.09 ms
      "
    `);
  });

  test('verdict first, gates with margins, arms side by side', () => {
    expect(textOf('terminal', result).split('\n').slice(0, 17).join('\n')).toMatchInlineSnapshot(`
      "✗ FAIL  1 of 5 gates failed: errors < 1% (sse)
      SSE, WebSocket and Realtime side by side · seed 42 · 3 arms, 30 s measured each

      Gates
      ✓ pass  ttft.p95 < 400ms [sse]: 298 ms, limit 400 ms, margin 25.4 %
      ✓ pass  ttft.p95 < 400ms [websocket]: 272 ms, limit 400 ms, margin 32.1 %
      ✓ pass  ttft.p95 < 400ms [realtime]: 391 ms, limit 400 ms, margin 2.2 %
      ✗ FAIL  errors < 1% [sse]: 1.17 %, limit 1 %, margin -17 %
      ✓ pass  websocket.e2e.p50 < sse.e2e.p50: 1.61 s, limit 1.63 s, margin 1.09 %

      metric                      sse   websocket   realtime   p50
      ttft [ms]           p50     182         166        237   lowest: websocket
                          p90     257         240        350
                          p95     278         274        387*
                          p99     328*        330*       461*
                          n       418         433        392
      ttfo [ms]           p50     480         459        237   lowest: realtime"
    `);
  });

  test('a gate that compares arms says how far apart they are', () => {
    const compared = structuredClone(result);
    compared.gates[4]!.against = { arm: 'sse', measured: 1629.8 };
    expect(textOf('terminal', compared, 200)).toContain('1.61 s (-1.1 % on sse), limit 1.63 s');
    expect(textOf('markdown', compared)).toContain('| 1.61 s (-1.1 % on sse) |');
    expect(textOf('html', compared)).toContain('>1.61 s (-1.1 % on sse)<');
  });

  test.each([40, 60, 80, 120])('keeps to %d columns', (width) => {
    for (const of of [result, small, hostile()]) {
      for (const line of textOf('terminal', of, width).split('\n')) {
        expect(displayWidth(line)).toBeLessThanOrEqual(width);
      }
    }
  });

  test('more than four arms: a table per metric', () => {
    const many = sampleResult({
      arms: Array.from({ length: 6 }, (_, index) => ({ ...sampleArms[0]!, name: `arm-${index}` })),
    });
    const text = textOf('terminal', many);
    expect(text).toMatch(/ttft \[ms\] +p50 +p90 +p95 +p99 +n/);
    for (const arm of many.arms) expect(text).toMatch(new RegExp(`^${arm.name} +\\d`, 'm'));
  });

  test('an invalid run gives its reasons and shows its numbers', () => {
    const invalid = { ...small, validity: { valid: false, reasons: ['the loop was late'] } };
    const text = textOf('terminal', invalid);
    expect(text).toMatch(/^✗ INVALID {2}/);
    expect(text).toContain('- the loop was late');
    expect(text).toMatch(/ttft \[ms\]/);
  });

  test('colour adds nothing but colour', () => {
    const coloured = renderReport('terminal', result, { color: true })[0]!.text;
    // eslint-disable-next-line no-control-regex -- colour codes are what is taken out
    expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(textOf('terminal', result));
    expect(coloured).toContain('\u001b[31m');
  });

  test('counts files of one kind instead of listing sixty', () => {
    const many = ['a.html', ...Array.from({ length: 60 }, (_, index) => `${index}.hgrm`)];
    const text = renderReport('terminal', result, { filesWritten: many })[0]!.text;
    expect(text.slice(text.indexOf('\nFiles\n'))).toBe(
      '\nFiles\n  a.html\n  0.hgrm and 59 more .hgrm\n',
    );
  });

  test('lists files whole', () => {
    const long = `/a/${'very-long/'.repeat(12)}report.html`;
    const [file] = renderReport('terminal', result, { width: 60, filesWritten: [long] });
    expect(file!.text).toContain(`\n  ${long}\n`);
  });
});

describe('csv', () => {
  test('round-trips: a row per arm and metric, numbers as they were', () => {
    const rows: Record<string, string>[] = parse(textOf('csv', result), { columns: true });
    expect(Object.keys(rows[0]!)).toEqual([...csvColumns]);
    const phase = result.arms[0]!.trials[0]!.measured;
    const ttft = rows.find((row) => row['arm'] === 'sse' && row['metric'] === 'ttft')!;
    const histogram = histogramOf(phase, 'ttft')!;
    expect(Number(ttft['n'])).toBe(histogram.count);
    expect(Number(ttft['p95'])).toBeCloseTo(histogram.percentile(95), 2);
    expect(Number(ttft['max'])).toBeCloseTo(histogram.max, 2);
    expect(ttft['p99.9']).toBe('');
    const errors = rows.find((row) => row['arm'] === 'sse' && row['metric'] === 'errors')!;
    expect(Number(errors['mean'])).toBeCloseTo(phase.scalars.errors!, 5);
    expect(new Set(rows.map((row) => `${row['arm']}/${row['metric']}`)).size).toBe(rows.length);
  });

  test('names that look like formulas do not run', () => {
    const rows: string[][] = parse(textOf('csv', hostile()));
    for (const row of rows) for (const cell of row) expect(cell).not.toMatch(/^[=@]/);
  });
});

describe('junit', () => {
  const parser = new XMLParser({ ignoreAttributes: false, isArray: (name) => name === 'testcase' });
  const suiteOf = (of: Result) => {
    const text = textOf('junit', of);
    expect(XMLValidator.validate(text)).toBe(true);
    return parser.parse(text).testsuites.testsuite;
  };

  test('gates are test cases', () => {
    const suite = suiteOf(result);
    expect(suite).toMatchObject({ '@_tests': '5', '@_failures': '1', '@_errors': '0' });
    expect(suite.testcase).toHaveLength(5);
    expect(suite.testcase[3].failure['@_message']).toBe('measured 1.17 %, limit 1 %, margin -17 %');
    expect(suite.testcase[0]['@_name']).toBe('ttft.p95 &lt; 400ms [sse]'.replace('&lt;', '<'));
  });

  test('an undecided gate is skipped; an invalid run is an error of each', () => {
    const open = structuredClone(result);
    open.gates[0]!.verdict = 'inconclusive';
    open.gates[1]!.verdict = 'no_data';
    expect(suiteOf(open)).toMatchObject({ '@_skipped': '2', '@_failures': '1' });
    open.validity = { valid: false, reasons: ['late'] };
    const suite = suiteOf(open);
    expect(suite).toMatchObject({ '@_errors': '5', '@_failures': '0', '@_skipped': '0' });
    expect(suite.testcase[0].error['@_message']).toBe('the run is invalid: late');
  });

  test('stays well-formed whatever the names', () => {
    expect(suiteOf(hostile()).testcase).toHaveLength(5);
    expect(escapeXml('a\u0000\ud800<"&\n')).toBe('a\ufffd\ufffd&lt;&quot;&amp;&#10;');
    expect(escapeXml('😀')).toBe('😀');
  });

  test('without gates it is an empty suite', () => {
    expect(suiteOf({ ...result, gates: [] })).toMatchObject({ '@_tests': '0' });
  });
});

describe('markdown', () => {
  test('verdict and gates', () => {
    expect(textOf('markdown', result).split('\n').slice(0, 14).join('\n')).toMatchInlineSnapshot(`
      "## ✗ FAIL: SSE, WebSocket and Realtime side by side

      1 of 5 gates failed: errors &lt; 1% (sse).

      ### Gates

      | gate | arm | verdict | measured | limit | margin |
      | --- | --- | --- | ---: | ---: | ---: |
      | ttft.p95 &lt; 400ms | sse | ✓ pass | 298 ms | 400 ms | 25.4 % |
      | ttft.p95 &lt; 400ms | websocket | ✓ pass | 272 ms | 400 ms | 32.1 % |
      | ttft.p95 &lt; 400ms | realtime | ✓ pass | 391 ms | 400 ms | 2.2 % |
      | errors &lt; 1% | sse | ✗ **FAIL** | 1.17 % | 1 % | -17 % |
      | websocket.e2e.p50 &lt; sse.e2e.p50 |  | ✓ pass | 1.61 s | 1.63 s | 1.09 % |
      "
    `);
  });

  test('text of others is not markup', () => {
    expect(escapeMarkdown('a|b*c_<i>\nd')).toBe(String.raw`a\|b\*c\_&lt;i&gt; d`);
    const text = textOf('markdown', hostile());
    expect(text).not.toContain('<script>');
    const tables = text.split('\n').filter((line) => line.startsWith('| '));
    const cells = (line: string): number => line.replaceAll(String.raw`\|`, '').split('|').length;
    expect(new Set(tables.slice(0, 7).map(cells)).size).toBe(1);
  });
});

describe('json', () => {
  test('is a short summary of the same numbers', () => {
    const summary = JSON.parse(textOf('json', result));
    expect(summary.verdict).toMatchObject({ word: 'FAIL', exit: 'gateFailed' });
    expect(summary.arms.map((arm: { name: string }) => arm.name)).toEqual([
      'sse',
      'websocket',
      'realtime',
    ]);
    const histogram = histogramOf(result.arms[1]!.trials[0]!.measured, 'itl')!;
    expect(summary.arms[1].metrics.itl.n).toBe(histogram.count);
    expect(summary.arms[1].metrics.itl.p50).toBeCloseTo(histogram.percentile(50), 3);
    expect(summary.arms[1].metrics.ttft['p99.9']).toBeNull();
  });
});

describe('hgrm', () => {
  const files = renderReport('hgrm', result);

  test('one file per arm and metric', () => {
    const expected = result.arms.flatMap((arm) =>
      Object.keys(arm.trials[0]!.measured.histograms).map((metric) => `${arm.name}.${metric}.hgrm`),
    );
    expect(files.map((file) => file.name).sort()).toEqual(expected.sort());
  });

  test('is HdrHistogram’s listing: four columns rising to 1.0, then a footer', () => {
    const text = files.find((file) => file.name === 'sse.ttft.hgrm')!.text;
    const histogram = histogramOf(result.arms[0]!.trials[0]!.measured, 'ttft')!;
    const rows = text
      .split('\n')
      .filter((line) => /^\s+[\d.]+ [\d.]+ /.test(line))
      .map((line) => line.trim().split(/\s+/).map(Number));
    expect(text).toMatch(/^ +Value +Percentile +TotalCount +1\/\(1-Percentile\)\n/);
    expect(rows.at(-1)!.slice(1, 3)).toEqual([1, histogram.count]);
    expect(rows.at(-1)![0]).toBeCloseTo(histogram.max, 0);
    for (let index = 1; index < rows.length; index++) {
      expect(rows[index]![0]).toBeGreaterThanOrEqual(rows[index - 1]![0]!);
      expect(rows[index]![2]).toBeGreaterThanOrEqual(rows[index - 1]![2]!);
    }
    expect(text).toMatch(/#\[Max +=.*Total count +=\s+\d+\]/);
  });

  test('file names are safe and distinct whatever the arms are called', () => {
    const odd = sampleResult({
      arms: ['../a', '..\\a', 'a b'].map((name) => ({ ...sampleArms[0]!, name })),
    });
    const names = renderReport('hgrm', odd).map((file) => file.name);
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);
    expect(new Set(names).size).toBe(names.length);
  });
});

test('an unknown format is a usage error that lists the known ones', () => {
  expect(() => parseFormat('pdf')).toThrow(/unknown report format "pdf"/);
});
