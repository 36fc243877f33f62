/** One arm as reports show it: what it was, how its turns ended, what was measured of it. */
import { isSuccess, outcomeNames, type Outcome } from '../../metric/outcome.ts';
import { mergeFailures, type MergedPhase } from '../../result/merge.ts';
import type { ArmResult, Counts } from '../../result/schema.ts';
import { chooseSamples } from './choose-samples.ts';
import type { Mark } from './marks.ts';
import type { ArmView, HealthView, OutcomeView } from './report-model.ts';
import { phaseBands, timeSeries } from './time-series.ts';

/** `lte-driving (bandwidth …)` is called by its name; the whole stands where the run is described. */
function pathName({ network, proxy }: ArmResult): string {
  const name = /^[\w-]+(?= \()/.exec(network)?.[0] ?? network;
  return [
    ...(network === 'direct' ? [] : [name]),
    ...(proxy === 'none' ? [] : [`behind ${proxy}`]),
  ].join(', ');
}

function outcomeViews(counts: Counts): OutcomeView[] {
  const byName = counts.turn_outcomes as Partial<Record<Outcome, number>>;
  return outcomeNames
    .map((outcome) => ({
      outcome,
      count: byName[outcome] ?? 0,
      share: counts.turns_started === 0 ? 0 : (byName[outcome] ?? 0) / counts.turns_started,
      success: isSuccess(outcome),
    }))
    .filter((view) => view.count > 0);
}

function healthOf(arm: ArmResult): HealthView {
  const all = arm.trials.map((trial) => trial.health);
  const largest = (pick: (health: (typeof all)[number]) => number): number =>
    Math.max(...all.map(pick), 0);
  return {
    loopDelayP50: largest((h) => h.event_loop_delay_ms.p50),
    loopDelayP99: largest((h) => h.event_loop_delay_ms.p99),
    loopDelayMax: largest((h) => h.event_loop_delay_ms.max),
    utilization: largest((h) => h.event_loop_utilization),
    cpu: largest((h) => h.cpu),
    gcMs: all.reduce((sum, h) => sum + h.gc_ms, 0),
    gcLongestMs: largest((h) => h.gc_longest_ms),
    rssMb: largest((h) => h.rss_mb),
  };
}

/** Network, faults and proxy, and what modelled senders put on the wire for what they were to carry. */
function networkText(arm: ArmResult): string {
  const traffic = arm.trials.flatMap(({ faults }) =>
    faults.flatMap((fault) => fault.traffic ?? []),
  );
  const sum = (key: 'bytes' | 'stream_bytes'): number =>
    traffic.reduce((total, one) => total + one[key], 0);
  const carried = sum('stream_bytes');
  return [
    arm.network,
    ...(carried > 0 ? [`${(sum('bytes') / carried).toFixed(2)} bytes sent for each to carry`] : []),
    ...(arm.proxy === 'none' ? [] : [`behind ${arm.proxy}`]),
  ].join(', ');
}

/**
 * @param index - among the arms of the result.
 * @param merged - the measured phases of its trials as one.
 */
export function armView(arm: ArmResult, index: number, mark: Mark, merged: MergedPhase): ArmView {
  const all = arm.trials.flatMap((trial) => trial.samples);
  return {
    name: arm.name,
    index,
    cell: arm.cell,
    mark,
    how: `${arm.dialect} over ${arm.transport}, ${arm.via === 'sdk' ? 'official SDK' : 'wire'}, HTTP/${arm.http_version}`,
    target: arm.target,
    model: arm.model,
    load: arm.load,
    network: networkText(arm),
    path: pathName(arm),
    bare: arm.network === 'direct' && arm.proxy === 'none' && !arm.client?.includes('reads'),
    readingPaceMs: arm.reading_pace_ms,
    client: arm.client ?? '',
    waste: merged.waste,
    price: arm.price,
    trials: arm.trials.length,
    seconds: merged.seconds,
    counts: merged.counts,
    outcomes: outcomeViews(merged.counts),
    failures: mergeFailures(arm),
    histograms: merged.histograms,
    series: timeSeries(arm),
    bands: phaseBands(arm),
    samples: chooseSamples(all),
    sampleCount: all.length,
    health: healthOf(arm),
  };
}
