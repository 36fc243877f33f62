import { describe, expect, test } from 'vitest';
import { heatFormat } from '../../../../src/report/view/heat-format.ts';
import { aheadAmong, defaultHeatMaps, heatScale } from '../../../../src/report/view/heat-map.ts';
import { buildReportModel } from '../../../../src/report/view/build-report-model.ts';
import { renderReport, type ReportFormat } from '../../../../src/report/registry.ts';
import type { Result } from '../../../../src/result/schema.ts';
import { gridResult } from '../../../helpers/grid-result.ts';
import { sampleResult } from '../../../helpers/sample-result.ts';

const axes = { 'network.rtt': ['1ms', '50ms'], 'network.loss': ['0%', '1%', '3%'] };

/** Stall ratio grows with loss and round trip; WebSocket has half of it at 3 %. */
function stallRatio(base: string, [rtt, loss]: readonly string[]): number {
  const plain = (Number.parseFloat(rtt!) * Number.parseFloat(loss!)) / 1000;
  return base === 'websocket' && loss === '3%' ? plain / 2 : plain;
}

const grid = gridResult({
  axes,
  values: (base, cell) => ({
    stall_ratio: stallRatio(base, cell),
    longest_stall: 40 + 100 * stallRatio(base, cell),
    ttft: base === 'sse' ? 300 : 280,
  }),
});

/** The section of a page with the maps, so that a failure can be read. */
const sectionOf = (result: Result): string =>
  /<section id="heatmaps">[^]*?<\/section>/.exec(textOf('html', result))?.[0] ?? '';

const textOf = (format: ReportFormat, result: Result, width = 100): string =>
  renderReport(format, result, { width })
    .map(({ text }) => text)
    .join('');

describe('the maps', () => {
  const { heatMaps } = buildReportModel(grid);
  const [ratio, longest, ttft] = heatMaps;

  test('are those of the default where the scenario names none', () => {
    expect(heatMaps.map((map) => map.measure)).toEqual([...defaultHeatMaps]);
    expect(buildReportModel({ ...grid, heatmap: ['ttft.p50', 'errors'] }).heatMaps).toMatchObject([
      { measure: 'ttft.p50', metric: { name: 'ttft' } },
      { measure: 'errors', metric: { name: 'errors' } },
    ]);
    expect(buildReportModel(sampleResult()).heatMaps).toEqual([]);
  });

  test('hold each cell in its row, column and panel', () => {
    expect(ratio!.rows).toEqual({ name: 'rtt', values: ['1ms', '50ms'] });
    expect(ratio!.columns).toEqual({ name: 'loss', values: ['0%', '1%', '3%'] });
    expect(ratio!.panels.map((panel) => panel.name)).toEqual(['sse', 'websocket']);
    for (const panel of ratio!.panels) {
      for (const [y, rtt] of axes['network.rtt'].entries()) {
        for (const [x, loss] of axes['network.loss'].entries()) {
          const { value } = panel.cells[y]![x]!;
          expect(value).toBeCloseTo(stallRatio(panel.name, [rtt, loss]), 6);
        }
      }
    }
    expect(ratio!.range!.low).toBe(0);
    expect(ratio!.range!.high).toBeCloseTo(0.15);
  });

  test('mark who is ahead by more than a tenth', () => {
    const marked = (map: typeof ratio): boolean[][][] =>
      map!.panels.map((panel) => panel.cells.map((row) => row.map((cell) => cell.ahead)));
    expect(marked(ratio)[1]).toEqual([
      [false, false, true],
      [false, false, true],
    ]);
    expect(marked(ratio)[0]!.flat()).not.toContain(true);
    // 280 ms is ahead of 300 ms by less.
    expect(marked(ttft).flat(2)).not.toContain(true);
    expect(longest!.hasAhead).toBe(true);
    const invalid = { ...grid, validity: { valid: false, reasons: ['loop'] } };
    expect(buildReportModel(invalid).heatMaps[0]!.hasAhead).toBe(false);
  });

  test('say how far each is from the first', () => {
    expect(ratio!.differences).toHaveLength(1);
    expect(ratio!.differences[0]!.name).toBe('websocket − sse');
    expect(ratio!.differences[0]!.cells[1]![2]).toBeCloseTo(-0.075);
    expect(ratio!.widest).toBeCloseTo(0.075);
    const format = heatFormat(ratio!);
    expect(format.title).toBe('Stall ratio, mean');
    expect(format.difference(-0.075)).toBe('−7.5');
    expect(format.difference(0.0001)).toBe('0.0');
    expect(format.value(null)).toBe('–');
  });

  test('mark percentiles of few samples', () => {
    const few = gridResult({ axes, samples: 60, values: () => ({ ttft: 100 }) });
    const map = buildReportModel(few).heatMaps.find(({ measure }) => measure === 'ttft.p95')!;
    expect(map.hasWeak).toBe(true);
    expect(heatFormat(map).cell(map.panels[0]!.cells[0]![0]!)).toBe('100*');
  });
});

test('cells that did not run are empty, and others stay in their place', () => {
  const partial = gridResult({
    axes,
    values: (base, [rtt, loss]) =>
      rtt === '50ms' && loss === '3%' ? undefined : { ttft: base === 'sse' ? 100 : 200 },
  });
  const map = buildReportModel({ ...partial, heatmap: ['ttft.mean'] }).heatMaps[0]!;
  expect(map.panels[0]!.cells.map((row) => row.map((cell) => cell.value))).toEqual([
    [100, 100, 100],
    [100, 100, null],
  ]);
  for (const format of ['terminal', 'html', 'markdown'] as const) {
    expect(textOf(format, { ...partial, heatmap: ['ttft.mean'] })).toContain('–');
  }
});

test('one axis makes one strip with the arms as rows', () => {
  const strip = gridResult({
    axes: { 'network.loss': ['0%', '2%'] },
    values: (base, [loss]) => ({ ttft: (base === 'sse' ? 100 : 50) * (loss === '2%' ? 2 : 1) }),
  });
  const [map] = buildReportModel({ ...strip, heatmap: ['ttft.mean'] }).heatMaps;
  expect(map).toMatchObject({
    rows: { name: '', values: ['sse', 'websocket'] },
    columns: { name: 'loss', values: ['0%', '2%'] },
    differences: [],
  });
  expect(map!.panels).toHaveLength(1);
  expect(map!.panels[0]!.cells.map((row) => row.map(({ ahead }) => ahead))).toEqual([
    [false, false],
    [true, true],
  ]);
  const text = textOf('terminal', { ...strip, heatmap: ['ttft.mean'] });
  expect(text).toMatch(/sse\s+. 100 {2,}. 200/);
});

test('a third axis makes panels of its own, compared among themselves', () => {
  const deep = gridResult({
    axes: { ...axes, 'load.sessions': ['1', '50'] },
    values: (base, [, , sessions]) => ({ ttft: base === 'sse' && sessions === '50' ? 900 : 100 }),
  });
  const [map] = buildReportModel({ ...deep, heatmap: ['ttft.mean'] }).heatMaps;
  expect(map!.panels.map((panel) => panel.name)).toEqual([
    'sse, sessions=1',
    'websocket, sessions=1',
    'sse, sessions=50',
    'websocket, sessions=50',
  ]);
  expect(map!.panels.map((panel) => panel.cells[0]![0]!.ahead)).toEqual([
    false,
    false,
    false,
    true,
  ]);
  expect(map!.differences.map((one) => one.name)).toEqual([
    'websocket, sessions=1 − sse, sessions=1',
    'websocket, sessions=50 − sse, sessions=50',
  ]);
});

describe('the scale', () => {
  const scaleOf = (values: readonly number[]) =>
    heatScale(
      buildReportModel({
        ...gridResult({
          bases: ['sse'],
          axes: { 'network.rtt': values.map((_, index) => `${index}ms`), 'network.loss': ['0%'] },
          values: (_, [rtt]) => ({ ttft: values[Number.parseInt(rtt!, 10)]! }),
        }),
        heatmap: ['ttft.mean'],
      }).heatMaps[0]!,
    );

  test('is even where the values are', () => {
    const scale = scaleOf([10, 20, 30, 40]);
    expect(scale.squareRoot).toBe(false);
    expect([0, 20, 40].map((value) => scale.place(value))).toEqual([0, 0.5, 1]);
  });

  test('follows the square root where one value towers over the rest', () => {
    const scale = scaleOf([1, 2, 3, 4, 400]);
    expect(scale.squareRoot).toBe(true);
    expect(scale.place(100)).toBeCloseTo(0.5);
    for (const place of [0, 0.3, 0.7, 1])
      expect(scale.place(scale.valueAt(place))).toBeCloseTo(place);
  });

  test('begins at the least value where 0 would waste most of it', () => {
    const scale = scaleOf([900, 950, 1000]);
    expect(scale.place(900)).toBe(0);
  });
});

test.each([
  [[10, 20], 'lower', 0],
  [[10, 20], 'higher', 1],
  [[10, 10.5], 'lower', -1],
  [[0, 0], 'lower', -1],
  [[0, 5, 6], 'lower', 0],
  [[null, 5], 'lower', -1],
  [[10, 20], 'none', -1],
] as const)('ahead among %j where %s is better: %d', (values, better, expected) => {
  expect(aheadAmong(values, better)).toBe(expected);
});

describe('formats', () => {
  test('terminal: shades, numbers and a legend', () => {
    const text = textOf('terminal', { ...grid, heatmap: ['stall_ratio.mean'] }, 80);
    const from = text.indexOf('stall_ratio.mean [%]');
    expect(text.slice(from, text.indexOf('\n\n', from))).toMatchInlineSnapshot(`
      "stall_ratio.mean [%] over rtt (rows) and loss (columns)
        up to  · 0.6  ░ 2.4  ▒ 5.4  ▓ 9.6  █ 15.0 (steps of the square root)
        sse                             websocket
        rtt      0%      1%      3%     rtt     0%     1%     3%
        1ms   · 0.0   · 0.1   · 0.3     1ms  · 0.0  · 0.1  · 0.1◂
        50ms  · 0.0   ▒ 5.0  █ 15.0     50ms · 0.0  ▒ 5.0  ▓ 7.5◂
      ◂ ahead of every other arm in that cell by more than 10 %: of these runs, not a
        test of significance"
    `);
    for (const line of text.slice(from).split('\n').slice(0, 8))
      expect(line.length).toBeLessThanOrEqual(80);
  });

  test('terminal: panels stand under each other where they do not fit next to each other', () => {
    const text = textOf('terminal', { ...grid, heatmap: ['stall_ratio.mean'] }, 40);
    expect(text).toMatch(/^ {2}sse$/m);
    expect(text).toMatch(/^ {2}websocket$/m);
  });

  test('markdown: one table, bold where ahead', () => {
    const text = textOf('markdown', { ...grid, heatmap: ['stall_ratio.mean'] });
    expect(text).toContain('| rtt | arm | loss=0% | loss=1% | loss=3% |');
    expect(text).toContain('| 50ms | sse | 0.0 | 5.0 | 15.0 |');
    expect(text).toContain('|  | websocket | 0.0 | 5.0 | **7.5** |');
  });

  test('json: values by panel', () => {
    const summary = JSON.parse(textOf('json', { ...grid, heatmap: ['stall_ratio.mean'] })) as {
      heat_maps: { panels: { name: string; values: number[][] }[] }[];
      arms: { cell: object }[];
    };
    expect(summary.heat_maps[0]!.panels[1]!.values[1]).toEqual([0, 0.05, 0.075]);
    expect(summary.arms[0]!.cell).toEqual({
      base: 'sse',
      values: { 'network.rtt': '1ms', 'network.loss': '0%' },
    });
  });

  test('html: a picture for each panel and difference, each cell described', () => {
    const html = sectionOf({ ...grid, heatmap: ['stall_ratio.mean'] });
    expect(html.match(/id="heat-map-0-p\d"|aria-labelledby="heat-map-0-p\d/g)).toHaveLength(2);
    expect(html).toContain('<title>websocket, rtt=50ms, loss=3%: 7.5 %, ahead</title>');
    expect(html).toContain('websocket − sse, rtt=50ms, loss=3%: −7.5 %');
    expect(textOf('html', grid)).toContain('href="#heatmaps"');
    expect(textOf('html', sampleResult())).not.toContain('id="heatmaps"');
  });

  test('html: the best cell has the first colour, whichever direction is better', () => {
    const better = gridResult({
      axes,
      values: (_, [rtt]) => ({
        fluidity_index: rtt === '1ms' ? 1 : 0.2,
        ttft: rtt === '1ms' ? 100 : 900,
      }),
    });
    const html = sectionOf({ ...better, heatmap: ['fluidity_index.mean', 'ttft.mean'] });
    expect(html).toMatch(/<g class="h0"><title>sse, rtt=1ms, loss=0%: 100\.0 %/);
    expect(html).toMatch(/<g class="h9"><title>sse, rtt=50ms, loss=0%: 20\.0 %/);
    expect(html).toMatch(/<g class="h11"><title>sse, rtt=50ms, loss=0%: 900 ms/);
  });
});
