/**
 * The three phases of a trial. A session belongs to the phase in which it was due to start, and so do
 * its counts and histograms; rates count what arrived while the phase lasted, whosever it was.
 */
import type { LoadPlan, PricePlan } from '../scenario/plan.ts';
import type { TrialResult } from '../result/schema.ts';
import type { SentTranscripts } from './continuity-tally.ts';
import { PhaseRecorder, type Window } from './phase-recorder.ts';

export type PhaseName = 'warmup' | 'measured' | 'cooldown';

/** What has arrived since the load began. */
export type LiveCounters = Omit<Window, 'seconds'>;

function noCounters(): LiveCounters {
  return { tokenEvents: 0, events: 0, turnsCompleted: 0, sessionsCompleted: 0 };
}

export class Phases {
  readonly live: LiveCounters = noCounters();
  private readonly recorders: Record<PhaseName, PhaseRecorder> = {
    warmup: new PhaseRecorder(),
    measured: new PhaseRecorder(),
    cooldown: new PhaseRecorder(),
  };
  private readonly load: LoadPlan;
  private measuredFrom: LiveCounters | undefined;
  private measuredTo: LiveCounters | undefined;
  private measuredEndMs = 0;

  constructor(load: LoadPlan) {
    this.load = load;
  }

  /** The phase that a moment belongs to, ms since the load began. */
  at(elapsedMs: number): PhaseName {
    const { warmupMs, durationMs } = this.load;
    if (elapsedMs < warmupMs) return 'warmup';
    return elapsedMs < warmupMs + durationMs ? 'measured' : 'cooldown';
  }

  recorder(name: PhaseName): PhaseRecorder {
    return this.recorders[name];
  }

  /** @returns false where the measured phase had begun before. */
  beginMeasured(): boolean {
    if (this.measuredFrom) return false;
    this.measuredFrom = { ...this.live };
    return true;
  }

  /** @returns false where the measured phase had ended before. */
  endMeasured(elapsedMs: number): boolean {
    if (this.measuredTo) return false;
    this.beginMeasured();
    this.measuredTo = { ...this.live };
    this.measuredEndMs = elapsedMs;
    return true;
  }

  /** Compares the transcripts of all phases with what was sent. */
  compareTranscripts(sent: SentTranscripts): void {
    for (const recorder of Object.values(this.recorders)) recorder.continuity.compare(sent);
  }

  /** After `endMeasured`. */
  toResult(price?: PricePlan): Pick<TrialResult, PhaseName> {
    const { warmupMs, cooldownMs } = this.load;
    const from = this.measuredFrom!;
    const to = this.measuredTo!;
    const measuredSeconds = Math.max(0, (this.measuredEndMs - warmupMs) / 1000);
    const { warmup, measured, cooldown } = this.recorders;
    return {
      warmup: warmup.toResult(windowOf(from, noCounters(), warmupMs / 1000), price),
      measured: measured.toResult(windowOf(to, from, measuredSeconds), price),
      cooldown: cooldown.toResult(windowOf(this.live, to, cooldownMs / 1000), price),
    };
  }
}

function windowOf(later: LiveCounters, earlier: LiveCounters, seconds: number): Window {
  return {
    seconds,
    tokenEvents: later.tokenEvents - earlier.tokenEvents,
    events: later.events - earlier.events,
    turnsCompleted: later.turnsCompleted - earlier.turnsCompleted,
    sessionsCompleted: later.sessionsCompleted - earlier.sessionsCompleted,
  };
}
