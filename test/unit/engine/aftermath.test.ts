/** What happens to turns that were left, asked of a target in virtual time. */
import { describe, expect, it } from 'vitest';
import type { StreamStop } from '../../../mock-server/index.ts';
import { Aftermath, type AftermathOptions } from '../../../src/engine/aftermath.ts';
import { PhaseRecorder } from '../../../src/engine/phase-recorder.ts';
import type { LeftTurn, TurnRecord } from '../../../src/session/turn-record.ts';
import { VirtualScheduler } from '../../../src/timer/virtual-scheduler.ts';
import { armPlan, endpointFor } from '../../helpers/arm.ts';
import { body, ends, head, ScriptedWire, type Script } from '../../helpers/scripted-wire.ts';

const leftAtNs = 1e9;
const left = (overrides: Partial<LeftTurn> = {}): LeftTurn => ({
  how: 'fin',
  at: leftAtNs,
  tokenEvents: 10,
  retrieve: undefined,
  ...overrides,
});
const turn = (streamId: string, how: LeftTurn): TurnRecord =>
  ({ streamId, left: how, usage: undefined, terminalAt: Number.NaN }) as TurnRecord;

function setUp(
  script: (number: number) => Script,
  overrides: Partial<AftermathOptions> = {},
): { time: VirtualScheduler; wire: ScriptedWire; aftermath: Aftermath; recorder: PhaseRecorder } {
  const time = new VirtualScheduler(5e9);
  const wire = new ScriptedWire(time, script);
  const endpoint = endpointFor(armPlan(), 'http://scripted.invalid/v1');
  const aftermath = new Aftermath({
    stops: undefined,
    caller: { endpoint, openChannel: wire.open, time },
    waitMs: 2000,
    watchesReaders: false,
    probe: undefined,
    note: () => {},
    time,
    isAborted: () => false,
    ...overrides,
  });
  return { time, wire, aftermath, recorder: new PhaseRecorder() };
}

const elapsedMs = (time: VirtualScheduler): number => (time.now() - 5e9) / 1e6;

describe('by the server’s record', () => {
  const stop = (stoppedNs: number | null, tokensProduced: number): StreamStop => ({
    streamId: 'a',
    sequence: 0,
    clientLeftNs: leftAtNs,
    stoppedNs,
    end: stoppedNs === null ? null : 'client_left',
    tokensProduced,
    tokensSent: tokensProduced,
    tokenEventsSent: tokensProduced,
    blockedMs: 0,
    mostUnreadBytes: 0,
  });

  it('asks again until the stream has stopped', async () => {
    const asked: number[] = [];
    const { time, aftermath, recorder } = setUp(() => [], {
      stops: () => {
        asked.push(elapsedMs(time));
        const isOver = asked.length === 4;
        return Promise.resolve([stop(isOver ? leftAtNs + 250e6 : null, 10 + asked.length)]);
      },
    });
    aftermath.turnEnded(turn('a', left()), recorder);
    await time.until(aftermath.settle());
    expect(asked).toEqual([0, 100, 200, 300]);
    expect(recorder.waste).toMatchObject({ method: 'truth', stillRunning: 0 });
    expect(recorder.histogram('cancel_latency').max).toBeCloseTo(250, 0);
    expect(recorder.histogram('wasted_tokens').max).toBe(4);
  });

  it('waits no longer than the graceful stop for a stream that continues', async () => {
    const { time, aftermath, recorder } = setUp(() => [], {
      stops: () => Promise.resolve([stop(null, 500)]),
    });
    aftermath.turnEnded(turn('a', left()), recorder);
    await time.until(aftermath.settle());
    expect(elapsedMs(time)).toBe(2100);
    expect(recorder.waste).toMatchObject({ method: 'truth', stillRunning: 1 });
  });
});

describe('by the usage that an external target reports', () => {
  const retrieve = {
    request: { streamId: 'a', method: 'GET', path: '/responses/r' },
    outputTokens: (text: string) =>
      (JSON.parse(text) as { usage: { output_tokens: number } | null }).usage?.output_tokens,
  } as const;
  const stored = (json: object): Script => [head(5), body(5, JSON.stringify(json)), ends()];

  it('reads the stored answer until it is over', async () => {
    const { time, wire, aftermath, recorder } = setUp((number) =>
      stored(
        number < 2
          ? { status: 'in_progress', usage: null }
          : { status: 'completed', usage: { output_tokens: 35 } },
      ),
    );
    aftermath.turnEnded(turn('a', left({ retrieve })), recorder);
    await time.until(aftermath.settle());
    // Each takes 10 ms, and half a second passes before the next.
    expect(wire.exchanges.map(({ writtenAtMs }) => writtenAtMs)).toEqual([0, 510, 1020]);
    expect(recorder.waste.method).toBe('usage');
    expect(recorder.histogram('wasted_tokens').max).toBe(25);
  });

  it('gives up when the time is over, and immediately where the run is aborted', async () => {
    const running = stored({ status: 'in_progress', usage: null });
    const late = setUp(() => running);
    late.aftermath.turnEnded(turn('a', left({ retrieve })), late.recorder);
    await late.time.until(late.aftermath.settle());
    expect(elapsedMs(late.time)).toBe(2050);
    const aborted = setUp(() => running, { isAborted: () => true });
    aborted.aftermath.turnEnded(turn('a', left({ retrieve })), aborted.recorder);
    await aborted.time.until(aborted.aftermath.settle());
    expect(aborted.wire.exchanges).toEqual([]);
  });
});
