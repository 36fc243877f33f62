/**
 * Whose bursts they are: a buffer's, a clock's, or those of the source of the events. Where the
 * arrivals leave it open, toggles decide: a buffer keeps its bytes, a clock its period, and a model its
 * events, whatever is varied.
 */
import type { Shape } from '../analyse/shape.ts';
import { median } from '../analyse/statistics.ts';
import { limits, type Hold } from './hold.ts';
import { middle, type ProbeResults, type Stream } from './probe-results.ts';

export type Rule = 'size' | 'time' | 'round_trip' | 'source' | 'unknown';

export interface RuleFound {
  rule: Rule;
  bytes: number;
  periodMs: number;
  /** A comparison showed it. */
  confirmed: boolean;
  /** Which, in words. */
  by: string[];
  /** The direct path shows the same: it is not what stands between. */
  upstream: boolean;
}

type BurstHold = Extract<Hold, { kind: 'size' | 'time' | 'regular' | 'blocks' | 'irregular' }>;

/** Toggled by asked: events of a burst, and its bytes. */
interface Ratio {
  events: number;
  bytes: number;
}

function ratio(asked: readonly Shape[], toggled: readonly Shape[]): Ratio | undefined {
  const usable = toggled.filter((shape) => shape.events >= 6 && shape.bursts.length >= 3);
  if (usable.length === 0) return undefined;
  const inner = (shape: Shape): number => shape.bytes.median;
  return {
    events:
      middle(usable, (shape) => shape.eventsPerBurst) /
      middle(asked, (shape) => shape.eventsPerBurst),
    bytes: middle(usable, inner) / middle(asked, inner),
  };
}

const kept = (value: number): boolean => value >= 0.7 && value <= 1.4;
const fell = (value: number): boolean => value < 0.6;

/** @param hold - as asked, in bursts. */
export function ruleOf(hold: BurstHold, results: ProbeResults): RuleFound {
  const asked = results.shapes('as asked');
  const { bytes, periodMs } = measures(hold, asked);
  const found: RuleFound = {
    rule: 'unknown',
    bytes,
    periodMs,
    confirmed: false,
    by: [],
    upstream: false,
  };
  const direct = results.hold('as asked', 'direct');
  const directSmooth = smooth(results.of('as asked', 'direct'));
  if (direct && alike(direct, hold)) {
    found.upstream = true;
    // The same bursts without what stands between: a model's, unless both show a buffer or a clock.
    const sure = (one: Hold): boolean => 'sure' in one && one.sure;
    if (!sure(hold) || !sure(direct)) return { ...found, rule: 'source' };
  }

  const paced = roundTrip(asked, results);
  if (paced) return { ...found, rule: 'round_trip', confirmed: true, by: paced };

  const size = ratio(asked, results.shapes('tokens × 4'));
  const time = ratio(asked, results.shapes('interval × 4'));
  const sizeSays = size && kept(size.bytes) && fell(size.events);
  // A faster clock holds nothing that is worth a word; a busy reader may look like one.
  const timeSays =
    time &&
    fell(time.events) &&
    periodMs >= limits.leastPeriodMs &&
    keepsPeriod(hold, periodMs, results.shapes('interval × 4'));
  const sizeDenies = size && size.events > 0.75 && !kept(size.bytes);
  const timeDenies = time && kept(time.events);
  if (sizeSays && !timeSays) {
    return {
      ...found,
      rule: 'size',
      confirmed: true,
      by: ['with tokens four times as large, a burst has as many bytes'],
    };
  }
  if (timeSays && !sizeSays) {
    return {
      ...found,
      rule: 'time',
      confirmed: true,
      by: ['with an interval four times as long, a burst comes as often'],
    };
  }
  if (directSmooth) found.by.push('directly the same stream comes event by event');
  if (sizeDenies && timeDenies) {
    // A number of events: an intermediary that counts, if the source does not do it.
    if (directSmooth) return { ...found, rule: 'size', confirmed: true };
    if (!('sure' in hold && hold.sure)) return { ...found, rule: 'source' };
  }
  const cleanHttp2 = smooth(results.of('HTTP/2')) && hold.kind !== 'size' && hold.kind !== 'blocks';
  if (cleanHttp2) found.by.push('over HTTP/2 it comes event by event');
  const confirmed = directSmooth || cleanHttp2;

  if (hold.kind === 'size' || (hold.kind === 'blocks' && (hold.sure || directSmooth))) {
    return { ...found, rule: 'size', confirmed };
  }
  if (hold.kind === 'time' && (hold.sure || confirmed)) {
    return { ...found, rule: 'time', confirmed };
  }
  if (hold.kind === 'regular' && confirmed) {
    return { ...found, rule: lessVaried(asked), confirmed };
  }
  if (hold.kind === 'irregular' && directSmooth && !found.upstream) {
    // Jitter on the way makes bursts too, and none of one size or period.
    const ruled = (spread: Shape['bytes']): boolean => spread.near >= 0.7 && spread.cv < 0.35;
    if (asked.every((shape) => ruled(shape.bytes) || ruled(shape.period)))
      return { ...found, rule: lessVaried(asked), confirmed: false };
  }
  return found;
}

/**
 * Size and period over all repeats together: one of few bursts that a busy machine has joined to the next
 * moves the middle of a single stream.
 */
function measures(hold: BurstHold, asked: readonly Shape[]): { bytes: number; periodMs: number } {
  const sizes = asked.flatMap((shape) => shape.interior.map((burst) => burst.bytes));
  const periods = asked.flatMap((shape) =>
    shape.interior.slice(1).map((burst, index) => burst.at - shape.interior[index]!.at),
  );
  const usualBytes = mostCommon(sizes, 0.01);
  const usualPeriod = mostCommon(periods, 0.12);
  const own =
    'bytes' in hold &&
    (hold.kind === 'blocks' ||
      sizes.length < 3 ||
      // Buffers of two sizes in turn, or several of one size in a burst, are as the hold has them.
      (hold.bytes > usualBytes &&
        sizes.filter((size) => size === hold.bytes).length >= 0.3 * sizes.length) ||
      (hold.kind === 'size' && hold.sure && usualBytes % hold.bytes === 0));
  return {
    bytes: own ? hold.bytes : Math.round(usualBytes),
    periodMs: 'periodMs' in hold && periods.length < 3 ? hold.periodMs : usualPeriod,
  };
}

/** The middle of the values around the one that has most others near it; the smallest such. */
function mostCommon(values: readonly number[], tolerance: number): number {
  let best: readonly number[] = [];
  for (const value of values.toSorted((a, b) => a - b)) {
    const near = values.filter((other) => Math.abs(other - value) <= tolerance * value);
    if (near.length > best.length) best = near;
  }
  return median(best);
}

/** Streams without any bursts to speak of. */
function smooth(streams: readonly Stream[]): boolean {
  return (
    streams.length > 0 &&
    streams.every(
      ({ hold, shape }) =>
        hold.kind === 'none' && (shape.together < 0.3 || shape.eventsPerBurst < 1.35),
    )
  );
}

/**
 * Whether slower events still come on the clock that the faster ones seemed to have. Where they are slower
 * than it, they come one by one with and without a clock, and only bursts that were regular count.
 */
function keepsPeriod(hold: BurstHold, periodMs: number, slow: readonly Shape[]): boolean {
  const beatMs = middle(slow, (shape) => shape.beatMs);
  if (beatMs >= 0.8 * periodMs) return hold.kind === 'time' || hold.kind === 'regular';
  return kept(middle(slow, (shape) => shape.period.median) / periodMs);
}

function lessVaried(shapes: readonly Shape[]): 'size' | 'time' {
  const bytes = middle(shapes, (shape) => shape.bytes.cv);
  const period = middle(shapes, (shape) => shape.period.cv);
  // A clock that waits for the next event varies little; bytes of equal events vary not at all.
  return bytes + 0.005 < period ? 'size' : 'time';
}

function alike(a: Hold, b: Hold): boolean {
  if ('bytes' in a && 'bytes' in b) return kept(a.bytes / b.bytes);
  if ('periodMs' in a && 'periodMs' in b) return kept(a.periodMs / b.periodMs);
  return a.kind === b.kind;
}

/**
 * Nagle's algorithm: a burst leaves when the one before is acknowledged, so once per round trip. A model
 * may have that period by chance, so something must stream that differs in this alone.
 *
 * @returns what showed it, in words.
 */
function roundTrip(asked: readonly Shape[], results: ProbeResults): string[] | undefined {
  const rtt = results.rttMs;
  const period = middle(asked, (shape) => shape.period.median);
  const near = middle(asked, (shape) => shape.period.near);
  const inBursts = middle(asked, (shape) => Math.min(shape.together, shape.eventsPerBurst / 2));
  if (!(near >= 0.6) || !(inBursts >= 0.8)) return undefined;
  // Nginx stops it when a connection enters keep-alive. (On a short path the peer's delayed
  // acknowledgement, 40 ms, takes the place of the round trip.)
  if (smooth(results.of('same connection')) && period <= 600) {
    return ['the second request on the same connection comes event by event'];
  }
  const onTrip = rtt !== null && rtt >= 8 && Math.abs(period / rtt - 1) <= 0.2;
  if (!onTrip) return undefined;
  if (smooth(results.of('as asked', 'direct'))) {
    return ['directly the same stream comes event by event'];
  }
  return results.hold('HTTP/2')?.kind === 'none'
    ? ['over HTTP/2 it comes event by event']
    : undefined;
}
