/**
 * The shape of one stream's arrivals, in numbers: what the rules in judge/ decide by. Pure; nothing
 * here knows a proxy.
 */
import { headerOf, encodingOf, type Observation } from '../observe/observation.ts';
import { beatOf, burstsOf, burstThreshold, type Burst } from './bursts.ts';
import { stallsOf, type Stalls } from './stalls.ts';
import { mean, spreadOf, type Spread } from './statistics.ts';

export interface Shape {
  events: number;
  /** Null where nothing came. */
  headersMs: number | null;
  firstEventMs: number | null;
  /** The first that carries generated output. */
  firstTokenMs: number | null;
  lastEventMs: number | null;
  lastTokenMs: number | null;
  endedMs: number | null;
  complete: boolean;
  /** Mean time between events, ms; NaN for fewer than two. */
  beatMs: number;
  thresholdMs: number;
  bursts: readonly Burst[];
  /** Without the first, from which a proxy's head is taken, and the last, which holds the rest. */
  interior: readonly Burst[];
  /** Mean events of a burst that completes any. */
  eventsPerBurst: number;
  /** Variation of the events of interior bursts. */
  eventsCv: number;
  /** Share of events that came together with another one. */
  together: number;
  /** Share of events cut in two by the end of a burst. */
  split: number;
  /** Share of interior bursts that end where an event ends. */
  aligned: number;
  bytes: Spread;
  period: Spread;
  /** The most common HTTP chunk size and the share of chunks (the last excepted) that have it. */
  chunk: { size: number; share: number } | null;
  /** Share of all events that came in the largest burst. */
  largestShare: number;
  /** Variation of event sizes. */
  sizeCv: number;
  encoding: string;
  stalls: Stalls;
}

const byteTolerance = 0.05;
const timeTolerance = 0.12;

/** The most common value and its share. */
function mode(values: readonly number[]): { size: number; share: number } | null {
  if (values.length < 3) return null;
  const counts = new Map<number, number>();
  // The first buffer also held a head, and the last what was left.
  const inner = values.slice(1, -1);
  for (const value of inner) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [size, count] = [...counts].sort((a, b) => b[1] - a[1])[0]!;
  return { size, share: count / inner.length };
}

export function shapeOf(observation: Observation): Shape {
  const { reads, events } = observation;
  const tokens = events.filter((event) => event.token);
  // Between tokens, where there are any: a role or a usage event has another beat.
  const beatMs = beatOf(tokens.length >= 2 ? tokens : events);
  const thresholdMs = burstThreshold(beatMs);
  const { bursts, burstOfRead } = burstsOf(reads, events, thresholdMs);
  const interior = bursts.slice(1, -1);
  const full = bursts.filter((burst) => burst.events > 0);
  const inner = interior.filter((burst) => burst.events > 0);
  const periods = bursts.slice(2, -1).map((burst, index) => burst.at - bursts[index + 1]!.at);
  const split = events.filter((event) => burstOfRead[event.read] !== burstOfRead[event.firstRead]);
  const together = full.reduce((sum, burst) => sum + (burst.events > 1 ? burst.events : 0), 0);
  const largest = full.reduce((most, burst) => Math.max(most, burst.events), 0);
  return {
    events: events.length,
    headersMs: observation.headersMs,
    firstEventMs: events[0]?.at ?? null,
    firstTokenMs: tokens[0]?.at ?? null,
    lastEventMs: events.at(-1)?.at ?? null,
    lastTokenMs: tokens.at(-1)?.at ?? null,
    endedMs: observation.endedMs,
    complete: observation.end === 'complete',
    beatMs,
    thresholdMs,
    bursts,
    interior,
    eventsPerBurst: full.length === 0 ? 0 : mean(full.map((burst) => burst.events)),
    eventsCv: spreadOf(
      inner.map((burst) => burst.events),
      0.1,
    ).cv,
    together: events.length === 0 ? 0 : together / events.length,
    split: events.length === 0 ? 0 : split.length / events.length,
    aligned:
      interior.length === 0
        ? 1
        : interior.filter((burst) => burst.aligned).length / interior.length,
    bytes: spreadOf(
      interior.map((burst) => burst.bytes),
      byteTolerance,
    ),
    period: spreadOf(periods, timeTolerance),
    chunk: mode(observation.chunkSizes),
    largestShare: events.length === 0 ? 0 : largest / events.length,
    sizeCv: spreadOf(
      events.map((event) => event.size),
      byteTolerance,
    ).cv,
    encoding: encodingOf(observation),
    stalls: stallsOf(observation, beatMs, thresholdMs),
  };
}

/** Whether the target lets a request set its timing, as the bundled mock does. */
export function takesTiming(observation: Pick<Observation, 'headers'>): boolean {
  return headerOf(observation, 'x-streamgauge-timing') === 'accepted';
}
