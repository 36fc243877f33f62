/**
 * What is kept of one phase of a trial: counts and histograms. The formulas of the metric catalogue
 * live here and in `session/turn.ts`, nowhere else.
 */
import { isSuccess, type Outcome } from '../metric/outcome.ts';
import type { DistributionKey } from '../metric/lookup.ts';
import { MetricHistogram, type EncodedHistogram } from '../metric/histogram.ts';
import { noBursts } from '../result/merge.ts';
import type { PricePlan } from '../scenario/plan.ts';
import type { Counts, PhaseResult } from '../result/schema.ts';
import type { Bursts } from '../session/bursts.ts';
import type { Reading } from '../session/reading.ts';
import type { SessionRecord } from '../session/session.ts';
import type { TurnRecord } from '../session/turn-record.ts';
import type { ConnectTiming } from '../transport/transport.ts';
import { ContinuityTally } from './continuity-tally.ts';
import { landmarkTimes } from './landmark-times.ts';

/** Tokens that no client received, and tokens that a client received. */
export interface Waste {
  /** How it is known: the mock's record, or usage that the target reports. */
  method: 'truth' | 'usage' | 'slot_release' | 'none';
  /** Turns that the client left for good. */
  left: number;
  /** Of those: whose waste is known. */
  measured: number;
  /** Of those: the target still produced when waiting for it was over. */
  stillRunning: number;
  wastedTokens: number;
  /** What clients had, of all turns. */
  hadTokens: number;
  /** Answers that the server gave up because too much was left unread. */
  overflows: number;
}

/** What arrived during a phase, whichever phase its session belongs to. */
export interface Window {
  seconds: number;
  tokenEvents: number;
  events: number;
  turnsCompleted: number;
  sessionsCompleted: number;
}

export class PhaseRecorder {
  readonly counts = {
    sessionsScheduled: 0,
    sessionsStarted: 0,
    sessionsDropped: 0,
    sessionsWaited: 0,
    sessionsCompleted: 0,
    sessionsGood: 0,
    turnsStarted: 0,
    events: 0,
    tokenEvents: 0,
    outputTokens: 0,
    tokensFromUsage: 0,
    reads: 0,
    bytes: 0,
    connections: 0,
    toolResultsSkipped: 0,
  };
  /** Of turns that the client left, and of what clients had. */
  readonly waste: Waste = {
    method: 'none',
    left: 0,
    measured: 0,
    stillRunning: 0,
    wastedTokens: 0,
    hadTokens: 0,
    overflows: 0,
  };
  readonly turnOutcomes: Partial<Record<Outcome, number>> = {};
  readonly sessionOutcomes: Partial<Record<Outcome, number>> = {};
  /** Of answers that ended well: gaps beyond the reading pace, and first to last token, ms. */
  private stalls = 0;
  private streamingMs = 0;
  private readonly bursts = noBursts();
  readonly continuity = new ContinuityTally();
  private readonly histograms = new Map<DistributionKey, MetricHistogram>();

  /** The histogram of a metric, made on first use. */
  histogram(metric: DistributionKey): MetricHistogram {
    let histogram = this.histograms.get(metric);
    if (!histogram) this.histograms.set(metric, (histogram = new MetricHistogram(metric)));
    return histogram;
  }

  connected(timing: ConnectTiming): void {
    this.counts.connections++;
    this.histogram('connect').record(timing.totalMs);
    if (timing.tcpMs !== undefined) this.histogram('connect_tcp').record(timing.tcpMs);
    if (timing.tlsMs !== undefined) this.histogram('connect_tls').record(timing.tlsMs);
    if (timing.upgradeMs !== undefined) this.histogram('connect_upgrade').record(timing.upgradeMs);
  }

  turnEnded(turn: TurnRecord): void {
    const { counts } = this;
    this.turnOutcomes[turn.outcome] = (this.turnOutcomes[turn.outcome] ?? 0) + 1;
    this.continuity.turnEnded(turn, (metric) => this.histogram(metric));
    counts.events += turn.events;
    counts.tokenEvents += turn.tokenEvents;
    counts.reads += turn.tokenReads;
    counts.bytes += turn.bytes;
    const tokens = outputTokensOf(turn);
    counts.outputTokens += tokens;
    this.waste.hadTokens += turn.left ? turn.left.tokenEvents : tokens;
    if (turn.left) this.waste.left++;
    if (turn.usage?.outputTokens !== undefined) counts.tokensFromUsage++;
    if (turn.writtenAt === turn.writtenAt) {
      this.since('ttfb', turn.writtenAt, turn.headAt);
      this.since('ttfe', turn.writtenAt, turn.firstEventAt);
      this.since('ttft', turn.writtenAt, turn.firstTokenAt);
      this.since('ttfo', turn.writtenAt, turn.firstOutputAt);
    }
    for (const [name, ms] of landmarkTimes(turn)) this.histogram(name).record(ms);
    // Lengths of answers that did not end would drag the rest down.
    if (turn.outcome !== 'completed') return;
    this.since('e2e', turn.writtenAt, turn.terminalAt);
    this.histogram('output_tokens').record(tokens);
    if (turn.tokenEvents > 0) {
      this.histogram('tokens_per_event').record(tokens / turn.tokenEvents);
      this.histogram('events_per_read').record(turn.tokenEvents / turn.tokenReads);
    }
    const streamingMs = (turn.lastTokenAt - turn.firstTokenAt) / 1e6;
    if (turn.tokenEvents < 2) return;
    this.addBursts(turn.bursts);
    const waitedMs = (turn.firstTokenAt - turn.writtenAt) / 1e6;
    if (turn.bursts.cameAtOnce(waitedMs, turn.tokenEvents, turn.tokenReads)) this.bursts.at_once++;
    if (tokens > 1) this.histogram('tpot').record(streamingMs / (tokens - 1));
    this.read(turn.reading);
    if (streamingMs > 0) {
      this.stalls += turn.reading.stalls;
      this.streamingMs += streamingMs;
      this.histogram('stall_ratio').record(Math.min(1, turn.reading.stalledMs / streamingMs));
      if (turn.audioMs > 0) {
        this.histogram('audio_real_time_factor').record(turn.audioMs / streamingMs);
      }
    }
  }

  private read(reading: Reading): void {
    this.histogram('longest_stall').record(reading.longestGapMs);
    const { fluidity, unrecoveredMs } = reading;
    if (fluidity === fluidity) this.histogram('fluidity_index').record(fluidity);
    if (unrecoveredMs === unrecoveredMs) this.histogram('time_to_recover').record(unrecoveredMs);
  }

  /** A target has stopped so long after the client had left. */
  stopped(latencyMs: number): void {
    this.histogram('cancel_latency').record(latencyMs);
  }

  /** It has produced so many tokens after the client left. */
  wasted(tokens: number): void {
    this.waste.measured++;
    this.waste.wastedTokens += tokens;
    this.histogram('wasted_tokens').record(tokens);
  }

  sessionEnded(session: SessionRecord): void {
    const { outcome } = session;
    this.sessionOutcomes[outcome] = (this.sessionOutcomes[outcome] ?? 0) + 1;
    if (isSuccess(outcome)) {
      this.counts.sessionsCompleted++;
      this.since('session_time', session.startedAt, session.lastTerminalAt);
      this.since('response_time', session.intendedAt, session.firstTerminalAt);
    }
    if (session.good) this.counts.sessionsGood++;
  }

  /** Turns that ended otherwise than in success; the run's end is not the target's failure. */
  get failedTurns(): number {
    let failed = 0;
    for (const [outcome, count] of Object.entries(this.turnOutcomes)) {
      if (!isSuccess(outcome as Outcome) && outcome !== 'aborted') failed += count;
    }
    return failed;
  }

  /** @param window - what arrived during the phase; undefined where rates make no sense. @param price - what wasted tokens cost. */
  toResult(window: Window, price?: PricePlan): PhaseResult {
    const { counts } = this;
    const histograms: Record<string, EncodedHistogram> = {};
    for (const [metric, histogram] of this.histograms) {
      if (histogram.count > 0) histograms[metric] = histogram.encode();
    }
    const judged = counts.turnsStarted - (this.turnOutcomes.aborted ?? 0);
    const perSecond = (value: number): number => (window.seconds > 0 ? value / window.seconds : 0);
    const tokensPerEvent = counts.tokenEvents === 0 ? 0 : counts.outputTokens / counts.tokenEvents;
    return {
      seconds: window.seconds,
      counts: this.resultCounts(),
      histograms,
      scalars: {
        session_rate: perSecond(window.sessionsCompleted),
        turn_rate: perSecond(window.turnsCompleted),
        token_rate: perSecond(window.tokenEvents * tokensPerEvent),
        event_rate: perSecond(window.events),
        goodput: perSecond(counts.sessionsGood),
        // Where nothing streamed there is no rate of stalls, and no gate on it passes.
        ...(this.streamingMs > 0 && { stalls: this.stalls / (this.streamingMs / 60_000) }),
        ...this.wasteScalars(price),
        errors: judged > 0 ? this.failedTurns / judged : 0,
        dropped:
          counts.sessionsScheduled > 0 ? counts.sessionsDropped / counts.sessionsScheduled : 0,
        ...this.continuity.scalars(),
      },
      bursts: { ...this.bursts },
      ...this.wasteResult(),
    };
  }

  private wasteScalars(
    price: PricePlan | undefined,
  ): Partial<Record<'wasted_token_share' | 'waste_cost', number>> {
    const { measured, wastedTokens, hadTokens } = this.waste;
    if (measured === 0) return {};
    const all = wastedTokens + hadTokens;
    return {
      wasted_token_share: all > 0 ? wastedTokens / all : 0,
      ...(price && {
        waste_cost: (wastedTokens / measured) * 1000 * (price.outputPerMillion / 1e6),
      }),
    };
  }

  private wasteResult(): Pick<PhaseResult, 'waste'> {
    const { waste } = this;
    if (waste.left === 0 && waste.overflows === 0) return {};
    return {
      waste: {
        method: waste.method,
        left: waste.left,
        measured: waste.measured,
        still_running: waste.stillRunning,
        wasted_tokens: waste.wastedTokens,
        had_tokens: waste.hadTokens,
        overflows: waste.overflows,
      },
    };
  }

  private addBursts(turn: Bursts): void {
    const { bursts } = this;
    bursts.count += turn.count;
    bursts.events += turn.events;
    bursts.bytes += turn.bytes;
    bursts.bytes_squared += turn.bytesSquared;
    bursts.ms += turn.ms;
    bursts.ms_squared += turn.msSquared;
  }

  private resultCounts(): Counts {
    const { counts } = this;
    return {
      sessions_scheduled: counts.sessionsScheduled,
      sessions_started: counts.sessionsStarted,
      sessions_dropped: counts.sessionsDropped,
      sessions_waited: counts.sessionsWaited,
      sessions_completed: counts.sessionsCompleted,
      sessions_good: counts.sessionsGood,
      session_outcomes: { ...this.sessionOutcomes },
      turns_started: counts.turnsStarted,
      turn_outcomes: { ...this.turnOutcomes },
      events: counts.events,
      token_events: counts.tokenEvents,
      output_tokens: counts.outputTokens,
      tokens_from_usage: counts.tokensFromUsage,
      reads: counts.reads,
      bytes: counts.bytes,
      connections: counts.connections,
      tool_results_skipped: counts.toolResultsSkipped,
    };
  }

  private since(metric: DistributionKey, fromNs: number, toNs: number): void {
    const ms = (toNs - fromNs) / 1e6;
    if (ms === ms) this.histogram(metric).record(ms); // NaN: the landmark did not come.
  }
}

/** Output tokens of a turn: what the target reported, else one per token event. */
export function outputTokensOf(turn: TurnRecord): number {
  return turn.usage?.outputTokens ?? turn.tokenEvents;
}
