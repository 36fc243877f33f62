/**
 * From what was seen to a verdict: the decision table of docs/diagnose-method.md, top to bottom. Pure, so
 * that each row can be tried on arrivals that were written down.
 */
import type { Verdict, VerdictKind } from '../diagnosis.ts';
import type { Observation } from '../observe/observation.ts';
import { ruleOf, type RuleFound } from './burst-rule.ts';
import { cutOf, type Cut } from './cut.ts';
import type { Hold } from './hold.ts';
import { lagByDirect, lagByInterval, type Lag } from './lag.ts';
import { lossOf, type Loss } from './loss-pauses.ts';
import { middle, ProbeResults } from './probe-results.ts';
import { unusableBy, type Unusable } from './usable.ts';

/** Why a verdict was given: what the words and the numbers are made from. */
export type Reason =
  | { kind: 'unusable'; what: Unusable }
  | { kind: 'few'; why: 'events' | 'fast'; events: number }
  | { kind: 'cut'; cut: Cut }
  | { kind: 'compression'; by: 'identity' | 'pattern'; plain: Hold | undefined }
  | { kind: 'rule'; found: RuleFound; hold: Hold }
  | { kind: 'whole'; confirmed: boolean; upstream: boolean; bytes: number }
  | { kind: 'lag'; lag: Lag }
  | { kind: 'headers'; laterMs: number }
  | { kind: 'loss'; loss: Loss }
  | { kind: 'smooth'; repeats: number }
  | { kind: 'source'; events: number; periodMs: number }
  | { kind: 'irregular' };

export interface Judgement {
  verdict: Verdict;
  reason: Reason;
  results: ProbeResults;
}

type Confidence = Verdict['confidence'];

/** Heads that come this soon are not withheld in any way that matters, ms. */
const soonMs = 120;

export function judge(observations: readonly Observation[]): Judgement {
  const results = new ProbeResults(observations);
  const { verdict, reason } = decide(observations, results);
  return { verdict, reason, results };
}

function answer(
  kind: VerdictKind,
  confidence: Confidence,
  reason: Reason,
  more: Partial<Verdict> = {},
): { verdict: Verdict; reason: Reason } {
  return { verdict: { kind, confidence, ...more }, reason };
}

function decide(
  observations: readonly Observation[],
  results: ProbeResults,
): { verdict: Verdict; reason: Reason } {
  const asked = observations.filter(
    ({ probe, path }) => path === 'url' && (probe === 'as asked' || probe === 'same connection'),
  );
  const broken = cutOf(asked);
  // One of many that broke off is an accident, and noted; a limit ends every stream that comes to it.
  const cut = broken && broken.seen * 2 >= asked.length ? broken : undefined;
  if (cut && cut.how !== 'unclear') return cutAnswer(withSilences(cut, observations));
  const hold = results.hold('as asked');
  if (!hold) {
    const what = asked.flatMap((observation) => unusableBy(observation) ?? [])[0];
    return answer('cannot_tell', 'low', {
      kind: 'unusable',
      what: what ?? { code: 'nothing-seen', summary: 'nothing was seen', hint: '' },
    });
  }
  if (cut) return cutAnswer(cut);
  const compressed = compression(hold, results);
  if (compressed) return compressed;

  switch (hold.kind) {
    case 'few': {
      const events = Math.max(0, ...results.shapes('as asked').map((shape) => shape.events));
      return answer('cannot_tell', 'low', { kind: 'few', why: hold.why, events });
    }
    case 'whole':
      return whole(results);
    case 'tail': {
      const asked = results.shapes('as asked');
      const lagMs = middle(asked, (shape) => shape.beatMs);
      const lag = lagByInterval(results.of('as asked'), results.of('interval × 4'));
      const clean = (other: Hold | undefined): boolean => other?.kind === 'none';
      const confirmed =
        (lag?.confirmed ?? false) ||
        clean(results.hold('as asked', 'direct')) ||
        clean(results.hold('no compression'));
      return answer(
        'one_event_late',
        confirmed ? 'high' : 'medium',
        { kind: 'lag', lag: { lagMs, confirmed, by: 'tails' } },
        { lag_ms: round(lagMs) },
      );
    }
    case 'none':
      return smooth(observations, results);
    default:
      return bursts(hold, observations, results);
  }
}

function cutAnswer(cut: Cut): { verdict: Verdict; reason: Reason } {
  const reason: Reason = { kind: 'cut', cut };
  if (cut.how === 'unclear') return answer('cannot_tell', 'low', reason);
  const confidence = cut.confirmed ? 'high' : cut.seen >= 2 ? 'medium' : 'low';
  return answer(cut.how === 'idle' ? 'cut_when_idle' : 'cut_at_total', confidence, reason, {
    limit_ms: round(cut.limitMs),
  });
}

/** What the silences that we asked for add to a cut that was seen without them. */
function withSilences(cut: Cut, observations: readonly Observation[]): Cut {
  const more = cutOf(
    observations.filter(({ probe, path }) => path === 'url' && probe.startsWith('silence')),
  );
  const same = more?.how === 'idle' && cut.how === 'idle';
  return same && Math.abs(more.limitMs - cut.limitMs) < cut.limitMs * 0.2
    ? { ...cut, confirmed: true }
    : cut;
}

/** Whether the compression of the answer is what holds it. */
function compression(
  hold: Hold,
  results: ProbeResults,
): { verdict: Verdict; reason: Reason } | undefined {
  const asked = results.of('as asked');
  const encoded = asked.some(({ shape }) => shape.encoding !== '');
  // One that keeps the last few bytes of an event is flushed, if not well: one event late.
  if (!encoded || ['none', 'few', 'tail'].includes(hold.kind)) return undefined;
  const plain = results.hold('no compression');
  const blocks = asked.flatMap(({ shape }) =>
    shape.bursts.length >= 2 ? shape.bursts.slice(0, -1).map((burst) => burst.bytes) : [],
  );
  // The block is only known where one was full before the end.
  const size = blocks.filter((bytes) => bytes >= 512).sort((a, b) => a - b);
  const block =
    hold.kind === 'whole' ? {} : { size_bytes: Math.round(size[size.length >> 1] ?? 0) };
  const more = (block.size_bytes ?? 0) > 0 ? block : {};
  if (!plain || plain.kind === 'few') {
    const typical = hold.kind === 'whole' || hold.kind === 'blocks';
    if (!typical) return undefined;
    const reason: Reason = { kind: 'compression', by: 'pattern', plain };
    return answer('compressed_without_flush', 'medium', reason, more);
  }
  const reason: Reason = { kind: 'compression', by: 'identity', plain };
  const later = firstToken(results, 'as asked') - firstToken(results, 'no compression');
  const repeats = Math.min(asked.length, results.of('no compression').length);
  if (plain.kind === 'none') {
    return answer('compressed_without_flush', repeats >= 2 ? 'high' : 'medium', reason, more);
  }
  // A compressor's first bytes, its own header, pass a stream; what stores an answer holds them too.
  const begun = asked.every(
    ({ shape }) =>
      shape.bursts[0]?.events === 0 &&
      shape.bursts[0].bytes <= 64 &&
      shape.bursts[0].at < shape.lastEventMs! / 2,
  );
  if (begun && hold.kind === 'whole') {
    return answer('compressed_without_flush', repeats >= 2 ? 'high' : 'medium', reason, more);
  }
  // Held without compression too: by the same rule then, or by two.
  const longer = later > 0.5 * firstToken(results, 'no compression') && later > 100;
  return longer && plain.kind !== 'whole' && hold.kind !== plain.kind
    ? answer('compressed_without_flush', repeats >= 2 ? 'high' : 'medium', reason, more)
    : undefined;
}

function firstToken(results: ProbeResults, probe: 'as asked' | 'no compression'): number {
  return middle(results.shapes(probe), (shape) => shape.firstTokenMs ?? Number.NaN);
}

function whole(results: ProbeResults): { verdict: Verdict; reason: Reason } {
  // Four times the tokens may fill a buffer that the answer as asked did not.
  const larger = results.hold('tokens × 4');
  if (larger?.kind === 'size') {
    const found: RuleFound = {
      rule: 'size',
      bytes: larger.bytes,
      periodMs: Number.NaN,
      confirmed: true,
      by: ['with tokens four times as large, it comes in bursts of one size'],
      upstream: false,
    };
    const reason: Reason = { kind: 'rule', found, hold: larger };
    return answer('buffered_by_size', 'high', reason, { size_bytes: Math.round(larger.bytes) });
  }
  const streams = results.of('as asked');
  const bytes = Math.max(
    0,
    ...streams.map(({ observation }) =>
      observation.reads.reduce((sum, read) => sum + read.bytes, 0),
    ),
  );
  const direct = results.hold('as asked', 'direct');
  const slow = results.of('interval × 4');
  // A fast answer that arrives complete would not take four times as long.
  const slower =
    slow.length > 0 &&
    slow.every(({ hold }) => hold.kind === 'whole') &&
    middle(results.shapes('interval × 4'), (shape) => shape.lastEventMs ?? Number.NaN) >
      1.8 * middle(results.shapes('as asked'), (shape) => shape.lastEventMs ?? Number.NaN);
  const others = (['HTTP/2', 'HTTP/1.0', 'other method'] as const).some(
    (probe) => results.hold(probe)?.kind === 'none',
  );
  const confirmed = direct?.kind === 'none' || slower || others;
  const declared = streams.every(({ observation }) => observation.framing === 'length');
  const reason: Reason = {
    kind: 'whole',
    confirmed,
    upstream: direct?.kind === 'whole',
    bytes,
  };
  const medium = declared || streams.length >= 2;
  return answer('stored_and_forwarded', confirmed ? 'high' : medium ? 'medium' : 'low', reason);
}

function bursts(
  hold: Extract<Hold, { kind: 'size' | 'time' | 'regular' | 'blocks' | 'irregular' }>,
  observations: readonly Observation[],
  results: ProbeResults,
): { verdict: Verdict; reason: Reason } {
  const found = ruleOf(hold, results);
  const reason: Reason = { kind: 'rule', found, hold };
  const repeats = results.of('as asked').length;
  const pattern: Confidence = repeats >= 2 ? 'medium' : 'low';
  const confidence: Confidence = found.confirmed ? 'high' : pattern;
  switch (found.rule) {
    case 'size':
      return answer('buffered_by_size', confidence, reason, {
        size_bytes: Math.round(found.bytes),
      });
    case 'time':
      return answer('buffered_by_time', confidence, reason, { period_ms: round(found.periodMs) });
    case 'round_trip':
      return answer('paced_by_round_trip', confidence, reason, {
        period_ms: round(found.periodMs),
      });
    case 'source': {
      const asked = results.shapes('as asked');
      return answer('streams', 'medium', {
        kind: 'source',
        events: middle(asked, (shape) => shape.eventsPerBurst),
        periodMs: found.periodMs,
      });
    }
    case 'unknown':
      break;
  }
  if (hold.kind === 'irregular') return smooth(observations, results, true);
  // Regular bursts that may come from the model: too small to matter, or too similar to tell.
  const events = middle(results.shapes('as asked'), (shape) => shape.eventsPerBurst);
  if (found.upstream || events < 4 || found.periodMs < 90) {
    return answer('streams', 'low', { kind: 'source', events, periodMs: found.periodMs });
  }
  return answer('cannot_tell', 'low', reason);
}

/** Not held by any rule. What else may be wrong with it, and if nothing, that it streams. */
function smooth(
  observations: readonly Observation[],
  results: ProbeResults,
  irregular = false,
): { verdict: Verdict; reason: Reason } {
  const asked = results.shapes('as asked');
  const direct = results.of('as asked', 'direct').filter(({ hold }) => hold.kind === 'none');
  const directShapes = direct.map(({ shape }) => shape);
  if (!irregular) {
    const lag =
      lagByInterval(results.of('as asked'), results.of('interval × 4')) ??
      lagByDirect(results.of('as asked'), direct);
    if (lag) {
      const more = { lag_ms: round(lag.lagMs) };
      const confidence = lag.confirmed ? 'high' : 'medium';
      return answer('one_event_late', confidence, { kind: 'lag', lag }, more);
    }
    const withheld = headersWithheld(results);
    if (withheld) return withheld;
  }
  const silent = cutOf(
    observations.filter(({ probe, path }) => path === 'url' && probe !== 'as asked'),
  );
  if (silent?.how === 'idle' && silent.status === null) return cutAnswer(silent);
  const long = cutOf(
    observations.filter(({ probe, path }) => path === 'url' && probe === 'long stream'),
  );
  if (long && long.how !== 'idle') {
    return cutAnswer({ ...long, how: 'total', confirmed: long.seen >= 2 });
  }
  const loss = lossOf(asked, directShapes, results.rttMs);
  if (loss) {
    return answer('packet_loss', loss.confirmed ? 'high' : 'medium', { kind: 'loss', loss });
  }
  if (irregular) return answer('streams', 'low', { kind: 'irregular' });
  const repeats = asked.length;
  const events = asked.reduce((sum, shape) => sum + shape.events, 0);
  const high = directShapes.length > 0 || (repeats >= 2 && events >= 60);
  return answer('streams', high ? 'high' : 'medium', { kind: 'smooth', repeats });
}

/**
 * The head waits for the first output, and comes before it where one thing is different: directly, or over
 * HTTP/2. By itself that is not a sign: many servers rightly answer when they have something to say.
 */
function headersWithheld(results: ProbeResults): { verdict: Verdict; reason: Reason } | undefined {
  const asked = results.shapes('as asked');
  // With the first output: an event before that (a role) shows that the head was not waiting for it.
  const withFirst = asked.every(
    ({ headersMs, firstTokenMs }) =>
      headersMs !== null && firstTokenMs !== null && firstTokenMs - headersMs <= 3,
  );
  const headersMs = middle(asked, (shape) => shape.headersMs ?? Number.NaN);
  if (!withFirst || !(headersMs >= soonMs)) return undefined;
  const apart = (shapes: typeof asked): boolean =>
    shapes.length > 0 &&
    middle(shapes, (shape) => (shape.firstTokenMs ?? 0) - (shape.headersMs ?? 0)) > soonMs / 2;
  const confirmed = [results.shapes('as asked', 'direct'), results.shapes('HTTP/2')].some(apart);
  if (!confirmed) return undefined;
  return answer(
    'headers_withheld',
    asked.length >= 2 ? 'high' : 'medium',
    { kind: 'headers', laterMs: headersMs },
    { lag_ms: round(headersMs) },
  );
}

/** To a tenth: what is not measured finer is not said finer. */
function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
