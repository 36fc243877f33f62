/** The verdict in words: a summary in a sentence or two, and the few numbers that carry it. */
import type { Evidence } from '../diagnosis.ts';
import type { Shape } from '../analyse/shape.ts';
import { formatDuration } from '../../format/duration.ts';
import { formatCount, formatShare } from '../../format/number.ts';
import { delaysOf } from './delays.ts';
import type { Hold } from './hold.ts';
import type { Judgement } from './decision-table.ts';
import { middle, type ProbeResults } from './probe-results.ts';

const bytesText = (bytes: number): string => `${formatCount(bytes)} B`;
const oneDigit = (value: number): string =>
  value >= 9.95 ? formatCount(value) : String(Number(value.toFixed(1)));

const countOf = (events: number): string =>
  oneDigit(events) === '1' ? '1 event' : `${oneDigit(events)} events`;

export function summaryOf({ verdict, reason, results }: Judgement): string {
  const asked = results.shapes('as asked');
  switch (reason.kind) {
    case 'unusable':
      return [reason.what.summary, reason.what.hint]
        .filter((text) => text !== '')
        .map(sentence)
        .join(' ');
    case 'few':
      return reason.why === 'events'
        ? `Only ${reason.events} ${reason.events === 1 ? 'event' : 'events'} came: too few to judge. A longer answer shows more.`
        : 'The whole answer came within a moment: a stream that short cannot be told from one that was held. A longer answer shows more.';
    case 'cut': {
      const { how, limitMs, seen: count, status } = reason.cut;
      const limit = formatDuration(limitMs);
      if (status !== null) {
        return `A gateway gave up after ${limit} without an answer and sent its own ${status}.`;
      }
      if (how === 'idle') {
        return `The stream is cut when nothing has come for ${limit}; the client sees it break off.`;
      }
      return how === 'total'
        ? `The stream is cut ${limit} after its start, whether or not events are coming.`
        : `${count} ${count === 1 ? 'stream' : 'streams'} broke off before the end, after ${limit} and without a pattern: it cannot be told who ended ${count === 1 ? 'it' : 'them'}.`;
    }
    case 'compression':
      return `The answer is compressed (${asked[0]?.encoding ?? ''}) and the compressor is not flushed, so events wait inside it. ${
        reason.by === 'identity'
          ? reason.plain?.kind === 'none'
            ? 'Asked without compression, the same stream comes event by event.'
            : reason.plain?.kind === 'whole'
              ? 'Asked without compression it arrives complete at its end too: it is compressed anyway, and unpacked again.'
              : `Without compression it is held too, but less: ${holdWords(reason.plain)}.`
          : 'It was not seen without compression.'
      }`;
    case 'rule': {
      const { found } = reason;
      const bursts = burstWords(asked);
      const where = found.upstream
        ? ' The direct path shows the same: it is not what stands between, but the application or something behind it.'
        : '';
      switch (verdict.kind) {
        case 'buffered_by_size':
          return `The stream is held in a buffer of ${bytesText(verdict.size_bytes!)} and comes when that is full: ${bursts}.${where}`;
        case 'buffered_by_time':
          return `The stream is held and released every ${formatDuration(verdict.period_ms!)}: ${bursts}.${where}`;
        case 'paced_by_round_trip':
          return `Small packets wait for the acknowledgement of the ones before (Nagle's algorithm), so events come once per round trip: ${bursts}.`;
        default:
          return `Events come in regular bursts (${bursts}), and nothing tells whether a buffer, a clock or the model makes them. With --direct URL, the same without what stands between, it can be told.`;
      }
    }
    case 'whole':
      return reason.upstream
        ? 'The whole answer comes all together at its end, and directly too: the application, or something behind it, does not stream.'
        : `The whole answer (${bytesText(reason.bytes)}) comes all together at its end${reason.bytes > 0 && reason.bytes < 4000 ? '; a buffer of any size above that would do so too' : ''}.`;
    case 'lag': {
      const { lag } = reason;
      const how = {
        tails: 'the end of each event comes with the start of the next',
        interval: 'with slower events even the first one is later',
        direct: 'every event comes that much later than directly',
      }[lag.by];
      return `Each event waits for the next one, ${formatDuration(lag.lagMs)} here: ${how}.`;
    }
    case 'headers':
      return `The events stream, but the response headers come only with the first of them, after ${formatDuration(reason.laterMs)}.`;
    case 'loss':
      return `The stream keeps its beat but for pauses of about ${formatDuration(reason.loss.medianMs)}, each made up for immediately: packets are lost and sent again. No proxy does this.`;
    case 'smooth':
      return `Events arrive as they are produced: ${eventWords(asked)}.`;
    case 'source':
      return `Events come about ${oneDigit(reason.events)} at a time, and the path leaves them so: the source of the events does that.`;
    case 'irregular':
      return 'Events come in bursts of no fixed size or period, as a model or a jittery network makes them; no buffer is to be seen.';
  }
}

function sentence(text: string): string {
  const upper = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(upper) ? upper : `${upper}.`;
}

function burstWords(shapes: readonly Shape[]): string {
  const events = middle(shapes, (shape) => shape.eventsPerBurst);
  const period = middle(shapes, (shape) => shape.period.median);
  const every = Number.isFinite(period) ? ` every ${formatDuration(period)}` : ' at a time';
  return `${countOf(events)}${every}`;
}

function eventWords(shapes: readonly Shape[]): string {
  const beat = middle(shapes, (shape) => shape.beatMs);
  const together = middle(shapes, (shape) => shape.together);
  return `one about every ${formatDuration(beat)}, ${formatShare(together)} of them together with another`;
}

/** How a stream was held, in a clause. */
export function holdWords(hold: Hold | undefined): string {
  switch (hold?.kind) {
    case undefined:
      return '';
    case 'none':
      return 'event by event';
    case 'size':
      return `bursts of ${bytesText(hold.bytes)}`;
    case 'time':
      return `a burst every ${formatDuration(hold.periodMs)}`;
    case 'regular':
      return `${oneDigit(hold.events)} events every ${formatDuration(hold.periodMs)}`;
    case 'blocks':
      return `a few blocks of up to ${bytesText(hold.bytes)}`;
    case 'whole':
      return 'everything at the end';
    case 'tail':
      return 'the end of each event with the next one';
    case 'irregular':
      return 'irregular bursts';
    case 'few':
      return hold.why === 'events' ? 'too few events to judge' : 'too short to judge';
  }
}

const spread = (text: string, cv: number): string =>
  Number.isFinite(cv) ? `${text} ± ${formatShare(cv)}` : text;

/** Two to four numbers, the strongest first. */
export function evidenceOf(judgement: Judgement): Evidence[] {
  const { reason, results, verdict } = judgement;
  const asked = results.shapes('as asked');
  const evidence: Evidence[] = [];
  const add = (name: string, value: string, means: string): void => {
    evidence.push({ name, value, means });
  };
  const bytes = middle(asked, (shape) => shape.bytes.median);
  const bytesCv = middle(asked, (shape) => shape.bytes.cv);
  const period = middle(asked, (shape) => shape.period.median);
  const periodCv = middle(asked, (shape) => shape.period.cv);
  const chunk = asked.find((shape) => shape.chunk)?.chunk;
  const perBurst = middle(asked, (shape) => shape.eventsPerBurst);

  switch (reason.kind) {
    case 'unusable':
    case 'few':
      return [];
    case 'rule': {
      const sized = verdict.kind === 'buffered_by_size';
      if (Number.isFinite(bytes)) {
        add(
          'bytes per burst',
          spread(bytesText(bytes), bytesCv),
          sized ? 'a buffer of fixed size fills' : 'as many as were produced meanwhile',
        );
      }
      if (Number.isFinite(period)) {
        add(
          'time between bursts',
          spread(formatDuration(period), periodCv),
          sized ? 'as long as it takes to fill it' : 'a clock, or a round trip, sets the pace',
        );
        if (!sized) evidence.reverse();
      }
      if (sized && chunk && chunk.share >= 0.6) {
        add(
          'HTTP chunk size',
          `0x${chunk.size.toString(16)} in ${formatShare(chunk.share)} of chunks`,
          'written in buffers, not in events',
        );
      }
      break;
    }
    case 'compression': {
      const encoding = asked[0]?.encoding ?? '';
      add('content-encoding', encoding, 'events pass through a compressor');
      break;
    }
    case 'whole':
      add(
        'events in one burst',
        formatShare(middle(asked, (shape) => shape.largestShare)),
        'nothing came before the end',
      );
      break;
    case 'cut':
      add(
        reason.cut.how === 'idle' ? 'silence before the cut' : 'time to the cut',
        formatDuration(reason.cut.limitMs),
        `seen ${reason.cut.seen === 1 ? 'once' : `${reason.cut.seen} times`}`,
      );
      break;
    case 'lag':
      add(
        'lag',
        formatDuration(reason.lag.lagMs),
        `one event, as they come every ${formatDuration(middle(asked, (shape) => shape.beatMs))}`,
      );
      break;
    case 'headers':
      add(
        'headers',
        `after ${formatDuration(reason.laterMs)}`,
        'together with the first event, not before',
      );
      break;
    case 'loss':
      add(
        'pauses made up for',
        `${reason.loss.stalls}, ${formatShare(reason.loss.rate)} of events`,
        'a lost packet holds what is behind it until it is sent again',
      );
      add(
        'length of a pause',
        formatDuration(reason.loss.medianMs),
        reason.loss.expectedMs === null
          ? 'the time to notice and send again'
          : `a round trip and the next event would be ${formatDuration(reason.loss.expectedMs)}`,
      );
      break;
    case 'smooth':
    case 'source':
    case 'irregular':
      add('events per burst', oneDigit(perBurst), 'how many came together');
      if (Number.isFinite(bytesCv) && reason.kind === 'irregular') {
        add(
          'variation of bursts',
          `bytes ${formatShare(bytesCv)}, period ${formatShare(periodCv)}`,
          'a buffer keeps one of them',
        );
      }
      break;
  }
  // The pattern first, then what confirms it, then the rest of the pattern.
  evidence.splice(1, 0, ...comparisons(judgement));
  return evidence.slice(0, 4);
}

/** A delay below what two requests differ by is none. */
const shortest = (ms: number): string => (Math.abs(ms) < 1 ? '< 1 ms' : formatDuration(ms));

/** What the toggles and the direct path showed, where they differ or matter. */
function comparisons({ results, reason }: Judgement): Evidence[] {
  const evidence: Evidence[] = [];
  const direct = results.hold('as asked', 'direct');
  if (direct) {
    const perBurst = middle(results.shapes('as asked', 'direct'), (shape) => shape.eventsPerBurst);
    evidence.push({
      name: 'direct path',
      value: `${countOf(perBurst)} per burst`,
      means:
        direct.kind === 'none' ? 'the target itself streams' : `the target: ${holdWords(direct)}`,
    });
  }
  const delays = delaysOf(results.of('as asked'), results.of('as asked', 'direct'));
  if (delays) {
    evidence.push({
      name: 'delay of an event',
      value: `p50 ${shortest(delays.p50Ms)}, p95 ${shortest(delays.p95Ms)}, at most ${shortest(delays.maxMs)}`,
      means: `against the same event directly, ${formatCount(delays.events)} compared`,
    });
  }
  if (reason.kind === 'compression' && reason.by === 'identity') {
    evidence.push({
      name: 'without compression',
      value: firstTokens(results),
      means: holdWords(reason.plain),
    });
  }
  if (reason.kind === 'rule') {
    for (const probe of ['tokens × 4', 'interval × 4', 'HTTP/2', 'same connection'] as const) {
      const hold = results.hold(probe);
      if (!hold || hold.kind === 'few') continue;
      const perBurst = middle(results.shapes(probe), (shape) => shape.eventsPerBurst);
      const asked = middle(results.shapes('as asked'), (shape) => shape.eventsPerBurst);
      evidence.push({
        name: probe,
        value: `${countOf(perBurst)} per burst instead of ${oneDigit(asked)}`,
        means: holdWords(hold),
      });
    }
  }
  return evidence;
}

function firstTokens(results: ProbeResults): string {
  const of = (probe: 'as asked' | 'no compression'): string =>
    formatDuration(middle(results.shapes(probe), (shape) => shape.firstTokenMs ?? Number.NaN));
  return `first token after ${of('no compression')} instead of ${of('as asked')}`;
}
