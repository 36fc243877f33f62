/** Streams that something on the way ended: when nothing had come for a time, or a time after their start. */
import { median } from '../analyse/statistics.ts';
import type { Observation } from '../observe/observation.ts';

export interface Cut {
  how: 'idle' | 'total' | 'unclear';
  limitMs: number;
  /** How many streams show it. */
  seen: number;
  /** Whether it ended with an answer that the gateway made (504) instead of a broken stream. */
  status: number | null;
  /** Whether a comparison confirmed it: silences alike while totals differ, or a heartbeat that helped. */
  confirmed: boolean;
}

/** No time-out is as short as a shorter silence, ms. */
const leastIdleMs = 500;
const gatewayTimeouts = new Set([504, 524, 408]);

interface Broken {
  silenceMs: number;
  totalMs: number;
  beatMs: number;
  status: number | null;
}

/** What broke off without its proper end, where it did. */
function brokenOf(observation: Observation): Broken | undefined {
  const { end, status, headersMs, endedMs, events } = observation;
  if (status !== null && gatewayTimeouts.has(status) && headersMs !== null && headersMs > 900) {
    return { silenceMs: headersMs, totalMs: headersMs, beatMs: Number.NaN, status };
  }
  if (endedMs === null || status === null || status >= 400) return undefined;
  const broken =
    end === 'cut' ||
    end === 'reset' ||
    // A body that ends with its connection shows no cut; a dialect that knows its last event does.
    (end === 'complete' && observation.terminal === false && events.length > 0);
  if (!broken) return undefined;
  const lastMs = observation.reads.at(-1)?.at ?? headersMs ?? 0;
  const beatMs =
    events.length < 2 ? Number.NaN : (events.at(-1)!.at - events[0]!.at) / events.length;
  return { silenceMs: endedMs - lastMs, totalMs: endedMs, beatMs, status: null };
}

function alike(values: readonly number[], slackMs: number): boolean {
  const middle = median(values);
  return values.every((value) => Math.abs(value - middle) <= Math.max(slackMs, middle * 0.1));
}

/** Nginx sets a timer again only where that moves it by more than 300 ms, so that it may be so much early. */
const idleSlackMs = 320;
const totalSlackMs = 150;

/** Undefined where no stream broke off. */
export function cutOf(observations: readonly Observation[]): Cut | undefined {
  const broken = observations.flatMap((observation) => brokenOf(observation) ?? []);
  if (broken.length === 0) return undefined;
  const silences = broken.map((one) => one.silenceMs);
  const totals = broken.map((one) => one.totalMs);
  const status = broken.find((one) => one.status !== null)?.status ?? null;
  const seen = broken.length;
  const silent = broken.every(
    ({ silenceMs, beatMs }) => silenceMs >= leastIdleMs && !(silenceMs < 4 * beatMs),
  );
  const helped = observations.some(
    ({ probe, end }) => probe === 'silence with heartbeat' && end === 'complete',
  );
  if (silent && alike(silences, idleSlackMs)) {
    const differ = seen >= 2 && !alike(totals, totalSlackMs);
    return {
      how: 'idle',
      limitMs: median(silences),
      seen,
      status,
      confirmed: differ || helped,
    };
  }
  if (seen >= 2 && alike(totals, totalSlackMs) && median(totals) >= leastIdleMs) {
    return { how: 'total', limitMs: median(totals), seen, status, confirmed: seen >= 3 };
  }
  return { how: 'unclear', limitMs: median(totals), seen, status, confirmed: false };
}
