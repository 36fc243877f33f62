/** Takes what a session tells to the records: histograms, ticks, failures, samples. */
import { isSuccess } from '../metric/outcome.ts';
import type { StreamSample } from '../result/schema.ts';
import type { SessionListener } from '../session/session.ts';
import type { Aftermath } from './aftermath.ts';
import type { FailureTally } from './failure-tally.ts';
import type { PhaseRecorder } from './phase-recorder.ts';
import type { Phases } from './phases.ts';
import { toSample, type SampleKeeper } from './samples.ts';
import type { TickRecorder } from './tick-recorder.ts';

/** Who hears of all sessions of an arm, whatever their phase. */
export interface ToldOfSessions {
  ticks: TickRecorder;
  live: Phases['live'];
  failures: FailureTally;
  samples: SampleKeeper;
  /** The recorder of the measured phase: its turns alone become samples. */
  measured: PhaseRecorder;
  aftermath: Aftermath | undefined;
  /** The target stamps its events, so that the instrument's error is known. */
  groundTruth: boolean;
  /** When the load began; monotonic ns. */
  originNs: number;
  onStream: ((sample: StreamSample) => void) | undefined;
}

/** @param recorder - of the phase in which the session was to start. */
export function sessionListener(recorder: PhaseRecorder, told: ToldOfSessions): SessionListener {
  // Looked up once: the calls for each event do no more than record.
  const { ticks, live, aftermath } = told;
  const itl = recorder.histogram('itl');
  const recoveries = recorder.histogram('time_to_recover');
  const instrument = told.groundTruth ? recorder.histogram('instrument_error') : undefined;
  return {
    onGap: (gapMs, recoveredMs) => {
      itl.record(gapMs);
      if (recoveredMs === recoveredMs) recoveries.record(recoveredMs);
      ticks.gap(gapMs);
    },
    onInstrumentError: (errorMs) => instrument?.record(errorMs),
    onEvent: (tokenEvent) => {
      live.events++;
      if (!tokenEvent) return;
      live.tokenEvents++;
      ticks.token();
    },
    onFirstToken: (ttftMs) => {
      ticks.firstToken(ttftMs);
    },
    onConnected: (timing) => recorder.connected(timing),
    onTurnStarted: () => recorder.counts.turnsStarted++,
    onTurnEnded: (turn) => {
      recorder.turnEnded(turn);
      aftermath?.turnEnded(turn, recorder);
      const success = isSuccess(turn.outcome);
      ticks.turnEnded(success);
      if (success) live.turnsCompleted++;
      else told.failures.note(turn.outcome, turn.detail);
      if (recorder === told.measured && turn.outcome !== 'aborted') told.samples.offer(turn);
      told.onStream?.(toSample(turn, told.originNs));
    },
    onToolResultSkipped: () => recorder.counts.toolResultsSkipped++,
  };
}
