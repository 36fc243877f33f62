/** The probes: what each changes about the request as asked, and when it makes sense. */
import type { HttpVersion } from '../probe/probe.ts';
import type { Observation, PathName, ProbeName } from '../observe/observation.ts';

/** Asked of a target that takes it, in the header `x-streamgauge-timing`. */
export interface TimingAsk {
  itl?: string;
  itl_times?: number;
  token_bytes?: string;
  tokens?: number;
  pause?: { after: number; length: string };
  heartbeat?: string;
}

/** One probe to be made. */
export interface ProbePlan {
  probe: ProbeName;
  path: PathName;
  repeat: number;
  /** In words, for the user. */
  toggles: string[];
  httpVersion: HttpVersion;
  /** `Accept-Encoding: identity` instead of what clients usually send. */
  identity: boolean;
  method: string | undefined;
  timing: TimingAsk | undefined;
  /** On the connection that has carried a request before. */
  reuse: boolean;
}

export function plainProbe(path: PathName, repeat: number): ProbePlan {
  return {
    probe: 'as asked',
    path,
    repeat,
    toggles: path === 'direct' ? ['direct'] : [],
    httpVersion: '1.1',
    identity: false,
    method: undefined,
    timing: undefined,
    reuse: false,
  };
}

export interface ToggleFacts {
  /** The first answer. */
  first: Observation;
  events: number;
  /** Median size of its events, bytes. */
  eventBytes: number;
  takesTiming: boolean;
  compressed: boolean;
  hasDirect: boolean;
  otherMethods: readonly string[];
  secure: boolean;
}

/** A probe, and how much it can decide: high ones are made first when time is short. */
export interface Toggle {
  weight: number;
  plan(repeat: number): ProbePlan;
}

/** An answer with fewer events is asked for longer where that is possible. */
const fewEvents = 60;

/** Every toggle that applies, with what it changes. */
export function togglesFor(facts: ToggleFacts): Toggle[] {
  const toggles: Toggle[] = [];
  const add = (
    weight: number,
    probe: ProbeName,
    text: string,
    change: Partial<ProbePlan>,
  ): void => {
    toggles.push({
      weight,
      plan: (repeat) => ({ ...plainProbe('url', repeat), probe, toggles: [text], ...change }),
    });
  };
  if (facts.hasDirect) toggles.push({ weight: 10, plan: (repeat) => plainProbe('direct', repeat) });
  if (facts.compressed) add(9, 'no compression', 'Accept-Encoding: identity', { identity: true });
  if (facts.takesTiming) {
    add(8, 'interval × 4', 'four times the time between events', { timing: { itl_times: 4 } });
    add(7, 'tokens × 4', 'events four times as large', {
      timing: {
        token_bytes: `${Math.max(8, Math.round(3 * facts.eventBytes))}B`,
        // A short answer may never have filled the buffer.
        ...(facts.events < fewEvents ? { tokens: fewEvents } : {}),
      },
    });
  }
  add(6, 'same connection', 'second request on the same connection', { reuse: true });
  add(5, 'HTTP/2', facts.secure ? 'HTTP/2' : 'HTTP/2 in clear text', { httpVersion: '2' });
  for (const method of facts.otherMethods) add(4, 'other method', method, { method });
  add(3, 'HTTP/1.0', 'HTTP/1.0', { httpVersion: '1.0' });
  return toggles;
}

/** Silences to find the idle limit, s: about the known ones, as far as there is time for them. */
const silences = [1, 2, 5, 10, 16, 20, 31, 46, 56, 61, 101, 121];

/** Silences and one long stream, all to be made at the same time. */
export function silenceProbes(leftMs: number): ProbePlan[] {
  const plans = silences
    .filter((seconds) => seconds * 1000 + 1500 <= leftMs)
    .map((seconds, index): ProbePlan => {
      const timing = { tokens: 10, itl: '20ms', pause: { after: 5, length: `${seconds}s` } };
      const toggles = [`${seconds} s of silence`];
      return { ...plainProbe('url', index), probe: 'silence', toggles, timing };
    });
  const longest = Math.floor((leftMs - 1500) / 1000);
  if (plans.length === 0 || longest < 4) return plans;
  // Never silent for long: what ends it is a limit on the whole.
  const timing = { tokens: longest * 4, itl: '250ms' };
  return [
    ...plans,
    { ...plainProbe('url', 0), probe: 'long stream', toggles: [`${longest} s long`], timing },
  ];
}

/** The silence that was cut, with comments in it. */
export function heartbeatProbe(limitMs: number, repeat: number): ProbePlan {
  const seconds = Math.ceil((limitMs / 1000) * 1.5 + 0.5);
  const beat = `${Math.max(50, Math.round(limitMs / 4))}ms`;
  return {
    ...plainProbe('url', repeat),
    probe: 'silence with heartbeat',
    toggles: [`${seconds} s of silence with a comment every ${beat}`],
    timing: {
      tokens: 10,
      itl: '20ms',
      pause: { after: 5, length: `${seconds}s` },
      heartbeat: beat,
    },
  };
}
