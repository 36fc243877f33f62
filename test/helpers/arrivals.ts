/** Observations written down instead of made: what a source produces, and what a path makes of it. */
import type { Observation } from '../../src/diagnose/observe/observation.ts';
import { seededRng, type Rng } from '../../src/random/rng.ts';

/** One event as it leaves its source. */
export interface Produced {
  at: number;
  size: number;
}

/** Bytes that leave together, ms. */
export interface Sent {
  at: number;
  bytes: number;
}

export interface SourceShape {
  events?: number;
  beat?: number;
  size?: number;
  /** Share by which sizes differ. */
  vary?: number;
  /** When the first is produced, ms. */
  first?: number;
  seed?: string;
  /** Gap before each event but the first, in place of the beat. */
  gap?: (rng: Rng, index: number) => number;
}

export function produce(shape: SourceShape = {}): Produced[] {
  const { events = 100, beat = 20, size = 220, vary = 0.2, first = 60, seed = 'source' } = shape;
  const rng = seededRng(seed);
  let at = first;
  return Array.from({ length: events }, (_, index) => {
    if (index > 0) at += shape.gap ? shape.gap(rng, index) : beat;
    return { at, size: Math.round(size * (1 + vary * (2 * rng() - 1))) };
  });
}

const total = (events: readonly Produced[]): number =>
  events.reduce((sum, event) => sum + event.size, 0);
export const endOf = (events: readonly Produced[]): number => events.at(-1)!.at;

/** What a path does: from production to reads. */
export const paths = {
  clean: (events: readonly Produced[]): Sent[] =>
    events.map(({ at, size }) => ({ at: at + 1, bytes: size })),

  /** Forwards exactly so many bytes; the first buffer holds a head too. */
  size:
    (bytes: number, headBytes = 200) =>
    (events: readonly Produced[]): Sent[] => {
      const sent: Sent[] = [];
      let room = bytes - headBytes;
      let held = 0;
      for (const { at, size } of events) {
        held += size;
        while (held >= room) {
          sent.push({ at: at + 1, bytes: room });
          held -= room;
          room = bytes;
        }
      }
      if (held > 0) sent.push({ at: endOf(events) + 2, bytes: held });
      return sent;
    },

  /** Forwards all when so long has passed since the first byte that it holds. */
  time:
    (period: number) =>
    (events: readonly Produced[]): Sent[] => {
      const sent: Sent[] = [];
      let held = 0;
      let due = 0;
      for (const { at, size } of events) {
        if (held > 0 && at >= due) {
          sent.push({ at: due, bytes: held });
          held = 0;
        }
        if (held === 0) due = at + period;
        held += size;
      }
      sent.push({ at: Math.min(due, endOf(events) + 1), bytes: held });
      return sent;
    },

  /** Nagle: what is small waits for the acknowledgement of what is under way. */
  nagle:
    (rtt: number) =>
    (events: readonly Produced[]): Sent[] => {
      const sent: Sent[] = [];
      let held = 0;
      let acknowledged = 0;
      const release = (until: number): void => {
        while (held > 0 && acknowledged <= until) {
          sent.push({ at: acknowledged + rtt / 2, bytes: held });
          held = 0;
          acknowledged += rtt;
        }
      };
      for (const { at, size } of events) {
        release(at);
        held += size;
        acknowledged = Math.max(acknowledged, at);
        release(at);
      }
      release(Infinity);
      return sent;
    },

  whole: (events: readonly Produced[]): Sent[] => [{ at: endOf(events) + 1, bytes: total(events) }],

  /** The last so many bytes of each event wait for the next one. */
  tails:
    (bytes: number) =>
    (events: readonly Produced[]): Sent[] => {
      const sent: Sent[] = [];
      for (const [index, { at, size }] of events.entries()) {
        const kept = Math.min(bytes, size - 1);
        sent.push({ at: at + 1, bytes: size - kept + (index > 0 ? bytes : 0) });
      }
      sent.push({ at: endOf(events) + 20, bytes });
      return sent;
    },

  late: (events: readonly Produced[]): Sent[] =>
    events.map(({ size }, index) => ({
      at: (events[index + 1]?.at ?? endOf(events)) + 1,
      bytes: size,
    })),

  /** A lost packet is there a round trip and an event later, and so is all behind it. */
  loss:
    (share: number, rtt: number, seed = 'loss') =>
    (events: readonly Produced[]): Sent[] => {
      const rng = seededRng(seed);
      let blocked = 0;
      return events.map(({ at, size }, index) => {
        const next = events[index + 1]?.at ?? at + 20;
        if (rng() < share) blocked = Math.max(blocked, next + rtt);
        return { at: Math.max(at + rtt / 2, blocked + rtt / 2), bytes: size };
      });
    },

  /** Each is delayed by its own, and none overtakes another. */
  jitter:
    (most: number, seed = 'jitter') =>
    (events: readonly Produced[]): Sent[] => {
      const rng = seededRng(seed);
      let last = 0;
      return events.map(({ at, size }) => {
        last = Math.max(last, at + most * rng());
        return { at: last, bytes: size };
      });
    },
  /** A client that stands still now and then, and reads all that came meanwhile in one go. */
  busy: (share: number, longest: number, seed = 'busy') => {
    const rng = seededRng(seed);
    const stills: { from: number; to: number }[] = [];
    for (let at = 0; at < 60_000; at += 10) {
      if (rng() < share * (20 / longest)) stills.push({ from: at, to: at + longest * rng() });
    }
    return (sent: readonly Sent[]): Sent[] => {
      let last = 0;
      return sent.map(({ at, bytes }) => {
        const still = stills.find(({ from, to }) => at >= from && at < to);
        last = Math.max(last, still ? still.to : at);
        return { at: last, bytes };
      });
    };
  },
} as const;

type Parts = Partial<Omit<Observation, 'headers'>> & { headers?: Record<string, string> };

/** What a probe would have seen of these bytes; `reads` join what is sent at the same moment. */
export function observed(
  events: readonly Produced[],
  sent: readonly Sent[],
  parts: Parts = {},
): Observation {
  const reads: { at: number; bytes: number; events: number }[] = [];
  for (const { at, bytes } of sent) {
    if (bytes === 0) continue;
    const last = reads.at(-1);
    if (last && at - last.at < 0.05) last.bytes += bytes;
    else reads.push({ at, bytes, events: 0 });
  }
  const ends: number[] = [];
  let sum = 0;
  for (const read of reads) ends.push((sum += read.bytes));
  const readOf = (offset: number): number => ends.findIndex((end) => end > offset);
  let offset = 0;
  const seen = events.flatMap(({ size }) => {
    const firstRead = readOf(offset);
    const read = readOf(offset + size - 1);
    offset += size;
    if (read < 0) return [];
    reads[read]!.events += 1;
    return [{ at: reads[read]!.at, read, firstRead, size, token: true }];
  });
  const { headers, ...rest } = parts;
  return {
    probe: 'as asked',
    path: 'url',
    repeat: 0,
    toggles: [],
    status: 200,
    statusText: 'OK',
    httpVersion: '1.1',
    headers: Object.entries({ 'content-type': 'text/event-stream', ...headers }),
    framing: 'chunked',
    connectMs: 0.2,
    headersMs: 2,
    reads,
    chunkSizes: [],
    events: seen,
    comments: 0,
    terminal: null,
    endedMs: (reads.at(-1)?.at ?? 0) + 20,
    end: 'complete',
    detail: '',
    reused: false,
    processPauses: [],
    bodyStart: 'data: ',
    decodeProblem: '',
    ...rest,
  };
}

/** A source behind a path, seen so many times; each repeat is a separate stream. */
export function repeats(
  path: (events: readonly Produced[]) => Sent[],
  source: SourceShape = {},
  parts: Parts = {},
  count = 2,
): Observation[] {
  return Array.from({ length: count }, (_, repeat) => {
    const events = produce({ ...source, seed: `${source.seed ?? 'source'}/${repeat}` });
    return observed(events, path(events), { repeat, ...parts });
  });
}
