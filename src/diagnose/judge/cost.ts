/** What the buffering adds to the time to the first token, as users get it. */
import type { Diagnosis, VerdictKind } from '../diagnosis.ts';
import type { Shape } from '../analyse/shape.ts';
import type { ProbeName } from '../observe/observation.ts';
import type { Judgement } from './decision-table.ts';
import { middle } from './probe-results.ts';

type Cost = Diagnosis['cost'];

/** Variants that may show how soon the first token can be there, and how that is called. */
const cleanVariants: readonly (readonly [ProbeName, string])[] = [
  ['no compression', 'measured against the same request without compression'],
  ['HTTP/2', 'measured against the same request over HTTP/2'],
  ['same connection', 'measured against a second request on the same connection'],
];

/** What the direct path is earlier by is then the way, or the proxy's work, and no buffer. */
const nothingHeld = new Set<VerdictKind>([
  'streams',
  'packet_loss',
  'headers_withheld',
  'cut_when_idle',
  'cut_at_total',
]);

export function costOf({ verdict, results }: Judgement): Cost {
  // An answer out of a cache is not a stream.
  const streams = results.of('as asked').filter(({ hold }) => hold.kind !== 'few');
  const asked = streams.map(({ shape }) => shape);
  const ttft = firstOf(asked);
  if (!Number.isFinite(ttft) || verdict.kind === 'cannot_tell') return null;
  if (nothingHeld.has(verdict.kind)) return cost(ttft, 0, 'nothing is held back');
  const direct = results.of('as asked', 'direct').filter(({ hold }) => hold.kind === 'none');
  if (direct.length > 0) {
    const straight = firstOf(direct.map(({ shape }) => shape));
    if (Number.isFinite(straight)) {
      return cost(ttft, ttft - straight, 'measured against the direct path');
    }
  }
  switch (verdict.kind) {
    case 'one_event_late':
      return cost(ttft, verdict.lag_ms ?? 0, 'estimated from the pattern');
    default:
      break;
  }
  for (const [probe, method] of cleanVariants) {
    if (results.hold(probe)?.kind !== 'none') continue;
    const clean = firstOf(results.shapes(probe));
    if (Number.isFinite(clean) && clean < ttft) return cost(ttft, ttft - clean, method);
  }
  // Held without compression too, but less: what is known of that stream says when it began.
  const plain = results.shapes('no compression').filter((shape) => shape.largestShare < 0.9);
  if (verdict.kind === 'compressed_without_flush' && plain.length > 0) {
    const began = firstOf(plain) - filling(plain);
    return cost(ttft, ttft - began, 'estimated from the same request without compression');
  }
  // What comes all at once has no beat to calculate with.
  if (asked.every((shape) => shape.largestShare >= 0.9)) {
    return cost(
      ttft,
      ttft,
      'at most: the whole time, as nothing shows when the first token was there',
    );
  }
  const held = filling(asked);
  return Number.isFinite(held) ? cost(ttft, held, 'estimated from the pattern') : null;
}

/** How long the first burst was being filled: as long as its events took to be produced, ms. */
function filling(shapes: readonly Shape[]): number {
  return middle(shapes, (shape) => {
    const first = shape.bursts.find((burst) => burst.events > 0);
    return first ? Math.max(0, first.events - 1) * shape.beatMs : Number.NaN;
  });
}

function firstOf(shapes: readonly Shape[]): number {
  return middle(shapes, (shape) => shape.firstTokenMs ?? Number.NaN);
}

function cost(ttft: number, held: number, method: string): Cost {
  const tenth = (ms: number): number => Math.round(ms * 10) / 10;
  return { ttft_ms: tenth(ttft), held_ms: tenth(Math.min(ttft, Math.max(0, held))), method };
}
