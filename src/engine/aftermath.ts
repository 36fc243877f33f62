/**
 * What happens to the turns that the client has left, and what slow readers did to the server: asked
 * once the load is over, and only where the plan has such clients.
 *
 * On the embedded mock it is read from the server's record, on the clock that both share: the
 * truth. Of an external target it is an estimate from the usage that the target itself reports, and is
 * named so; the two are never mixed.
 */
import type { StreamStop } from '../../mock-server/index.ts';
import type { LeftTurn, TurnRecord } from '../session/turn-record.ts';
import { callOnce, type Caller } from '../session/call-once.ts';
import type { Scheduler } from '../timer/scheduler.ts';
import { sleep } from '../timer/waiting.ts';
import type { PhaseRecorder } from './phase-recorder.ts';
import type { SlotProbeResult } from './slot-probe.ts';

/** Turns remembered; later ones are counted as not measured. */
const mostRemembered = 50_000;
/** Answers of an external target that are read again, and how many at once. */
const mostRetrieved = 200;
const retrievedAtOnce = 8;
const pollMs = 100;

export interface AftermathOptions {
  /** The embedded mock's record; undefined for an external target. */
  stops: (() => Promise<readonly StreamStop[]>) | undefined;
  /** How the target itself is asked, past any simulated network. */
  caller: Caller;
  /** How long to wait for targets that keep producing, ms. */
  waitMs: number;
  /** The client reads slowly: what the server saw of every turn is wanted. */
  watchesReaders: boolean;
  /** Tries out when an external target frees a slot; undefined where the plan does not ask. */
  probe: (() => Promise<SlotProbeResult>) | undefined;
  /** A line for the user. */
  note: (text: string) => void;
  time: Scheduler;
  /** Whether the user asked the run to end immediately. */
  isAborted: () => boolean;
}

interface Remembered {
  streamId: string;
  left: LeftTurn | undefined;
  recorder: PhaseRecorder;
  /** Tokens of the whole answer as the target reported them. */
  reported: number | undefined;
  terminalAt: number;
}

export class Aftermath {
  private readonly options: AftermathOptions;
  private readonly turns: Remembered[] = [];

  constructor(options: AftermathOptions) {
    this.options = options;
  }

  turnEnded(turn: TurnRecord, recorder: PhaseRecorder): void {
    const { left } = turn;
    const { watchesReaders, stops } = this.options;
    if (!left && !(watchesReaders && stops)) return;
    if (this.turns.length >= mostRemembered) return;
    this.turns.push({
      streamId: turn.streamId,
      left,
      recorder,
      reported: turn.usage?.outputTokens,
      terminalAt: turn.terminalAt,
    });
  }

  /** Waits until the target has stopped producing, and gives every phase what belongs to it. */
  async settle(): Promise<void> {
    if (this.turns.length === 0) return;
    const { stops } = this.options;
    if (stops) await this.settleByTruth(stops);
    else await this.settleByUsage();
    if (this.options.probe) await this.probeSlots(this.options.probe);
  }

  private async settleByTruth(stops: () => Promise<readonly StreamStop[]>): Promise<void> {
    const { waitMs, time, isAborted, watchesReaders } = this.options;
    const awaited = new Set(this.turns.filter(({ left }) => left).map(({ streamId }) => streamId));
    const untilNs = time.now() + waitMs * 1e6;
    let streams: Map<string, StreamStop>;
    for (;;) {
      streams = byStream(await stops());
      const runs = [...awaited].some((id) => streams.get(id)?.stoppedNs === null);
      if (!runs || time.now() > untilNs || isAborted()) break;
      await sleep(time, pollMs);
    }
    for (const { streamId, left, recorder } of this.turns) {
      const stop = streams.get(streamId);
      if (stop && watchesReaders) {
        recorder.histogram('server_blocked').record(stop.blockedMs);
        recorder.histogram('server_unread').record(stop.mostUnreadBytes);
        if (stop.end === 'overflow') recorder.waste.overflows++;
      }
      if (!left) continue;
      recorder.waste.method = 'truth';
      if (!stop) continue;
      if (stop.stoppedNs === null) recorder.waste.stillRunning++;
      else recorder.stopped(Math.max(0, stop.stoppedNs - left.at) / 1e6);
      recorder.wasted(wastedOf(stop, left));
    }
  }

  private async probeSlots(probe: () => Promise<SlotProbeResult>): Promise<void> {
    const { latenciesMs, failed } = await probe();
    const { recorder } = this.turns.at(-1)!;
    if (latenciesMs.length > 0) recorder.waste.method = 'slot_release';
    for (const latencyMs of latenciesMs) recorder.stopped(latencyMs);
    if (failed === 0) return;
    this.options.note(
      `${failed} of ${failed + latenciesMs.length} slot probes said nothing: the further request did not wait, or another slot became free (leave.probe.slots, longer answers)`,
    );
  }

  private async settleByUsage(): Promise<void> {
    const { caller, waitMs, time, isAborted } = this.options;
    const untilNs = time.now() + waitMs * 1e6;
    const queue: Remembered[] = [];
    for (const turn of this.turns) {
      const { left, recorder, reported, terminalAt } = turn;
      if (!left) continue;
      if (left.how === 'cancel' && reported !== undefined) {
        recorder.waste.method = 'usage';
        recorder.stopped(Math.max(0, terminalAt - left.at) / 1e6);
        recorder.wasted(Math.max(0, reported - left.tokenEvents));
      } else if (left.retrieve && queue.length < mostRetrieved) {
        queue.push(turn);
      }
    }
    const work = async (): Promise<void> => {
      for (let turn = queue.shift(); turn && !isAborted(); turn = queue.shift()) {
        const { left, recorder } = turn;
        for (;;) {
          const { request, outputTokens } = left!.retrieve!;
          const { status, body } = await callOnce(caller, request);
          const tokens = status === 200 ? outputTokens(body) : undefined;
          if (tokens !== undefined) {
            recorder.waste.method = 'usage';
            recorder.wasted(Math.max(0, tokens - left!.tokenEvents));
          }
          if (status !== 200 || tokens !== undefined || time.now() > untilNs || isAborted()) break;
          await sleep(time, pollMs * 5);
        }
      }
    };
    await Promise.all(Array.from({ length: retrievedAtOnce }, work));
  }
}

/** Tokens that were produced, and that the client did not have when it left. */
function wastedOf(stop: StreamStop, left: LeftTurn): number {
  const perEvent = stop.tokenEventsSent > 0 ? stop.tokensSent / stop.tokenEventsSent : 1;
  return Math.max(0, Math.round(stop.tokensProduced - left.tokenEvents * perEvent));
}

/** One entry for each name: a stream that was continued has several connections, one production. */
function byStream(stops: readonly StreamStop[]): Map<string, StreamStop> {
  const streams = new Map<string, StreamStop>();
  for (const stop of stops) {
    const known = streams.get(stop.streamId);
    if (!known || stop.tokensProduced > known.tokensProduced) streams.set(stop.streamId, stop);
  }
  return streams;
}
