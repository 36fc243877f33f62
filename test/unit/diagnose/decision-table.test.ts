/** Each row of the decision table, on arrivals that were written down. */
import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/diagnose/judge/decision-table.ts';
import { notesOf } from '../../../src/diagnose/judge/notes.ts';
import { evidenceOf, summaryOf } from '../../../src/diagnose/judge/verdict-text.ts';
import type { Observation } from '../../../src/diagnose/observe/observation.ts';
import { suspectsFor } from '../../../src/diagnose/suspects.ts';
import { endOf, observed, paths, produce, repeats } from '../../helpers/arrivals.ts';

const verdictOf = (...seen: (Observation | Observation[])[]) => judge(seen.flat()).verdict;
const direct = (source = {}) => repeats(paths.clean, source, { path: 'direct' });
const withFirst = (observations: Observation[]): Observation[] =>
  observations.map((one) => ({ ...one, headersMs: one.reads[0]!.at }));
const gzip = { headers: { 'content-encoding': 'gzip' } };

describe('a stream that is not held', () => {
  it('streams', () => {
    expect(verdictOf(repeats(paths.clean))).toEqual({ kind: 'streams', confidence: 'high' });
  });

  it('streams with less confidence where it was seen once', () => {
    expect(verdictOf(repeats(paths.clean, {}, {}, 1))).toEqual({
      kind: 'streams',
      confidence: 'medium',
    });
  });

  it('is not judged by too few events', () => {
    const judgement = judge(repeats(paths.clean, { events: 5 }));
    expect(judgement.verdict.kind).toBe('cannot_tell');
    expect(summaryOf(judgement)).toContain('Only 5 events');
  });

  it('is not judged where the whole answer takes no time', () => {
    const judgement = judge(repeats(paths.whole, { events: 60, beat: 1, first: 20 }));
    expect(judgement.verdict.kind).toBe('cannot_tell');
  });
});

describe('buffers of a size', () => {
  it.each([1024, 4096, 8192])('finds %i bytes, whose bursts cut events in two', (size) => {
    const seen = repeats(paths.size(size), { events: 300 });
    expect(verdictOf(seen)).toEqual({
      kind: 'buffered_by_size',
      size_bytes: size,
      confidence: 'medium',
    });
    expect(verdictOf(seen, direct({ events: 300 })).confidence).toBe('high');
  });

  it('is sure where tokens of four times the size come in bursts of as many bytes', () => {
    const seen = repeats(paths.size(4096));
    const larger = repeats(paths.size(4096), { size: 880 }, { probe: 'tokens × 4' });
    const slower = repeats(paths.size(4096), { beat: 80 }, { probe: 'interval × 4' });
    expect(verdictOf(seen, larger, slower)).toMatchObject({
      kind: 'buffered_by_size',
      size_bytes: 4096,
      confidence: 'high',
    });
  });

  it('finds a buffer that events are larger than, by its chunks', () => {
    const chunkSizes = [3900, ...Array.from({ length: 60 }, () => 4096), 700];
    const seen = repeats(paths.size(4096), { size: 5000, events: 50 }, { chunkSizes });
    expect(verdictOf(seen)).toMatchObject({ kind: 'buffered_by_size', size_bytes: 4096 });
  });

  it('names nginx for a page', () => {
    const judgement = judge(repeats(paths.size(4096), {}, { headers: { server: 'nginx' } }));
    expect(suspectsFor(judgement)[0]).toMatchObject({ component: 'nginx', confidence: 'high' });
  });

  it('takes two large blocks for a buffer where they cut an event', () => {
    expect(verdictOf(repeats(paths.size(12_000), { events: 80 }))).toMatchObject({
      kind: 'buffered_by_size',
    });
  });

  it('looks behind the direct path where that shows the same', () => {
    const both = [
      ...repeats(paths.size(4096)),
      ...repeats(paths.size(4096), {}, { path: 'direct' }),
    ];
    const judgement = judge(both);
    expect(judgement.verdict.kind).toBe('buffered_by_size');
    expect(summaryOf(judgement)).toContain('The direct path shows the same');
    expect(suspectsFor(judgement)[0]!.component).toBe('application');
  });
});

describe('clocks', () => {
  const corked = withFirst(repeats(paths.time(204), { first: 0 }));

  it('finds a period whose first tick the head waits for, and names HAProxy', () => {
    const judgement = judge(corked);
    expect(judgement.verdict).toMatchObject({ kind: 'buffered_by_time', confidence: 'medium' });
    expect(judgement.verdict.period_ms).toBeCloseTo(220, -1);
    expect(suspectsFor(judgement)[0]!.component).toBe('haproxy');
  });

  it('is sure of it where HTTP/2 is clean', () => {
    const http2 = repeats(paths.clean, {}, { probe: 'HTTP/2' });
    const judgement = judge([...corked, ...http2]);
    expect(judgement.verdict.confidence).toBe('high');
    expect(suspectsFor(judgement)[0]).toMatchObject({ component: 'haproxy', confidence: 'high' });
  });

  it('is sure of it where slower events make smaller bursts', () => {
    const early = repeats(paths.time(300), { first: 500 });
    const slower = repeats(paths.time(300), { first: 500, beat: 80 }, { probe: 'interval × 4' });
    expect(verdictOf(early, slower)).toMatchObject({
      kind: 'buffered_by_time',
      confidence: 'high',
    });
  });

  it('does not take a model for one that gives as many events at a time, whatever is asked', () => {
    const gap = (scale: number) => (_: unknown, index: number) => (index % 8 === 0 ? scale : 0);
    const seen = repeats(paths.clean, { gap: gap(300), vary: 0 });
    const slower = repeats(paths.clean, { gap: gap(1200), vary: 0 }, { probe: 'interval × 4' });
    const larger = repeats(
      paths.clean,
      { gap: gap(300), vary: 0, size: 880 },
      { probe: 'tokens × 4' },
    );
    expect(verdictOf(seen)).toMatchObject({ kind: 'cannot_tell' });
    expect(verdictOf(seen, slower, larger)).toMatchObject({ kind: 'streams' });
  });
});

describe('the direct path', () => {
  const delay = (seen: Observation[]) =>
    evidenceOf(judge(seen)).find(({ name }) => name === 'delay of an event')?.value;

  it('gives the delay of each event where both carry the same', () => {
    // A burst of twenty: its first event waits nineteen beats, its last none.
    expect(delay([...repeats(paths.size(4096)), ...direct()])).toMatch(
      /^p50 1\d\d ms, p95 3\d\d ms/,
    );
    expect(delay([...repeats(paths.clean), ...direct()])).toMatch(/^p50 < 1 ms/);
  });

  it('does not match the events of different answers', () => {
    expect(delay([...repeats(paths.clean), ...direct({ seed: 'another' })])).toBeUndefined();
  });
});

describe('round trips', () => {
  const paced = (parts: { probe?: 'same connection' }) =>
    repeats(paths.nagle(50), { first: 120, beat: 16 }, { connectMs: 50, ...parts });

  it('finds bursts paced by the round trip', () => {
    expect(verdictOf(paced({}), direct())).toMatchObject({ kind: 'paced_by_round_trip' });
    // A model may have such a period by chance.
    expect(verdictOf(paced({}))).toMatchObject({ kind: 'streams', confidence: 'low' });
  });

  it('is sure of nginx where the second request of a connection is clean', () => {
    const second = repeats(paths.clean, {}, { probe: 'same connection', reused: true });
    const judgement = judge([...paced({}), ...second]);
    expect(judgement.verdict).toMatchObject({ kind: 'paced_by_round_trip', confidence: 'high' });
    expect(suspectsFor(judgement)[0]!.component).toBe('nginx');
  });

  it('suspects something else where every request is paced', () => {
    const judgement = judge([...paced({}), ...paced({ probe: 'same connection' }), ...direct()]);
    expect(suspectsFor(judgement)[0]!.component).toBe('haproxy');
  });
});

describe('compressors', () => {
  it('blames the compression where the stream is clean without', () => {
    const seen = repeats(paths.whole, {}, gzip);
    const plain = repeats(paths.clean, {}, { probe: 'no compression' });
    expect(verdictOf(seen, plain)).toEqual({
      kind: 'compressed_without_flush',
      confidence: 'high',
    });
  });

  it('blames it where the stream is held less without', () => {
    const seen = repeats(paths.whole, {}, gzip);
    const plain = repeats(paths.size(4096), {}, { probe: 'no compression' });
    expect(verdictOf(seen, plain).kind).toBe('compressed_without_flush');
  });

  it('does not where it is held as much without', () => {
    const seen = repeats(paths.whole, {}, gzip);
    const plain = repeats(paths.whole, {}, { probe: 'no compression' });
    expect(verdictOf(seen, plain).kind).toBe('stored_and_forwarded');
    const clock = withFirst(repeats(paths.time(204), { first: 0 }, gzip));
    const same = withFirst(repeats(paths.time(204), { first: 0 }, { probe: 'no compression' }));
    expect(verdictOf(clock, same).kind).toBe('buffered_by_time');
  });

  it('guesses where nothing was seen without', () => {
    expect(verdictOf(repeats(paths.whole, {}, gzip))).toEqual({
      kind: 'compressed_without_flush',
      confidence: 'medium',
    });
  });

  it('names what a compressor does that keeps the end of each event', () => {
    const seen = repeats(paths.tails(9), {}, gzip);
    const plain = repeats(paths.clean, {}, { probe: 'no compression' });
    expect(verdictOf(seen, plain)).toMatchObject({ kind: 'one_event_late', confidence: 'high' });
  });

  it('leaves a compressor alone that flushes', () => {
    expect(verdictOf(repeats(paths.clean, {}, gzip)).kind).toBe('streams');
  });
});

describe('whole answers', () => {
  it('finds what is stored and forwarded', () => {
    expect(verdictOf(repeats(paths.whole))).toMatchObject({ kind: 'stored_and_forwarded' });
    expect(verdictOf(repeats(paths.whole), direct())).toEqual({
      kind: 'stored_and_forwarded',
      confidence: 'high',
    });
  });

  it('finds the buffer that a short answer did not fill', () => {
    const seen = repeats(paths.size(4096), { events: 12, beat: 80 });
    const larger = repeats(
      paths.size(4096),
      { events: 40, beat: 80, size: 880 },
      { probe: 'tokens × 4' },
    );
    expect(verdictOf(seen).kind).toBe('stored_and_forwarded');
    expect(verdictOf(seen, larger)).toMatchObject({ kind: 'buffered_by_size', size_bytes: 4096 });
  });
});

describe('one event late', () => {
  it('finds tails that come with the next event', () => {
    const judgement = judge(repeats(paths.tails(90)));
    expect(judgement.verdict.kind).toBe('one_event_late');
    expect(judgement.verdict.lag_ms).toBeCloseTo(20, 0);
  });

  it('finds whole events that do by comparison with the direct path', () => {
    // Only the end lets the last one go.
    const ended = repeats(paths.late).map((one) => ({ ...one, endedMs: one.events.at(-1)!.at }));
    expect(verdictOf(ended, direct())).toMatchObject({
      kind: 'one_event_late',
      confidence: 'high',
    });
    expect(verdictOf(repeats(paths.late), direct()).confidence).toBe('medium');
  });

  it('finds them by a first event that is later when all are slower', () => {
    const slower = repeats(paths.late, { beat: 80 }, { probe: 'interval × 4' });
    expect(verdictOf(repeats(paths.late), slower).kind).toBe('one_event_late');
  });

  it('does not take a far path for it', () => {
    const far = (events: Parameters<typeof paths.clean>[0]) =>
      paths.clean(events).map(({ at, bytes }) => ({ at: at + 20, bytes }));
    expect(verdictOf(repeats(far, {}, { headersMs: 22 }), direct()).kind).toBe('streams');
  });
});

describe('heads', () => {
  it('finds one that waits for the first event', () => {
    const seen = withFirst(repeats(paths.clean, { first: 600 }));
    expect(verdictOf(seen, direct({ first: 600 }))).toMatchObject({
      kind: 'headers_withheld',
      confidence: 'high',
    });
    const http2 = repeats(paths.clean, { first: 600 }, { probe: 'HTTP/2' });
    expect(verdictOf(seen, http2).kind).toBe('headers_withheld');
    // Alone it is how many a server answers.
    expect(verdictOf(seen).kind).toBe('streams');
  });

  it('does not mind where the target does so itself, or where it is soon', () => {
    const late = { first: 600 };
    const itself = withFirst(direct(late));
    expect(verdictOf(withFirst(repeats(paths.clean, late)), itself).kind).toBe('streams');
    expect(verdictOf(withFirst(repeats(paths.clean, { first: 40 }))).kind).toBe('streams');
  });
});

describe('cuts', () => {
  const cutAfter = (count: number, endedMs: number, repeat = 0): Observation => {
    const events = produce().slice(0, count);
    return observed(events, paths.clean(events), { end: 'cut', endedMs, repeat });
  };

  it('finds a limit on silence', () => {
    const after = (count: number, repeat: number) =>
      cutAfter(count, endOf(produce().slice(0, count)) + 60_000, repeat);
    const judgement = judge([after(30, 0), after(55, 1)]);
    expect(judgement.verdict).toMatchObject({ kind: 'cut_when_idle', confidence: 'medium' });
    expect(judgement.verdict.limit_ms).toBeCloseTo(60_000, -2);
    expect(suspectsFor(judgement).map(({ component }) => component)).toEqual(['nginx', 'aws-alb']);
  });

  it('finds a limit on the whole', () => {
    const events = produce({ events: 751 });
    const cut = (repeat: number) =>
      observed(events, paths.clean(events), { end: 'cut', endedMs: 15_070, repeat });
    const judgement = judge([cut(0), cut(1)]);
    expect(judgement.verdict).toMatchObject({ kind: 'cut_at_total', limit_ms: 15_070 });
    expect(suspectsFor(judgement)[0]!.component).toBe('envoy');
  });

  it("reads a gateway's 504 as its limit", () => {
    const none = observed([], [], { status: 504, statusText: 'Gateway Time-out', headersMs: 2008 });
    expect(verdictOf([none, { ...none, repeat: 1, headersMs: 2011 }])).toMatchObject({
      kind: 'cut_when_idle',
      limit_ms: 2009.5,
    });
  });

  it('does not guess where streams break off anyhow', () => {
    expect(verdictOf([cutAfter(20, 480), cutAfter(70, 1500, 1)])).toMatchObject({
      kind: 'cannot_tell',
    });
  });

  it('takes one of several for an accident', () => {
    const seen = [...repeats(paths.clean, {}, {}, 3), cutAfter(1, 70, 3)];
    expect(verdictOf(seen).kind).toBe('streams');
    expect(notesOf(judge(seen)).join()).toContain('1 of 4 streams as asked broke off');
  });

  it('knows a cut at the end of the connection where the last event is missing', () => {
    const events = produce().slice(0, 30);
    const one = (repeat: number) =>
      observed(events, paths.clean(events), {
        framing: 'close',
        terminal: false,
        endedMs: endOf(events) + 5000,
        repeat,
      });
    expect(verdictOf([one(0), one(1)])).toMatchObject({ kind: 'cut_when_idle' });
  });
});

describe('networks', () => {
  it('knows packet loss by pauses that are made up for', () => {
    const seen = repeats(paths.loss(0.03, 50), { events: 250 }, { connectMs: 50, headersMs: 52 });
    expect(verdictOf(seen)).toMatchObject({ kind: 'packet_loss' });
  });

  it('does not take a model that pauses for it', () => {
    const gap = (_: unknown, index: number) => (index % 15 === 0 ? 270 : 20);
    expect(verdictOf(repeats(paths.clean, { gap, events: 200 })).kind).toBe('streams');
  });
});

describe('answers that are not a stream', () => {
  it.each([
    [401, {}, 'Needs credentials'],
    [429, { 'retry-after': '7' }, 'try again after 7 s'],
    [302, { location: 'https://elsewhere/' }, 'redirects to https://elsewhere/'],
    [404, {}, 'Answered 404'],
  ])('says what %i means', (status, headers, text) => {
    const judgement = judge([observed([], [], { status, headers })]);
    expect(judgement.verdict.kind).toBe('cannot_tell');
    expect(summaryOf(judgement)).toContain(text);
  });

  it('says that a JSON document and a page are none', () => {
    const one = produce({ events: 1 });
    const json = observed(one, paths.clean(one), {
      headers: { 'content-type': 'application/json' },
      bodyStart: '{"answer": 42}',
    });
    expect(summaryOf(judge([json]))).toContain('one JSON document: {"answer": 42}');
    const html = { ...json, headers: [['content-type', 'text/html; charset=utf-8']] as const };
    expect(summaryOf(judge([html]))).toContain('HTML page');
  });
});
