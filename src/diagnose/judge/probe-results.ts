/** The observations of one diagnosis, sorted for the rules. */
import { shapeOf, type Shape } from '../analyse/shape.ts';
import type { Observation, PathName, ProbeName } from '../observe/observation.ts';
import { holdOf, type Hold } from './hold.ts';
import { unusableBy } from './usable.ts';

/** One usable stream with what it looks like. */
export interface Stream {
  observation: Observation;
  shape: Shape;
  hold: Hold;
}

export class ProbeResults {
  readonly all: readonly Observation[];
  private readonly streams: readonly Stream[];

  constructor(all: readonly Observation[]) {
    this.all = all;
    this.streams = all
      .filter((one) => one.status !== null && !unusableBy(one))
      .map((observation) => {
        const shape = shapeOf(observation);
        return { observation, shape, hold: holdOf(shape) };
      });
  }

  of(probe: ProbeName, path: PathName = 'url'): readonly Stream[] {
    return this.streams.filter(
      ({ observation }) => observation.probe === probe && observation.path === path,
    );
  }

  shapes(probe: ProbeName, path: PathName = 'url'): readonly Shape[] {
    return this.of(probe, path).map(({ shape }) => shape);
  }

  /** How the repeats of a probe were held, on the whole; undefined where there is none. */
  hold(probe: ProbeName, path: PathName = 'url'): Hold | undefined {
    return consensus(this.of(probe, path).map(({ hold }) => hold));
  }

  stream(observation: Observation): Stream | undefined {
    return this.streams.find((one) => one.observation === observation);
  }

  /**
   * One round trip, ms: the smallest handshake. Where something nearby answers that (a relay), what
   * the first answer of a connection takes longer than the next one shows it.
   */
  get rttMs(): number | null {
    const url = this.all.filter(({ path }) => path === 'url');
    const times = url.flatMap(({ connectMs }) => connectMs ?? []);
    if (times.length === 0) return null;
    const heads = (probe: ProbeName): number =>
      Math.min(...url.filter((one) => one.probe === probe).flatMap((one) => one.headersMs ?? []));
    const longer = heads('as asked') - heads('same connection');
    return Math.max(Math.min(...times), Number.isFinite(longer) ? longer : 0);
  }
}

const strength: readonly Hold['kind'][] = [
  'size',
  'time',
  'whole',
  'tail',
  'blocks',
  'regular',
  'irregular',
  'none',
  'few',
];
const bursty = new Set<Hold['kind']>(['size', 'time', 'blocks', 'regular', 'irregular']);

/**
 * One answer for several repeats. A stream that was smooth once is not held by a rule: two in three must
 * be held for that. Repeats that are held by different rules are held without one, unless one rule is sure.
 */
export function consensus(holds: readonly Hold[]): Hold | undefined {
  const judged = holds.filter(({ kind }) => kind !== 'few');
  if (judged.length === 0) return holds[0];
  const smooth = judged.filter(({ kind }) => kind === 'none').length;
  if (smooth > 0 && smooth >= judged.length / 3) return { kind: 'none' };
  const kinds = [...new Set(judged.map(({ kind }) => kind))];
  const count = (kind: Hold['kind']): number => judged.filter((hold) => hold.kind === kind).length;
  const best = kinds.sort(
    (a, b) => count(b) - count(a) || strength.indexOf(a) - strength.indexOf(b),
  )[0]!;
  if (count(best) >= (judged.length * 2) / 3) return strongest(judged, best);
  if (judged.every(({ kind }) => bursty.has(kind))) {
    const sure = judged.find((hold) => 'sure' in hold && hold.sure);
    return sure ?? { kind: 'irregular' };
  }
  return strongest(judged, best);
}

/** The middle one of its kind, a sure one where there is one. */
function strongest(holds: readonly Hold[], kind: Hold['kind']): Hold {
  const same = holds.filter((hold) => hold.kind === kind);
  const sure = same.filter((hold) => 'sure' in hold && hold.sure);
  const pool = sure.length > 0 ? sure : same;
  return pool.toSorted((a, b) => sizeIn(a) - sizeIn(b))[Math.floor((pool.length - 1) / 2)]!;
}

const sizeIn = (hold: Hold): number =>
  'bytes' in hold ? hold.bytes : 'periodMs' in hold ? hold.periodMs : 0;

/** The middle value of a number of several shapes; NaN where there is none. */
export function middle(shapes: readonly Shape[], of: (shape: Shape) => number): number {
  const values = shapes
    .map(of)
    .filter((value) => Number.isFinite(value))
    .sort((a, b) => a - b);
  return values[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
}

/** The streams of both lists that are repeats of each other. */
export function pairs(a: readonly Stream[], b: readonly Stream[]): [Stream, Stream][] {
  return a.flatMap((one) => {
    const other = b.find(({ observation }) => observation.repeat === one.observation.repeat);
    return other ? [[one, other] as [Stream, Stream]] : [];
  });
}
