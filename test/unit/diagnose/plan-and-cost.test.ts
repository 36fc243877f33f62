/** Which probes are made, what the buffering costs, whom it is laid to. */
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../src/diagnose/diagnosis.ts';
import { costOf } from '../../../src/diagnose/judge/cost.ts';
import { judge } from '../../../src/diagnose/judge/decision-table.ts';
import { notesOf } from '../../../src/diagnose/judge/notes.ts';
import { heartbeatProbe, silenceProbes, togglesFor } from '../../../src/diagnose/plan/toggles.ts';
import { suspectsFor } from '../../../src/diagnose/suspects.ts';
import { observed, paths, produce, repeats } from '../../helpers/arrivals.ts';

const facts = {
  first: observed([], []),
  events: 80,
  eventBytes: 220,
  takesTiming: false,
  compressed: false,
  hasDirect: false,
  otherMethods: [],
  secure: true,
};
const names = (changes: Partial<typeof facts>): string[] =>
  togglesFor({ ...facts, ...changes }).map(
    (toggle) => `${toggle.plan(0).path} ${toggle.plan(0).probe}`,
  );

describe('the toggles', () => {
  it('are those that apply', () => {
    expect(names({})).toEqual(['url same connection', 'url HTTP/2', 'url HTTP/1.0']);
    expect(names({ compressed: true })).toContain('url no compression');
    expect(names({ hasDirect: true })).toContain('direct as asked');
    expect(names({ takesTiming: true })).toEqual(
      expect.arrayContaining(['url tokens × 4', 'url interval × 4']),
    );
  });

  it('change one thing each', () => {
    for (const toggle of togglesFor({ ...facts, compressed: true, takesTiming: true })) {
      const plan = toggle.plan(0);
      const changed = [
        plan.httpVersion !== '1.1',
        plan.identity,
        plan.timing !== undefined,
        plan.reuse,
      ];
      expect(changed.filter(Boolean), plan.probe).toHaveLength(1);
      expect(plan.toggles).toHaveLength(1);
    }
  });

  it('make events four times as large: three times their size more in the token', () => {
    const larger = togglesFor({ ...facts, takesTiming: true }).find(
      (toggle) => toggle.plan(0).probe === 'tokens × 4',
    );
    expect(larger!.plan(0).timing).toEqual({ token_bytes: '660B' });
  });
});

describe('silences', () => {
  it.each([2000, 5000, 20_000, 100_000])('fit into %i ms, all at once', (leftMs) => {
    const plans = silenceProbes(leftMs);
    for (const { timing } of plans) {
      const lastsMs = timing!.pause
        ? Number.parseFloat(timing!.pause.length) * 1000
        : timing!.tokens! * 250;
      expect(lastsMs).toBeLessThan(leftMs);
    }
    expect(plans.filter(({ probe }) => probe === 'silence').length).toBe(
      { 2000: 0, 5000: 2, 20_000: 5, 100_000: 10 }[leftMs],
    );
  });

  it('are tried again with comments, several within the limit', () => {
    const { timing } = heartbeatProbe(2000, 0);
    expect(timing).toMatchObject({ heartbeat: '500ms', pause: { length: '4s' } });
  });
});

describe('the cost', () => {
  it('is measured against the direct path', () => {
    const seen = [...repeats(paths.size(4096)), ...repeats(paths.clean, {}, { path: 'direct' })];
    const cost = costOf(judge(seen))!;
    expect(cost.method).toBe('measured against the direct path');
    expect(cost.ttft_ms - cost.held_ms).toBeCloseTo(61, 0);
    expect(cost.held_ms).toBeGreaterThan(280);
  });

  it('is estimated by how long the first burst took to fill, near to what it was', () => {
    const estimated = costOf(judge(repeats(paths.size(4096))))!;
    const measured = costOf(
      judge([...repeats(paths.size(4096)), ...repeats(paths.clean, {}, { path: 'direct' })]),
    )!;
    expect(estimated.method).toBe('estimated from the pattern');
    expect(Math.abs(estimated.held_ms / measured.held_ms - 1)).toBeLessThan(0.3);
  });

  it('is that of both where a compressor holds what a buffer held already', () => {
    const gzip = { headers: { 'content-encoding': 'gzip' } };
    const seen = [
      ...repeats(paths.whole, {}, gzip),
      ...repeats(paths.size(4096), {}, { probe: 'no compression' }),
    ];
    const cost = costOf(judge(seen))!;
    // Its first event was produced after 60 ms.
    expect(cost.ttft_ms - cost.held_ms).toBeGreaterThan(20);
    expect(cost.ttft_ms - cost.held_ms).toBeLessThan(140);
    expect(costOf(judge(repeats(paths.whole, {}, gzip)))!.held_ms).toBeGreaterThan(1500);
  });

  it('is an upper bound for a whole answer, and nothing for a stream', () => {
    expect(costOf(judge(repeats(paths.whole)))!.method).toContain('at most');
    expect(costOf(judge(repeats(paths.clean)))!.held_ms).toBe(0);
    expect(costOf(judge(repeats(paths.clean, { events: 3 })))).toBeNull();
  });

  it('leaves answers out of a cache aside', () => {
    const [held] = repeats(paths.size(4096), {}, {}, 1);
    const events = produce();
    const hit = observed(events, [{ at: 1, bytes: events.reduce((sum, e) => sum + e.size, 0) }], {
      repeat: 1,
      headers: { 'x-cache': 'HIT' },
    });
    const judgement = judge([held!, hit]);
    expect(costOf(judgement)!.ttft_ms).toBeGreaterThan(300);
    expect(notesOf(judgement).join()).toContain('came from a cache');
  });
});

describe('suspects', () => {
  const gzip = (headers: Record<string, string>) => {
    const encoded = { 'content-encoding': 'gzip', ...headers };
    return suspectsFor(
      judge([
        ...repeats(paths.whole, {}, { headers: encoded }),
        ...repeats(paths.clean, {}, { probe: 'no compression', headers }),
      ]),
    ).map(({ component }) => component);
  };

  it.each([
    [{ 'x-powered-by': 'Express' }, 'express'],
    [{ 'x-powered-by': 'Next.js' }, 'nextjs'],
    [{ 'cf-ray': '8f1', server: 'cloudflare' }, 'cloudflare'],
    [{ via: '1.1 varnish (Varnish/7.1)' }, 'varnish'],
    [{ server: 'nginx/1.22.1' }, 'nginx'],
    [{ server: 'Caddy' }, 'caddy'],
  ])('are named by %j', (headers, component) => {
    expect(gzip(headers)[0]).toBe(component);
  });

  it('are not those that cannot cause it before those that can', () => {
    const found = suspectsFor(
      judge(repeats(paths.size(4096), {}, { headers: { server: 'awselb/2.0' } })),
    );
    expect(found.map(({ component }) => component)).toEqual(['nginx', 'aws-alb']);
  });

  it.each<[Verdict['kind'], number, string]>([
    ['cut_when_idle', 60_000, 'nginx'],
    ['cut_when_idle', 55_100, 'heroku'],
    ['cut_when_idle', 100_300, 'cloudflare'],
    ['cut_when_idle', 240_100, 'azure'],
    ['cut_at_total', 15_010, 'envoy'],
    ['cut_at_total', 29_010, 'aws-api-gateway'],
    ['cut_at_total', 300_200, 'vercel'],
  ])('%s after %i ms is laid to those with that limit', (kind, limitMs, component) => {
    const beat = kind === 'cut_at_total' ? 1000 : 20;
    const events = produce({
      events: kind === 'cut_at_total' ? Math.floor(limitMs / 1000) : 40,
      beat,
    });
    const cut = (repeat: number) =>
      observed(events, paths.clean(events), {
        end: 'cut',
        repeat,
        endedMs: kind === 'cut_at_total' ? limitMs : events.at(-1)!.at + 1 + limitMs,
      });
    const judgement = judge([cut(0), cut(1)]);
    expect(judgement.verdict.kind).toBe(kind);
    expect(suspectsFor(judgement)[0]!.component).toBe(component);
  });

  it('leave nginx out where its configuration streams', () => {
    const judgement = judge(repeats(paths.size(4096), {}, { headers: { server: 'nginx' } }));
    const reading = { file: 'nginx.conf', verdict: 'streams', summary: '', findings: [] } as const;
    expect(suspectsFor(judgement)[0]!.component).toBe('nginx');
    expect(suspectsFor(judgement, { ...reading, findings: [] })).toEqual([]);
  });
});
