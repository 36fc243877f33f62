/**
 * Judges whether a run measured the target or the harness. Pure: takes what was recorded, answers.
 */
import type { ScalarName } from '../metric/catalogue.ts';
import { isSuccess, type Outcome } from '../metric/outcome.ts';
import { checkConservation } from '../result/conservation.ts';
import { mergeArm, mergeFailures, type MergedPhase } from '../result/merge.ts';
import type { ArmResult, Warning } from '../result/schema.ts';
import { bufferingOf } from './buffering.ts';
import { invalidLimits, warningLimits } from './limits.ts';
import { percentileSupport, samplesNeeded } from './percentile-support.ts';
import { warningOf } from './warnings.ts';

export interface Judgement {
  valid: boolean;
  /** Why not, one sentence each; empty when valid. */
  reasons: string[];
  warnings: Warning[];
}

/** The mock server's lateness at p99 over its last seconds, ms; null where its stats have none. */
export function mockLatenessP99(stats: Readonly<Record<string, unknown>> | null): number | null {
  const recent = memberOf(memberOf(stats, 'scheduler'), 'recent');
  const p99 = memberOf(recent, 'p99');
  return typeof p99 === 'number' && Number.isFinite(p99) ? p99 : null;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function healthWarnings(arm: ArmResult, reasons: string[], warnings: Warning[]): void {
  const loopDelay = Math.max(...arm.trials.map((t) => t.health.event_loop_delay_ms.p99), 0);
  const busy = Math.max(...arm.trials.map((t) => t.health.event_loop_utilization), 0);
  if (loopDelay > invalidLimits.eventLoopDelayP99Ms) {
    reasons.push(
      `${arm.name}: event-loop delay p99 ${loopDelay.toFixed(1)} ms is above ${invalidLimits.eventLoopDelayP99Ms} ms: the client, not the target, was the limit`,
    );
  } else if (loopDelay > warningLimits.eventLoopDelayP99Ms) {
    warnings.push(warningOf('loop-delay', arm.name, { p99Ms: loopDelay }));
  }
  if (busy > invalidLimits.eventLoopUtilization) {
    reasons.push(
      `${arm.name}: the event loop was busy ${(busy * 100).toFixed(0)} % of the time, above ${invalidLimits.eventLoopUtilization * 100} %: the client, not the target, was the limit`,
    );
  } else if (busy > warningLimits.eventLoopUtilization) {
    warnings.push(warningOf('loop-busy', arm.name, { utilization: busy }));
  }
  const idle = new Set(
    (arm.trials[0]?.faults ?? [])
      .filter((_, index) => arm.trials.every((trial) => (trial.faults[index]?.fired ?? 0) === 0))
      .map(({ fault }) => fault),
  );
  for (const fault of idle) warnings.push(warningOf('fault-never-fired', arm.name, { fault }));
  const lateness = arm.trials
    .map((t) => mockLatenessP99(t.mock))
    .filter((value): value is number => value !== null);
  const latest = Math.max(...lateness, 0);
  if (latest > warningLimits.mockLatenessP99Ms) {
    warnings.push(warningOf('mock-late', arm.name, { p99Ms: latest }));
  }
}

function loadWarnings(
  arm: ArmResult,
  merged: MergedPhase,
  reasons: string[],
  warnings: Warning[],
): void {
  const { counts, histograms } = merged;
  const lag = histograms.get('schedule_lag');
  const lagP99 = lag ? lag.percentile(99) : 0;
  if (lagP99 > invalidLimits.scheduleLagP99Ms) {
    reasons.push(
      `${arm.name}: schedule lag p99 ${Math.round(lagP99)} ms is above ${invalidLimits.scheduleLagP99Ms} ms: this is not the load that was asked for`,
    );
  } else if (lagP99 > warningLimits.scheduleLagP99Ms) {
    warnings.push(warningOf('schedule-lag', arm.name, { p99Ms: lagP99 }));
  }
  if (counts.sessions_waited > counts.sessions_scheduled * warningLimits.waitedShare) {
    const wait = histograms.get('queue_wait');
    warnings.push(
      warningOf('hidden-waiting', arm.name, {
        waited: counts.sessions_waited,
        scheduled: counts.sessions_scheduled,
        p95Ms: wait ? wait.percentile(95) : null,
      }),
    );
  }
  if (counts.sessions_dropped > 0) {
    warnings.push(
      warningOf('dropped-sessions', arm.name, {
        dropped: counts.sessions_dropped,
        scheduled: counts.sessions_scheduled,
      }),
    );
  }
  if (counts.tool_results_skipped > warningLimits.toolResultsSkipped) {
    warnings.push(
      warningOf('tool-results-skipped', arm.name, { skipped: counts.tool_results_skipped }),
    );
  }
}

function outcomeWarnings(arm: ArmResult, merged: MergedPhase, warnings: Warning[]): void {
  const { counts } = merged;
  if (counts.turns_started === 0) {
    warnings.push(warningOf('nothing-measured', arm.name));
    return;
  }
  const outcomes = counts.turn_outcomes as Partial<Record<Outcome, number>>;
  const successes = (Object.entries(outcomes) as [Outcome, number][])
    .filter(([outcome]) => isSuccess(outcome))
    .reduce((sum, [, count]) => sum + count, 0);
  if (successes > 0 || endedByFaults(arm) >= counts.turns_started) return;
  const detail = mergeFailures(arm)[0]?.detail ?? '';
  const connects = outcomes.connect_failed ?? 0;
  const code = connects === counts.turns_started ? 'all-connects-failed' : 'all-failed';
  warnings.push(warningOf(code, arm.name, { turns: counts.turns_started, detail }));
}

/** Streams that faults whose purpose it is have ended, warm-up included: their failure was the plan. */
function endedByFaults(arm: ArmResult): number {
  return arm.trials
    .flatMap((trial) => trial.faults)
    .filter(({ fault }) => fault.startsWith('disconnect '))
    .reduce((sum, { fired }) => sum + fired, 0);
}

/** Whether streams arrived complete, and what of that was not looked at. Counts are means over trials. */
function continuityWarnings(
  arm: ArmResult,
  { scalars, counts }: MergedPhase,
  warnings: Warning[],
): void {
  const sum = (name: ScalarName): number =>
    Math.round((scalars.get(name) ?? 0) * arm.trials.length);
  const wrong = sum('transcript_mismatches');
  if (wrong > 0) {
    const found = (
      [
        ['gaps', 'events missing'],
        ['duplicates', 'twice'],
        ['reorders', 'out of order'],
        ['merged_events', 'not what they were'],
      ] as const
    )
      .filter(([name]) => sum(name) > 0)
      .map(([name, words]) => `${sum(name)} ${words}`)
      .join(', ');
    const checked = sum('transcripts_checked');
    warnings.push(warningOf('wrong-transcripts', arm.name, { wrong, checked, found }));
  }
  const unchecked = sum('transcripts_unchecked');
  if (unchecked > 0) {
    const completed = (counts.turn_outcomes as Partial<Record<Outcome, number>>).completed ?? 0;
    const isMock = arm.target === 'mock';
    warnings.push(warningOf('transcripts-unchecked', arm.name, { unchecked, completed, isMock }));
  }
  const streams = sum('unnumbered_streams');
  if (streams > 0) warnings.push(warningOf('streams-unnumbered', arm.name, { streams }));
}

function departureWarnings(arm: ArmResult, merged: MergedPhase, warnings: Warning[]): void {
  const { waste } = merged;
  const { client = '' } = arm;
  if (client.startsWith('leaves') && !client.includes('comes back') && !waste?.left) {
    warnings.push(warningOf('no-turn-left', arm.name, { client }));
  }
  if (!waste) return;
  const { left, measured, still_running: running } = waste;
  if (measured < left) {
    warnings.push(warningOf('waste-unknown', arm.name, { unknown: left - measured, left }));
  }
  if (running > 0) warnings.push(warningOf('still-producing', arm.name, { running }));
}

function sampleWarnings(arm: ArmResult, merged: MergedPhase, warnings: Warning[]): void {
  const { counts, histograms } = merged;
  // Completed turns only: a failed one has no final usage to report, and no whole pattern.
  const completed = (counts.turn_outcomes as Partial<Record<Outcome, number>>).completed ?? 0;
  const perRead = histograms.get('events_per_read');
  const buffering = bufferingOf(merged.bursts, completed);
  if (buffering) warnings.push(warningOf('buffered', arm.name, buffering));
  else if (perRead && perRead.mean > warningLimits.eventsPerRead) {
    warnings.push(warningOf('coalesced', arm.name, { eventsPerRead: perRead.mean }));
  }
  departureWarnings(arm, merged, warnings);
  const perEvent = histograms.get('tokens_per_event');
  if (perEvent && perEvent.mean > warningLimits.tokensPerEvent) {
    warnings.push(warningOf('multi-token-events', arm.name, { tokensPerEvent: perEvent.mean }));
  }
  const error = histograms.get('instrument_error');
  // Behind a simulated network or a proxy the stamps measure that, as they should.
  const bare = arm.network === 'direct' && arm.proxy === 'none' && !arm.client?.includes('reads');
  if (bare && error && error.percentile(99) > warningLimits.instrumentErrorP99Ms) {
    warnings.push(warningOf('instrument-error', arm.name, { p99Ms: error.percentile(99) }));
  }
  const ttft = histograms.get('ttft');
  if (ttft && percentileSupport(ttft.count, 95) !== 'ok') {
    warnings.push(
      warningOf('few-samples', arm.name, {
        metric: 'ttft',
        samples: ttft.count,
        percent: 95,
        needed: samplesNeeded(95),
      }),
    );
  }
  const guessed = completed - counts.tokens_from_usage;
  if (guessed > 0 && counts.token_events > 0) {
    warnings.push(warningOf('token-count-guessed', arm.name, { turns: guessed }));
  }
}

/** Judges the measured phases of all arms. Call it once, before gates: an invalid run passes none. */
export function judge(parts: { arms: readonly ArmResult[]; partial: boolean }): Judgement {
  const reasons = checkConservation(parts);
  const warnings: Warning[] = [];
  if (parts.partial) warnings.push(warningOf('partial-run', null));
  for (const arm of parts.arms) {
    const merged = mergeArm(arm);
    healthWarnings(arm, reasons, warnings);
    loadWarnings(arm, merged, reasons, warnings);
    outcomeWarnings(arm, merged, warnings);
    sampleWarnings(arm, merged, warnings);
    continuityWarnings(arm, merged, warnings);
  }
  return { valid: reasons.length === 0, reasons, warnings };
}
