/** The words of a verdict, the same in every format. */
import { components, exitOf, verdicts, type Diagnosis } from '../../diagnose/diagnosis.ts';
import type { ComponentId, Verdict, VerdictKind } from '../../diagnose/diagnosis.ts';
import { exitCodes } from '../../exit-codes.ts';
import { formatDuration, formatLong } from '../../format/duration.ts';
import { formatBytes, formatCount } from '../../format/number.ts';
import type { Tone } from '../../format/style.ts';

interface VerdictWord {
  word: string;
  tone: Tone;
}

const buffered: VerdictWord = { word: 'BUFFERED', tone: 'bad' };
const cut: VerdictWord = { word: 'CUT', tone: 'bad' };

const words: Readonly<Record<VerdictKind, VerdictWord>> = {
  streams: { word: 'STREAMS', tone: 'good' },
  buffered_by_size: buffered,
  buffered_by_time: buffered,
  paced_by_round_trip: buffered,
  compressed_without_flush: buffered,
  stored_and_forwarded: buffered,
  headers_withheld: { word: 'HELD BACK', tone: 'bad' },
  one_event_late: { word: 'HELD BACK', tone: 'bad' },
  cut_when_idle: cut,
  cut_at_total: cut,
  packet_loss: { word: 'PACKET LOSS', tone: 'caution' },
  cannot_tell: { word: 'CANNOT TELL', tone: 'neutral' },
};

/** One of a closed set of words, and the tone that goes with it. */
export function verdictWord(verdict: Verdict): VerdictWord {
  return words[verdict.kind];
}

/** Sizes up to a megabyte in full: 4,096 B is recognised, 4.10 kB is not. */
export function exactBytes(bytes: number): string {
  return bytes < 1_000_000 ? `${formatCount(bytes)} B` : formatBytes(bytes);
}

/** What the verdict says, with the number that was found where there is one. */
export function verdictTitle(verdict: Verdict): string {
  const { kind, size_bytes: size, period_ms: period, lag_ms: lag, limit_ms: limit } = verdict;
  switch (kind) {
    case 'buffered_by_size':
      return size === undefined
        ? verdicts[kind]
        : `held until a buffer of ${exactBytes(size)} is full`;
    case 'buffered_by_time':
      return period === undefined
        ? verdicts[kind]
        : `held until ${formatDuration(period)} have passed`;
    case 'paced_by_round_trip':
      return period === undefined
        ? verdicts[kind]
        : `${verdicts[kind]} (${formatDuration(period)})`;
    case 'compressed_without_flush':
      return size === undefined
        ? verdicts[kind]
        : `${verdicts[kind]} (blocks of ${exactBytes(size)})`;
    case 'headers_withheld':
    case 'one_event_late':
      return lag === undefined ? verdicts[kind] : `${verdicts[kind]} (${formatDuration(lag)})`;
    case 'cut_when_idle':
      return limit === undefined
        ? verdicts[kind]
        : `cut when nothing was sent for ${formatLong(limit)}`;
    case 'cut_at_total':
      return limit === undefined
        ? verdicts[kind]
        : `cut ${formatLong(limit)} after its start, busy or not`;
    default:
      return verdicts[kind];
  }
}

export function componentName(id: ComponentId): string {
  return components[id];
}

/** What the process exits with for this verdict, in a clause. */
export function exitText(diagnosis: Diagnosis): string {
  return `exit code ${exitCodes[exitOf(diagnosis.verdict.kind)].code}`;
}

/** `14 requests in 38 s of at most 60 s`, and whether that was all that was planned. */
export function spentText({ spent }: Diagnosis): string {
  const partial = spent.partial ? ', ended before all probes were made' : '';
  return `${formatCount(spent.requests)} request${spent.requests === 1 ? '' : 's'} in ${formatDuration(spent.seconds * 1000)} of at most ${formatLong(spent.budget_seconds * 1000)}${partial}`;
}

/** How much of the time to first token is the buffering, in a sentence. */
export function costText(cost: NonNullable<Diagnosis['cost']>): string {
  if (cost.held_ms === 0) {
    return `First token after ${formatDuration(cost.ttft_ms)}; nothing of it is buffering.`;
  }
  const share = cost.ttft_ms > 0 ? Math.min(1, Math.max(0, cost.held_ms / cost.ttft_ms)) : 0;
  return `First token after ${formatDuration(cost.ttft_ms)}; ${formatDuration(cost.held_ms)} of it (${Math.round(share * 100)} %) is the buffering, ${cost.method}.`;
}
