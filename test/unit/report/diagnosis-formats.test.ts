import { describe, expect, test } from 'vitest';
import { diagnosisSchema, verdictKinds, type Diagnosis } from '../../../src/diagnose/diagnosis.ts';
import { displayWidth } from '../../../src/format/width.ts';
import { burstsOf, drawnTogether } from '../../../src/report/diagnosis/arrivals.ts';
import {
  diagnosisFormats,
  parseDiagnosisFormat,
  renderDiagnosis,
} from '../../../src/report/diagnosis/registry.ts';
import { verdictTitle } from '../../../src/report/diagnosis/verdict-labels.ts';
import {
  emptyDiagnosis,
  pictureOf,
  sampleDiagnosis,
  verdictSamples,
} from '../../helpers/sample-diagnosis.ts';

const sample = sampleDiagnosis();

/** Text as hostile as a target, a proxy or a configuration can make it. */
function hostile(): Diagnosis {
  const text = '=x"<script>alert(1)</script>&\'`|*_#\n\u0007\u001b[31m';
  return sampleDiagnosis({
    url: text,
    summary: text,
    evidence: [{ name: text, value: text, means: text }],
    suspects: [{ component: 'nginx', confidence: 'low', because: text }],
    question: text,
    fixes: [{ component: 'nginx', title: text, where: text, paste: text, why: text }],
    pictures: [{ ...pictureOf('x', 20), title: text }],
    probes: [{ ...sample.probes[0]!, name: text, says: text, end: text }],
    config: {
      file: text,
      verdict: 'unclear',
      summary: text,
      findings: [{ ...sample.config!.findings[0]!, file: text, text, message: text, fix: text }],
    },
    notes: [text],
  });
}

describe('terminal', () => {
  test('a buffered stream', () => {
    expect(renderDiagnosis('terminal', sample)).toMatchInlineSnapshot(`
      "✗ BUFFERED  held until a buffer of 4,096 B is full (confidence: high)
        The stream is held in a buffer of 4,096 bytes, most likely by nginx. Its users
        see 20 tokens at once, every 0.4 s.
      https://api.example.com/v1/chat/completions · against
      http://10.0.0.7:8000/v1/chat/completions · openai-chat · 14 requests in 38.2 s
      of at most 1 min

      Evidence
        bytes per burst                  4,096 B ± 1 %
          a buffer of fixed size fills; a clock would make bursts of equal period
          instead
        tokens per burst at 4× the size  5 instead of 20
          the size decides, not the number of tokens
        direct path                      1 token per read
          the target itself streams

      Arrivals
        through the proxy       █·····█·····█·····█·····█·····█·····█·····█····█·····█
          headers 403 ms, first event 403 ms, 200 events in 10 bursts, 4,120 B each
          (median)
        direct             ▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂
          headers 4.00 ms, first event 23.0 ms, 200 events in 200 bursts, 206 B each
          (median)
        no compression           █····█·····█·····█·····█·····█·····█·····█·····█····█
          headers 411 ms, first event 411 ms, 200 events in 10 bursts, 4,120 B each
          (median)
                           └──────────────┴──────────────┴─────────────┴─────────────┴
                           0 ms           1.00 s         2.01 s        3.01 s   4.01 s
        blank: no headers yet · dot: waiting · block: events, higher for more in that
        column

      What it costs
        First token after 382 ms; 378 ms of it (99 %) is the buffering, measured
        against the direct path.

      Likely component
        - nginx (high): Server: nginx/1.22.1; 4,096 is its page

      Configuration /etc/nginx/nginx.conf: buffers
        location /v1/ asks its target with HTTP/1.0 and buffers.
        ✗ cause  /etc/nginx/conf.d/api.conf:12:5
            proxy_pass http://model;
          proxy_buffering is on by default here
          → proxy_buffering off;
        ~ note  /etc/nginx/nginx.conf:30:3
            gzip on;
          text/event-stream is not among gzip_types

      Fix 1: forward each event immediately [nginx]
        into the location block with the proxy_pass to the model
      ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
        With HTTP/1.0 to the target nginx sends nothing before 4,096 bytes are there.
        ! It also changes: a slow client now holds the connection to the target open.

      Fix 2: ask nginx not to buffer [the application itself]
        into the response headers of the streaming endpoint
      ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
      X-Accel-Buffering: no
      ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
        nginx obeys the header and removes it.

      One question left
        ? Can you change the application, or only the proxy?

      Notes
        - HTTP/2 was not tried: the URL is not https

      exit code 99
      "
    `);
  });

  test('hardly anything known', () => {
    expect(renderDiagnosis('terminal', emptyDiagnosis())).toMatchInlineSnapshot(`
      "~ CANNOT TELL  too little was seen to judge (confidence: low)
        The answer had 2 events: too few to judge.
      https://api.example.com/v1/chat/completions · openai-chat · 1 request in 400 ms
      of at most 1 min, ended before all probes were made

      exit code 97
      "
    `);
  });

  test.each([40, 60, 80, 140])('keeps to %i columns, but for what is copied or opened', (width) => {
    const copied = new Set(sample.fixes.flatMap(({ paste }) => paste.split('\n')));
    for (const line of renderDiagnosis('terminal', sample, { width }).split('\n')) {
      if (copied.has(line) || line.includes('/etc/nginx/')) continue;
      expect(displayWidth(line), line).toBeLessThanOrEqual(width);
    }
  });

  test('every line to paste stands alone, unchanged', () => {
    const paste = 'def f():\n    yield b"x"  # two  spaces\n\n\treturn';
    const fixes = [{ ...sample.fixes[0]!, paste }];
    const text = renderDiagnosis('terminal', { ...sample, fixes }, { width: 40, color: true });
    expect(text).toContain(`\n${paste}\n`);
  });

  test('colour adds nothing but colour', () => {
    const colored = renderDiagnosis('terminal', sample, { color: true });
    expect(colored).toContain('\u001b[31m');
    // eslint-disable-next-line no-control-regex
    expect(colored.replaceAll(/\u001b\[\d+m/g, '')).toBe(renderDiagnosis('terminal', sample));
  });

  test('text of others cannot act on the terminal', () => {
    // eslint-disable-next-line no-control-regex
    expect(renderDiagnosis('terminal', hostile())).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
});

describe('markdown', () => {
  test('a buffered stream', () => {
    expect(renderDiagnosis('markdown', sample)).toMatchInlineSnapshot(`
      "## ✗ BUFFERED: held until a buffer of 4,096 B is full

      The stream is held in a buffer of 4,096 bytes, most likely by nginx. Its users see 20 tokens at once, every 0.4 s.

      \`https://api.example.com/v1/chat/completions\`, against \`http://10.0.0.7:8000/v1/chat/completions\` directly · confidence **high** · 14 requests in 38.2 s of at most 1 min · exit code 99

      | evidence | value | means |
      | --- | --- | --- |
      | bytes per burst | 4,096 B ± 1 % | a buffer of fixed size fills; a clock would make bursts of equal period instead |
      | tokens per burst at 4× the size | 5 instead of 20 | the size decides, not the number of tokens |
      | direct path | 1 token per read | the target itself streams |

      \`\`\`text
        through the proxy         █·······█······█······█·······█······█·······█······█·······█······█
          headers 403 ms, first event 403 ms, 200 events in 10 bursts, 4,120 B each (median)
        direct             ▁▂▁▂▂▁▂▂▁▂▂▁▂▂▁▂▂▁▂▂▂▁▂▂▁▂▂▁▂▂▁▂▂▁▂▂▁▂▂▁▂▂▁▂▂▁▂▂▁▂▂▁▂▂▁▂▂▁▂▂▁▂▂▁▂▂▂▁▂▂▁▂▂▁▂
          headers 4.00 ms, first event 23.0 ms, 200 events in 200 bursts, 206 B each (median)
        no compression            █·······█······█·······█······█·······█······█·······█······█······█
          headers 411 ms, first event 411 ms, 200 events in 10 bursts, 4,120 B each (median)
                           └──────────────────┴──────────────────┴─────────────────┴─────────────────┴
                           0 ms               1.00 s             2.01 s            3.01 s       4.01 s
      \`\`\`
      <sub>blank: no headers yet · dot: waiting · block: events, higher for more in that column</sub>

      First token after 382 ms; 378 ms of it (99 %) is the buffering, measured against the direct path.

      ### Likely component

      - **nginx** (high): Server: nginx/1.22.1; 4,096 is its page

      ### Configuration \`/etc/nginx/nginx.conf\`: buffers

      location /v1/ asks its target with HTTP/1.0 and buffers.

      |  | place | directive | what it does | write instead |
      | --- | --- | --- | --- | --- |
      | ✗ **cause** | \`/etc/nginx/conf.d/api.conf:12:5\` | \`proxy_pass http://model;\` | proxy\\_buffering is on by default here | \`proxy_buffering off;\` |
      | note | \`/etc/nginx/nginx.conf:30:3\` | \`gzip on;\` | text/event-stream is not among gzip\\_types |  |

      ### Fix 1: forward each event immediately

      **nginx**, into the location block with the proxy\\_pass to the model:

      \`\`\`nginx
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      \`\`\`

      With HTTP/1.0 to the target nginx sends nothing before 4,096 bytes are there.

      *It also changes:* a slow client now holds the connection to the target open.

      <details><summary>1 more fix</summary>

      ### Fix 2: ask nginx not to buffer

      **the application itself**, into the response headers of the streaming endpoint:

      \`\`\`
      X-Accel-Buffering: no
      \`\`\`

      nginx obeys the header and removes it.

      </details>

      ### One question left

      > Can you change the application, or only the proxy?

      ### Notes

      - HTTP/2 was not tried: the URL is not https

      <details><summary>3 probes</summary>

      | probe | shows | answer | headers | first event | end | events | bursts |
      | --- | --- | --- | ---: | ---: | ---: | ---: | ---: |
      | as asked | bursts of 4,096 bytes | 200, HTTP/1.1, complete | 382 ms | 382 ms | 4.01 s | 200 | 10 |
      | direct (direct) |  | 200, HTTP/1.1, complete | 3.80 ms | 382 ms | 4.01 s | 200 | 200 |
      | HTTP/1.0 | bursts of 4,096 bytes | –, HTTP/1.1, our budget | 382 ms | 382 ms | 4.01 s | 200 | 10 |

      </details>

      <sub>streamgauge 0.1.0, 2026-01-15T10:00:00.000Z, dialect openai-chat</sub>
      "
    `);
  });

  test('text of others is not markup', () => {
    const text = renderDiagnosis('markdown', hostile());
    const outsideFences = text.replaceAll(/^(`{3,})[^`]*\n[\s\S]*?^\1$/gm, '');
    expect(outsideFences).not.toContain('<script>');
    expect(outsideFences).not.toMatch(/(?<!\\)`\|/);
  });

  test('a fence is longer than the backticks inside', () => {
    const fixes = [{ ...sample.fixes[0]!, paste: '````\nx' }];
    expect(renderDiagnosis('markdown', { ...sample, fixes })).toContain(
      '`````nginx\n````\nx\n`````',
    );
  });
});

describe('html', () => {
  const page = renderDiagnosis('html', sample);

  test('one file, offline, whose security policy runs nothing of others', () => {
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/(?:src|href)="(?!#)/);
    expect(renderDiagnosis('html', hostile())).not.toContain('<script>alert');
  });

  test('every section has its place, once', () => {
    for (const id of ['evidence', 'arrivals', 'cost', 'fix', 'config', 'probes', 'notes']) {
      expect(page.split(`<section id="${id}"`), id).toHaveLength(2);
      expect(page).toContain(`<li><a href="#${id}">`);
    }
    expect(renderDiagnosis('html', emptyDiagnosis())).not.toContain('<section id=');
  });

  test('a step of the staircase for each burst', () => {
    const path = /class="stair s0" d="([^"]+)"/.exec(page)![1]!;
    expect(path.match(/V/g)).toHaveLength(10);
    expect(/class="stair back s1" d="([^"]+)"/.exec(page)![1]!.match(/V/g)).toHaveLength(200);
  });

  test('the lines to paste are all there', () => {
    expect(page).toContain(
      'proxy_http_version 1.1;\nproxy_set_header Connection &quot;&quot;;\nproxy_buffering off;</pre>',
    );
  });
});

describe('json', () => {
  test('is the diagnosis', () => {
    const parsed: unknown = JSON.parse(renderDiagnosis('json', sample));
    expect(diagnosisSchema.parse(parsed)).toEqual(sample);
  });

  test('what is not a diagnosis is not written', () => {
    const wrong = { ...sample, verdict: { kind: 'slow' } } as unknown as Diagnosis;
    expect(() => renderDiagnosis('json', wrong)).toThrow('kind');
  });
});

test('a stream that nothing holds costs nothing', () => {
  const cost = { ttft_ms: 469, held_ms: 0, method: 'nothing is held back' };
  const text = renderDiagnosis('terminal', sampleDiagnosis({ cost }));
  expect(text).toContain('First token after 469 ms; nothing of it is buffering.');
  const held = { ...cost, held_ms: 900 };
  expect(renderDiagnosis('terminal', sampleDiagnosis({ cost: held }))).toContain('(100 %)');
});

describe('every verdict', () => {
  test.each(verdictKinds)('%s', (kind) => {
    const diagnosis = sampleDiagnosis({ verdict: verdictSamples[kind] });
    const title = verdictTitle(diagnosis.verdict);
    for (const format of diagnosisFormats) {
      const text = renderDiagnosis(format, diagnosis, { width: 200 });
      if (format === 'json') expect(text).toContain(`"kind": "${kind}"`);
      else expect(text.replaceAll('\\', '')).toContain(title);
      expect(text.endsWith('\n')).toBe(true);
    }
  });

  test('the number that was found is in its title', () => {
    expect(Object.values(verdictSamples).map(verdictTitle)).toMatchInlineSnapshot(`
      [
        "events arrive as they are produced",
        "held until a buffer of 4,096 B is full",
        "held until 200 ms have passed",
        "small packets held for an acknowledgement (Nagle), once per round trip (50.4 ms)",
        "held inside a compressor that is not flushed",
        "held until the whole answer was there",
        "streams, but the response headers wait for the first event (812 ms)",
        "each event waits for the next one (20.2 ms)",
        "cut when nothing was sent for 1 min",
        "cut 30 s after its start, busy or not",
        "pauses as packet loss makes them; no proxy",
        "too little was seen to judge",
      ]
    `);
  });
});

test('reads within two milliseconds are one burst', () => {
  const reads = [0, 1, 2.5, 10, 11.9, 20].map((at) => ({ at, bytes: 10, events: 1 }));
  expect(burstsOf({ title: '', headers_at: 0, ended_at: 30, reads })).toEqual([
    { at: 0, bytes: 30, events: 3 },
    { at: 10, bytes: 20, events: 2 },
    { at: 20, bytes: 10, events: 1 },
  ]);
});

test('a long probe does not squeeze the stream that matters', () => {
  const silence = {
    title: 'silence',
    headers_at: 3,
    ended_at: 90_000,
    reads: [
      { at: 10, bytes: 20, events: 1 },
      { at: 89_000, bytes: 20, events: 1 },
    ],
  };
  const pictures = [
    pictureOf('as asked', 20),
    silence,
    { ...silence, title: 'late', reads: silence.reads.slice(1) },
  ];
  const { shown, span, cut } = drawnTogether(pictures, 6);
  expect(span).toBe(8012);
  expect(cut).toBe(true);
  expect(shown.map(({ title, reads }) => [title, reads.length])).toEqual([
    ['as asked', 10],
    ['silence', 1],
  ]);
  const text = renderDiagnosis('terminal', sampleDiagnosis({ pictures }));
  expect(text).toContain('2 events in 2 bursts');
  const page = renderDiagnosis('html', sampleDiagnosis({ pictures }));
  expect(page).toContain('Drawn up to 8.01 s');
  expect(page).toContain('<td>late</td>');
});

test('an unknown format is an error that names the known ones', () => {
  expect(parseDiagnosisFormat('html')).toBe('html');
  expect(() => parseDiagnosisFormat('pdf')).toThrow('unknown format "pdf"');
});
