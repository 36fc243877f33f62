import { describe, expect, test } from 'vitest';
import {
  componentIds,
  diagnosisSchema,
  verdictKinds,
  type ComponentId,
  type Suspect,
  type Verdict,
  type VerdictKind,
} from '../../../src/diagnose/diagnosis.ts';
import { heartbeatSeconds } from '../../../src/diagnose/fixes/fix.ts';
import { fixesFor, questionFor } from '../../../src/diagnose/fixes/index.ts';
import { componentFixes } from '../../../src/diagnose/fixes/registry.ts';
import { inLocation, readText } from '../../helpers/nginx-config.ts';
import { sampleDiagnosis, verdictSamples } from '../../helpers/sample-diagnosis.ts';

function suspect(component: ComponentId, confidence: Suspect['confidence'] = 'high'): Suspect {
  return { component, confidence, because: 'a header' };
}

/** `component: first words of the title` of each fix. */
function shown(verdict: Verdict, suspects: Suspect[], most?: number): string[] {
  const request = most === undefined ? { verdict, suspects } : { verdict, suspects, most };
  return fixesFor(request).map(({ component, title }) => `${component}: ${title}`);
}

/** Nothing to fix, or nothing known. */
const noFix: readonly VerdictKind[] = ['streams', 'cannot_tell'];

describe('every component', () => {
  test.each(componentIds.filter((id) => id !== 'unknown'))('%s has fixes', (id) => {
    const known = componentFixes(id);
    expect(known?.component).toBe(id);
    const kinds = Object.keys(known!.remedies) as VerdictKind[];
    expect(kinds.length).toBeGreaterThan(0);
    for (const kind of kinds) {
      const fixes = fixesFor({ verdict: verdictSamples[kind], suspects: [suspect(id)], most: 20 });
      const own = fixes.filter((fix) => fix.component === id);
      expect(own.length, kind).toBeGreaterThan(0);
      for (const fix of own) {
        expect(fix.paste.trim(), kind).not.toBe('');
        expect(fix.paste, 'no placeholder text').not.toMatch(/TODO|<your|undefined|NaN/i);
        for (const text of [fix.title, fix.where, fix.why]) expect(text).toMatch(/^\S.*\S$/);
      }
      expect(diagnosisSchema.shape.fixes.parse(own)).toEqual(own);
    }
  });

  test('there is none for what is not known', () => {
    expect(componentFixes('unknown')).toBeUndefined();
  });
});

describe('choosing', () => {
  test.each(verdictKinds)('%s, with nothing else known', (kind) => {
    const fixes = fixesFor({ verdict: verdictSamples[kind], suspects: [] });
    if (noFix.includes(kind)) expect(fixes).toEqual([]);
    else expect(fixes.length).toBeGreaterThan(0);
    expect(fixes.length).toBeLessThanOrEqual(4);
    expect(new Set(fixes.map(({ title, component }) => component + title)).size).toBe(fixes.length);
  });

  test('what is certain comes first, and what the application can do still follows', () => {
    expect(shown(verdictSamples.buffered_by_size, [suspect('nginx')])).toMatchInlineSnapshot(`
      [
        "nginx: pass each event on as it comes",
        "nginx: keep buffering, but let whole chunks through",
        "application: ask everything on the way not to buffer",
      ]
    `);
    expect(shown(verdictSamples.buffered_by_time, [suspect('haproxy')])).toMatchInlineSnapshot(`
      [
        "haproxy: send each event immediately",
      ]
    `);
    expect(shown(verdictSamples.compressed_without_flush, [suspect('express')]))
      .toMatchInlineSnapshot(`
        [
          "express: exempt event streams from compression",
          "express: keep compression and flush after each event",
          "application: ask everything on the way not to buffer",
        ]
      `);
  });

  test('of several that are not certain, one of each in turn', () => {
    const unsure = [suspect('nginx', 'medium'), suspect('express', 'low')];
    expect(shown(verdictSamples.compressed_without_flush, unsure)).toMatchInlineSnapshot(`
      [
        "nginx: do not compress the stream",
        "express: exempt event streams from compression",
        "application: ask everything on the way not to buffer",
        "nginx: keep compression and flush it after each event",
      ]
    `);
  });

  test('a suspect that cannot cause it does not hide what can', () => {
    // HAProxy has no buffer of fixed size.
    const [first] = fixesFor({
      verdict: verdictSamples.buffered_by_size,
      suspects: [suspect('haproxy')],
    });
    expect(first?.component).toBe('nginx');
  });

  test('never more than asked for', () => {
    expect(shown(verdictSamples.buffered_by_size, [suspect('nginx')], 1)).toHaveLength(1);
    expect(shown(verdictSamples.buffered_by_size, [suspect('nginx')], 2)).toEqual([
      'nginx: pass each event on as it comes',
      'application: ask everything on the way not to buffer',
    ]);
  });

  test.each([
    [60_000, 'nginx'],
    [55_000, 'heroku'],
    [100_000, 'cloudflare'],
    [300_000, 'envoy'],
    [240_000, 'azure'],
    [350_000, 'network'],
    [17_000, 'application'],
  ] as const)('an idle limit of %i ms points to %s', (limit_ms, component) => {
    const verdict: Verdict = { kind: 'cut_when_idle', limit_ms, confidence: 'high' };
    expect(fixesFor({ verdict, suspects: [] })[0]?.component).toBe(component);
  });

  test.each([
    [15_000, 'envoy'],
    [29_000, 'aws-api-gateway'],
    [300_000, 'vercel'],
    [77_000, 'application'],
  ] as const)('a total limit of %i ms points to %s', (limit_ms, component) => {
    const verdict: Verdict = { kind: 'cut_at_total', limit_ms, confidence: 'high' };
    expect(fixesFor({ verdict, suspects: [] })[0]?.component).toBe(component);
  });

  test.each([
    [60_000, 15],
    [30_000, 10],
    [2_000, 1],
    [undefined, 15],
  ])('against a limit of %s ms a comment each %i s', (limit_ms, seconds) => {
    const verdict: Verdict = {
      kind: 'cut_when_idle',
      confidence: 'high',
      ...(limit_ms === undefined ? {} : { limit_ms }),
    };
    expect(heartbeatSeconds(verdict)).toBe(seconds);
    const [fix] = fixesFor({ verdict, suspects: [suspect('express')] });
    expect(fix?.paste).toContain(`${seconds}_000`);
  });
});

describe('with the configuration of nginx', () => {
  const nginxVersion = '1.22.1';
  const suspects = [suspect('nginx')];

  test('the place is that of the line, and nothing is said twice', () => {
    const config = readText(inLocation(''), { nginxVersion });
    const fixes = fixesFor({ verdict: verdictSamples.buffered_by_size, suspects, config });
    expect(fixes[0]).toMatchObject({
      title: 'pass each event on as it comes',
      where:
        '/etc/nginx/nginx.conf:6, next to "proxy_pass http://127.0.0.1:9;"; then: nginx -t && nginx -s reload',
    });
    expect(fixes[0]?.paste).toContain('proxy_buffering off;');
    expect(new Set(fixes.map(({ title }) => title)).size).toBe(fixes.length);
  });

  test('a line that is wrong is replaced', () => {
    const lines = 'proxy_http_version 1.1; gzip on; gzip_types text/css text/event-stream;';
    const config = readText(inLocation(lines), { nginxVersion });
    const [fix] = fixesFor({ verdict: verdictSamples.compressed_without_flush, suspects, config });
    expect(fix).toMatchObject({
      title: 'change the line that holds it',
      paste: 'gzip_types text/css;',
    });
    expect(fix?.where).toContain('in place of "gzip_types text/css text/event-stream;"');
  });

  test('one that streams changes nothing', () => {
    const config = readText(inLocation('proxy_buffering off;'), { nginxVersion });
    const request = { verdict: verdictSamples.buffered_by_size, suspects };
    expect(fixesFor({ ...request, config })).toEqual(fixesFor(request));
  });
});

describe('the question', () => {
  const verdict = verdictSamples.buffered_by_size;

  test('none where one component is certain', () => {
    expect(questionFor({ verdict, suspects: [suspect('nginx')], hasDirect: true })).toBeNull();
    expect(questionFor({ verdict, suspects: [suspect('nginx')], hasDirect: false })).toBeNull();
  });

  test.each(['streams', 'packet_loss', 'cannot_tell'] as const)('none for %s', (kind) => {
    const request = { verdict: verdictSamples[kind], suspects: [], hasDirect: false };
    expect(questionFor(request)).toBeNull();
  });

  test('nginx or the ingress: which file decides', () => {
    const suspects = [suspect('nginx'), suspect('ingress-nginx')];
    expect(questionFor({ verdict, suspects, hasDirect: true })).toContain('kubectl');
  });

  test('nginx or the application: ask the application, unless that was done', () => {
    expect(questionFor({ verdict, suspects: [], hasDirect: false })).toContain('--direct');
    expect(questionFor({ verdict, suspects: [], hasDirect: true })).toMatch(/^Which of these/);
  });

  test('200 ms without a name: HTTP/2 tells HAProxy from Go', () => {
    const request = { verdict: verdictSamples.buffered_by_time, suspects: [], hasDirect: true };
    expect(questionFor(request)).toContain('HTTP/2');
  });

  test.each(verdictKinds)('%s: at most one, and a question', (kind) => {
    for (const hasDirect of [true, false]) {
      for (const suspects of [[], [suspect('nginx', 'low')], [suspect('unknown', 'low')]]) {
        const question = questionFor({ verdict: verdictSamples[kind], suspects, hasDirect });
        if (question !== null) expect(question).toContain('?');
      }
    }
  });
});

test('the fixes of a verdict make a valid diagnosis', () => {
  for (const kind of verdictKinds) {
    const verdict = verdictSamples[kind];
    const fixes = fixesFor({ verdict, suspects: [] });
    const question = questionFor({ verdict, suspects: [], hasDirect: false });
    expect(() =>
      diagnosisSchema.parse(sampleDiagnosis({ verdict, fixes, question })),
    ).not.toThrow();
  }
});
