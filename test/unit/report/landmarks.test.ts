/** A result whose landmarks this installation has never heard of, in every format. */
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { evaluateGates } from '../../../src/gate/evaluate.ts';
import { parseGate } from '../../../src/gate/grammar.ts';
import { compareResults } from '../../../src/report/compare/comparison-model.ts';
import { renderComparison } from '../../../src/report/compare/registry.ts';
import { renderReport, type ReportFormat } from '../../../src/report/registry.ts';
import { buildReportModel } from '../../../src/report/view/build-report-model.ts';
import { landmarksOf } from '../../../src/result/arm-landmarks.ts';
import { readResult } from '../../../src/result/read.ts';
import type { Result } from '../../../src/result/schema.ts';
import { summarize } from '../../../src/summary.ts';
import { memoryWorld } from '../../helpers/memory-world.ts';
import { landmarkResultArms, sampleResult } from '../../helpers/sample-result.ts';

/** As another installation has written it to a file. */
function read(result: Result): Result {
  return readResult(
    'result.json',
    memoryWorld({ files: { 'result.json': JSON.stringify(result) } }),
  );
}
const result = read(sampleResult({ arms: landmarkResultArms }));
const plain = sampleResult();
const textOf = (format: ReportFormat, of: Result = result): string =>
  renderReport(format, of, { width: 80 })
    .map((file) => file.text)
    .join('');
const linesWith = (text: string, word: string): string =>
  text
    .split('\n')
    .filter((line) => line.includes(word))
    .join('\n');

describe('reports', () => {
  it('have them in the terminal: percentiles, and how many turns reached them', () => {
    const text = textOf('terminal');
    expect(text.slice(text.indexOf('first_finding [ms]'), text.indexOf('* fewer')))
      .toMatchInlineSnapshot(`
      "first_finding [ms]  p50     592         462          –   lowest: websocket
                          p90     676         555          –
                          p95     698*        588*         –
                          p99     756*        642*         –
                          n       346         209          –
      first_chart [ms]    p50     886           –          –
                          p90   1,051*          –          –
                          p95   1,084*          –          –
                          p99   1,104*          –          –
                          n       127           –          –
      "
    `);
    expect(/^Landmarks.*?\n\n/ms.exec(text)![0]).toMatchInlineSnapshot(`
      "Landmarks: turns that reached them
        arm        first_finding  first_chart
        sse           346 of 420   127 of 420
        websocket     209 of 433  not reached
        realtime               –            –

      "
    `);
  });

  it('have them in Markdown', () => {
    const text = textOf('markdown');
    expect(linesWith(text, String.raw`first\_`)).toMatchInlineSnapshot(`
      "| **first\\_finding \\[ms\\]** | sse | 592 | 676 | 698\\* | 756\\* | 869 | 346 |  |
      | **first\\_chart \\[ms\\]** | sse | 886 | 1,051\\* | 1,084\\* | 1,104\\* | 1,139 | 127 |  |
      | arm | first\\_finding | first\\_chart |
      first\\_finding: A reader can see what was found first. first\\_chart: A reader can see what was found first. –: the dialect of that arm does not report it."
    `);
    expect(/### Landmarks.*?(?=\n###)/s.exec(text)![0]).toMatchInlineSnapshot(`
      "### Landmarks: turns that reached them

      | arm | first\\_finding | first\\_chart |
      | --- | ---: | ---: |
      | sse | 346 of 420 | 127 of 420 |
      | websocket | 209 of 433 | not reached |
      | realtime | – | – |

      first\\_finding: A reader can see what was found first. first\\_chart: A reader can see what was found first. –: the dialect of that arm does not report it.
      "
    `);
  });

  it('have them in CSV, with a row of nothing where an arm could have reached one', () => {
    expect(linesWith(textOf('csv'), 'first_')).toMatchInlineSnapshot(`
      "sse,first_finding,ms,346,592.255,429.526,591.871,675.839,698.367,755.711,,869.24
      sse,first_chart,ms,127,897.556,721.17,886.271,1050.62,1084.41,1103.87,,1138.7
      websocket,first_finding,ms,209,470.873,353.677,461.567,555.007,588.287,642.047,,713.738
      websocket,first_chart,ms,0,,,,,,,,"
    `);
    const rows: Record<string, string>[] = parse(textOf('csv'), { columns: true });
    expect(
      rows.filter(({ arm, metric }) => arm === 'realtime' && metric!.startsWith('first_')),
    ).toEqual([]);
  });

  it('have them in JSON, with their definitions', () => {
    const { landmarks, arms } = JSON.parse(textOf('json'));
    expect(landmarks.map(({ name }: { name: string }) => name)).toEqual([
      'first_finding',
      'first_chart',
    ]);
    expect(arms.map((arm: { turns_reached?: object }) => arm.turns_reached)).toMatchInlineSnapshot(`
      [
        {
          "first_chart": 127,
          "first_finding": 346,
        },
        {
          "first_chart": 0,
          "first_finding": 209,
        },
        undefined,
      ]
    `);
    expect(arms[0].metrics.first_finding.unit).toBe('ms');
  });

  it('have them on the page: rows, pins in the waterfall, a legend and a column', () => {
    const html = textOf('html');
    const section = /<section id="landmarks">.*?<\/section>/s.exec(html)![0];
    expect(section.replaceAll(/<svg.*?<\/svg>/gs, '')).toMatchInlineSnapshot(`
      "<section id="landmarks"><h2>Landmarks: turns that reached them</h2><div class="panel">
      <div class="scroll" role="region" tabindex="0" aria-label="Landmarks"><table>
      <thead><tr><th scope="col">arm</th><th scope="col" class="num">first_finding</th><th scope="col" class="num">first_chart</th></tr></thead><tbody>
      <tr><td class="arm">sse</td><td class="num">346 of 420</td><td class="num">127 of 420</td></tr>
      <tr><td class="arm">websocket</td><td class="num">209 of 433</td><td class="num">not reached</td></tr>
      <tr><td class="arm">realtime</td><td class="num">–</td><td class="num">–</td></tr>
      </tbody></table></div>
      <p class="soft">first_finding: A reader can see what was found first. first_chart: A reader can see what was found first. –: the dialect of that arm does not report it.</p></div></section>"
    `);
    const waterfall = /<figure id="waterfall">.*?<\/figure>/s.exec(html)![0];
    expect(/<g class="pin">\s*<title>.*?<\/g>/s.exec(waterfall)![0]).toMatchInlineSnapshot(
      `
      "<g class="pin"><title>first_finding after 653 ms</title>
      <path d="M128.6 32v18"/>
      <circle cx="128.6" cy="41" r="6"/>
      <text x="128.6" y="44" text-anchor="middle">1</text>
      </g>"
    `,
    );
    expect(waterfall).toContain('</svg>First finding</li>');
    expect(waterfall).toContain('<th scope="col" class="num">first_finding</th>');
    const shown = buildReportModel(result).arms.flatMap(({ samples }) => samples);
    for (const name of ['first_finding', 'first_chart']) {
      const reached = shown.filter((sample) => sample.landmarks?.[name] !== undefined);
      expect(reached.length).toBeGreaterThan(1);
      expect(waterfall.split(`<title>${name} after `)).toHaveLength(reached.length + 1);
    }
    expect(html).toContain('First finding<br>');
  });

  it('have pins side by side where two landmarks fall together', () => {
    const together = structuredClone(result);
    const { samples } = together.arms[0]!.trials[0]!;
    for (const sample of samples) delete sample.landmarks;
    samples.at(-1)!.landmarks = { first_finding: 300, first_chart: 300.1 };
    const html = textOf('html', together);
    const [one, two] = [...html.matchAll(/<g class="pin">\s*<title>.*?cx="([\d.]+)"/gs)].map(
      ([, x]) => Number(x),
    );
    expect(two! - one!).toBeCloseTo(13, 5);
  });

  it('have a listing of each, and nothing of what no turn reached', () => {
    const names = renderReport('hgrm', result).map(({ name }) => name);
    expect(names).toContain('sse.first_finding.hgrm');
    expect(names).not.toContain('websocket.first_chart.hgrm');
    for (const format of ['terminal', 'markdown', 'csv', 'json', 'html'] as const) {
      expect(textOf(format)).not.toMatch(/\bnever\b.*(?:not reached|_)/i);
    }
  });

  it('are as they were without them', () => {
    const bare = structuredClone(plain);
    for (const format of ['terminal', 'markdown', 'csv', 'json'] as const) {
      expect(textOf(format, bare)).not.toMatch(/landmark/i);
    }
    expect(textOf('html', bare)).not.toContain('class="pin"');
  });

  it('cannot be broken by their texts', () => {
    const hostile = structuredClone(result);
    const text = '</svg>"><script>alert(1)</script>=cmd\u0007';
    for (const arm of hostile.arms) {
      for (const landmark of arm.landmarks ?? []) {
        landmark.title = text;
        landmark.meaning = text;
        landmark.to = text;
      }
    }
    const html = textOf('html', read(hostile));
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(textOf('terminal', hostile)).not.toContain('\u0007');
    expect(textOf('markdown', hostile)).not.toContain('<script>');
  });
});

describe('a summary', () => {
  it('has them among the metrics', () => {
    const [sse] = summarize(result).arms;
    expect(sse!.metrics['first_finding']!.n).toBe(
      result.arms[0]!.trials[0]!.measured.histograms['first_finding']!.count,
    );
  });
});

describe('gates', () => {
  const judged = (text: string) =>
    evaluateGates([parseGate(text, landmarksOf(result.arms))], result.arms).map(
      ({ arm, verdict, unit }) => [arm, verdict, unit],
    );

  it('hold them against every arm that can report them', () => {
    expect(judged('first_finding.p50 < 500ms')).toEqual([
      ['sse', 'fail', 'ms'],
      ['websocket', 'pass', 'ms'],
    ]);
    expect(judged('websocket.first_finding.p50 vs sse <= +0%')).toEqual([
      ['websocket', 'pass', 'ms'],
    ]);
    expect(judged('sse.first_finding.p50 > sse.ttft.p50')).toEqual([['sse', 'pass', 'ms']]);
  });

  it('have no data where an arm can report it and did not', () => {
    expect(judged('first_chart.mean < 2s')).toEqual([
      ['sse', 'pass', 'ms'],
      ['websocket', 'no_data', 'ms'],
    ]);
  });

  it('do not pass unseen where no arm can report it', () => {
    const gate = parseGate('first_finding.p50 < 500ms', landmarksOf(result.arms));
    expect(evaluateGates([gate], plain.arms).map(({ verdict }) => verdict)).toEqual([
      'no_data',
      'no_data',
      'no_data',
    ]);
  });

  it('are in JUnit', () => {
    const gates = evaluateGates(
      [parseGate('first_finding.p50 < 500ms', landmarksOf(result.arms))],
      result.arms,
    );
    expect(linesWith(textOf('junit', { ...result, gates }), 'first_finding')).toMatch(
      /first_finding\.p50 &lt; 500ms/,
    );
  });
});

describe('a comparison', () => {
  const other = sampleResult({ arms: landmarkResultArms, seed: '7' });

  it('has them as any metric', () => {
    const model = compareResults([
      { file: 'a', result },
      { file: 'b', result: other },
    ]);
    expect(renderComparison('terminal', model)).toMatch(/^first_finding +p50 +592 ms/m);
    expect(renderComparison('markdown', model)).toContain(String.raw`**first\_finding**`);
    expect(model.cautions.join('\n')).not.toContain('first_finding');
  });

  it('says which it leaves out because the base has none', () => {
    const sides = [
      { file: 'a', result: plain },
      { file: 'b', result },
    ];
    expect(compareResults(sides).cautions.filter((text) => text.includes('reached'))).toEqual([
      'no turn of A reached first_finding, so it is not compared',
      'no turn of A reached first_chart, so it is not compared',
    ]);
    expect(compareResults([...sides].reverse()).cautions.join()).not.toContain('no turn of A');
  });

  it('warns where a name means something else on a side', () => {
    const changed = structuredClone(other);
    for (const arm of changed.arms) {
      for (const landmark of arm.landmarks ?? []) landmark.to = 'something else';
    }
    const { cautions } = compareResults([
      { file: 'a', result },
      { file: 'b', result: changed },
    ]);
    expect(cautions.join('\n')).toContain('first_finding is defined differently on the sides');
  });
});

describe('a result file', () => {
  const spoiled = (change: (result: Result) => void): string => {
    const copy = structuredClone(result);
    change(copy);
    try {
      read(copy);
    } catch (error) {
      return (error as { hints: string[] }).hints.join('\n');
    }
    return 'was read';
  };
  const landmark = (copy: Result) => copy.arms[0]!.landmarks![0]!;

  it('without landmarks is read as before', () => {
    expect(read(plain).arms).toEqual(plain.arms);
  });

  it.each<[string, (copy: Result) => void, RegExp]>([
    [
      'a name with markup',
      (copy) => (landmark(copy).name = '<b>'),
      /arms\[0\]\.landmarks\[0\]\.name/,
    ],
    ['the name of a metric', (copy) => (landmark(copy).name = 'ttft'), /a metric of the catalogue/],
    [
      'a name of every object',
      (copy) => (landmark(copy).name = 'constructor'),
      /not a name of a landmark/,
    ],
    ['a long title', (copy) => (landmark(copy).title = 'x'.repeat(81)), /landmarks\[0\]\.title/],
    [
      'more than there may be',
      (copy) =>
        (copy.arms[0]!.landmarks = Array.from({ length: 33 }, (_, index) => ({
          ...landmark(copy),
          name: `mark_${index}`,
        }))),
      /arms\[0\]\.landmarks/,
    ],
    [
      'two meanings of one name',
      (copy) => (landmark(copy).meaning = 'another'),
      /defined in two ways/,
    ],
    [
      'a histogram that nothing defines',
      (copy) => delete copy.arms[0]!.landmarks,
      /arms\[0\]\.trials\[0\]\.measured\.histograms\.first_finding: neither a metric/,
    ],
    [
      'a histogram under the name of a scalar',
      ({ arms }) => {
        const { histograms } = arms[0]!.trials[0]!.measured;
        histograms['errors'] = histograms['ttft']!;
      },
      /histograms\.errors: neither a metric/,
    ],
  ])('is refused with %s', (_, change, message) => {
    expect(spoiled(change)).toMatch(message);
  });
});
