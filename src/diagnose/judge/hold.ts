/**
 * How one stream was held back, by its shape alone. Pure; the thresholds and why they are what they are
 * are in docs/diagnose-method.md.
 *
 * Every rule asks for more than a model that produces its events in bursts could show by chance: a
 * missed buffer costs a second look, a false alarm costs the trust in all the others.
 */
import type { Shape } from '../analyse/shape.ts';

export type Hold =
  /** Each event as it comes, or nearly. */
  | { kind: 'none' }
  /** Bursts of equal size. `sure`: they cut events in two, as only a buffer does. */
  | { kind: 'size'; bytes: number; sure: boolean }
  /** Bursts of equal period. `sure`: the head or the number of events shows a clock. */
  | { kind: 'time'; periodMs: number; sure: boolean }
  /** Bursts of equal size and equal period, whole events in each: a buffer, a clock, or a model. */
  | { kind: 'regular'; bytes: number; periodMs: number; events: number }
  /** Two or three large bursts: too few for a period, too large for a model. */
  | { kind: 'blocks'; bytes: number; sure: boolean }
  /** Everything at the end. */
  | { kind: 'whole' }
  /** Each event's tail comes with the next event. */
  | { kind: 'tail' }
  /** In bursts without a rule. */
  | { kind: 'irregular' }
  /** Not enough to say. */
  | { kind: 'few'; why: 'events' | 'fast' };

export const limits = {
  /** Fewer events than this are not judged. */
  events: 8,
  /** An answer that is over earlier cannot be told from one that was held, ms. */
  fastMs: 250,
  /** Share of events that came with others: above `held` a stream is in bursts, below `smooth` it is not. */
  held: 0.8,
  smooth: 0.5,
  /** Share of bursts that must agree on a size or a period. */
  agree: 0.8,
  /** A burst that is smaller is not the work of a buffer, bytes. */
  leastBytes: 256,
  /** A clock that is faster holds nothing that a user would notice, ms. */
  leastPeriodMs: 40,
} as const;

export function holdOf(shape: Shape): Hold {
  if (shape.events < limits.events) return { kind: 'few', why: 'events' };
  const { bytes, period, chunk } = shape;
  if (shape.largestShare >= 0.9) {
    return shape.lastEventMs! >= limits.fastMs ? { kind: 'whole' } : { kind: 'few', why: 'fast' };
  }
  const span = shape.lastEventMs! - shape.firstEventMs!;
  if (span < limits.fastMs) return { kind: 'few', why: 'fast' };

  const inBursts = shape.together >= limits.held;
  const cut = shape.split >= 0.5 && shape.aligned < 0.5;
  // Events larger than the buffer: bursts have as many buffers as an event needs.
  if (
    chunk &&
    chunk.share >= limits.agree &&
    chunk.size >= 512 &&
    cut &&
    shape.interior.length >= 3
  ) {
    return { kind: 'size', bytes: chunk.size, sure: true };
  }
  if (inBursts && shape.interior.length < 3) {
    if (shape.eventsPerBurst < 5) return { kind: 'irregular' };
    const sizes = shape.bursts.slice(0, -1).map((burst) => burst.bytes);
    const largest = Math.max(...sizes, 0);
    const sure = shape.bursts.slice(0, -1).some((burst) => burst.events > 0 && !burst.aligned);
    return { kind: 'blocks', bytes: largest, sure };
  }
  if (shape.interior.length >= 3) {
    const sameBytes =
      bytes.near >= limits.agree &&
      bytes.median >= limits.leastBytes &&
      (inBursts || (cut && shape.eventsPerBurst >= 1.2));
    if (sameBytes && shape.aligned < 0.5) return { kind: 'size', bytes: bytes.median, sure: true };
    const several = inBursts && shape.aligned < 0.5 ? bufferSizes(shape) : undefined;
    if (several !== undefined) return { kind: 'size', bytes: several, sure: true };
    if (shape.split >= 0.7 && shape.aligned < 0.3 && shape.eventsPerBurst < 1.7) {
      return { kind: 'tail' };
    }
    const samePeriod =
      inBursts && period.near >= limits.agree && period.median >= limits.leastPeriodMs;
    if (sameBytes && likeBuffer(shape)) return { kind: 'size', bytes: bytes.median, sure: false };
    if (samePeriod && likeClock(shape)) {
      return { kind: 'time', periodMs: period.median, sure: true };
    }
    if (samePeriod && sameBytes) {
      return {
        kind: 'regular',
        bytes: bytes.median,
        periodMs: period.median,
        events: shape.eventsPerBurst,
      };
    }
    if (samePeriod) return { kind: 'time', periodMs: period.median, sure: false };
  }
  if (shape.together < limits.smooth) return { kind: 'none' };
  return inBursts ? { kind: 'irregular' } : { kind: 'none' };
}

/**
 * Buffers of more than one size, in turn (nginx uses its first buffer again): bursts that cut events, nearly
 * all of some multiple of 512 bytes. The largest that comes again.
 */
function bufferSizes({ interior }: Shape): number | undefined {
  const sizes = interior.map((burst) => burst.bytes).filter((size) => size % 512 === 0);
  if (sizes.length < limits.agree * interior.length) return undefined;
  const again = sizes.filter((size, index) => sizes.indexOf(size) !== index);
  return again.length === 0 ? undefined : Math.max(...again);
}

/**
 * Whole events, but as a buffer would have them: exactly so many bytes, a multiple of 512, or a number of
 * events that varies so that the bytes do not.
 */
function likeBuffer({ bytes, eventsCv }: Shape): boolean {
  if (bytes.cv < 0.01 && bytes.median >= 1024 && bytes.median % 512 === 0) return true;
  return eventsCv > 0.05 && eventsCv > 2 * bytes.cv;
}

/**
 * Bursts on a clock and not by a model's rhythm: the head waited for the clock too, or a round period
 * holds whatever number of events fell into it.
 */
function likeClock({ headersMs, bursts, interior, period, eventsCv }: Shape): boolean {
  const first = bursts[0];
  if (headersMs !== null && first) {
    const withFirst = first.at - headersMs <= 3;
    const onTheClock = headersMs >= 0.6 * period.median && headersMs <= 1.35 * period.median;
    if (withFirst && onTheClock) return true;
    // A head that came before the first event, and yet when the clock let it.
    if (period.median >= 150 && Math.abs(headersMs / period.median - 1) <= 0.15) return true;
  }
  const round = [100, 200, 250, 500, 1000, 2000].some(
    (one) => Math.abs(period.median - one) <= 0.04 * one,
  );
  if (!round || period.count < 6 || period.cv >= 0.06 || eventsCv < 0.1) return false;
  // One burst that was joined to another on the way makes a variation too: it must be everywhere.
  const counts = interior.map((burst) => burst.events);
  const usual = counts.toSorted((a, b) => a - b)[counts.length >> 1];
  return counts.filter((count) => count !== usual).length >= 0.3 * counts.length;
}
