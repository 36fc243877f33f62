/** What stopping does to a session, wherever it is in its script. */
import { describe, expect, it } from 'vitest';
import type { SessionStep } from '../../../src/scenario/plan.ts';
import { after } from '../../../src/timer/waiting.ts';
import { armPlan, askOnce, runVirtually } from '../../helpers/arm.ts';
import { body, ends, head } from '../../helpers/scripted-wire.ts';
import { chatDelta, chatFinish } from '../../helpers/scripted-server.ts';

const pause: SessionStep = { kind: 'think', ms: { kind: 'constant', value: 30_000 } };
/** Over after 20 ms. */
const answer = [head(5), body(10, chatDelta('a')), body(5, chatFinish()), ends()];

async function stopAt(
  ms: number,
  steps: SessionStep[],
): Promise<{ outcome: string; turns: number; endedAtMs: number }> {
  const arm = armPlan({ session: { ...armPlan().session, steps } });
  const { record, turns, at } = await runVirtually(arm, () => answer, {
    onSession: (session, time) => after(time, ms, () => session.stop('aborted', 'the end')),
  });
  return { outcome: record.outcome, turns: turns.length, endedAtMs: at(record.endedAt) };
}

describe('a session that is stopped', () => {
  it('in a pause before a further turn is cut short, immediately', async () => {
    expect(await stopAt(300, [askOnce, pause, askOnce])).toEqual({
      outcome: 'aborted',
      turns: 1,
      endedAtMs: 300,
    });
  });

  it('in its last pause has done everything it was to do', async () => {
    expect(await stopAt(300, [askOnce, pause])).toEqual({
      outcome: 'completed',
      turns: 1,
      endedAtMs: 300,
    });
  });

  it('in the middle of a turn ends that turn', async () => {
    expect(await stopAt(17, [askOnce, askOnce])).toEqual({
      outcome: 'aborted',
      turns: 1,
      endedAtMs: 17,
    });
  });

  it('is over at its own time where nothing stops it', async () => {
    expect(await stopAt(100_000, [askOnce, pause, askOnce])).toEqual({
      outcome: 'completed',
      turns: 2,
      endedAtMs: 20 + 30_000 + 20,
    });
  });
});
