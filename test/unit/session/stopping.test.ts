/** What stopping does to a session, wherever it is in its script. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMock, type MockServer } from '../../../mock-server/index.ts';
import type { SessionStep } from '../../../src/scenario/plan.ts';
import { armPlan, askOnce, endpointFor, runSession } from '../../helpers/arm.ts';

let mock: MockServer;
beforeAll(async () => {
  mock = await startMock({ ttft: '5ms', itl: '2ms', tokens: 5 });
});
afterAll(() => mock.close());

const pause: SessionStep = { kind: 'think', ms: { kind: 'constant', value: 30_000 } };

async function stopDuring(steps: SessionStep[]): Promise<{ outcome: string; turns: number }> {
  const arm = armPlan({ session: { ...armPlan().session, steps } });
  const { record, turns } = await runSession(arm, endpointFor(arm, mock.baseUrl), {
    onSession: (session) => setTimeout(() => session.stop('aborted', 'the end'), 300),
  });
  return { outcome: record.outcome, turns: turns.length };
}

describe('a session that is stopped', () => {
  it('in a pause before a further turn is cut short', async () => {
    expect(await stopDuring([askOnce, pause, askOnce])).toEqual({ outcome: 'aborted', turns: 1 });
  });

  it('in its last pause has done everything it was to do', async () => {
    expect(await stopDuring([askOnce, pause])).toEqual({ outcome: 'completed', turns: 1 });
  });
});
