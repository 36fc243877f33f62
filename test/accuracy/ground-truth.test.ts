/**
 * What the client measures against what the mock says it did: counts are equal, and nothing arrives
 * before it was sent. By how much times differ is judged in test/timing/ground-truth.test.ts.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMock, type MockServer } from '../../mock-server/index.ts';
import type { ArmPlan } from '../../src/scenario/plan.ts';
import { armPlan, endpointFor, runSession } from '../helpers/arm.ts';
import { compareWithMock, groundTruthArms } from '../helpers/ground-truth.ts';

let mock: MockServer;

beforeAll(async () => {
  mock = await startMock({ ttft: '20ms', itl: '5ms', tokens: 20, tls: true, seed: '7' });
});
afterAll(() => mock.close());

describe.each(Object.entries(groundTruthArms))('%s', (name, overrides) => {
  it('receives what the mock sent, and not before', async () => {
    for (const behind of await compareWithMock(mock, name, overrides)) {
      expect(behind).toBeGreaterThan(-0.001);
    }
  });
});

describe('plain HTTP', () => {
  it('is one token event at the end of the answer', async () => {
    const arm = armPlan({ transport: 'http', name: 'http' });
    const endpoint = endpointFor(arm, mock.baseUrl, { groundTruth: true });
    const { turns, instrumentErrors } = await runSession(arm, endpoint);
    expect(turns[0]).toMatchObject({ outcome: 'completed', tokenEvents: 1 });
    expect(turns[0]!.usage?.outputTokens).toBe(20);
    // 20 ms to the first token and 19 gaps of 5 ms.
    expect((turns[0]!.terminalAt - turns[0]!.writtenAt) / 1e6).toBeGreaterThan(110);
    expect(instrumentErrors).toHaveLength(1);
  });
});

describe('arms', () => {
  it('get the same answers at the same times from the same seed', async () => {
    const lengths = async (overrides: Partial<ArmPlan>): Promise<number[]> => {
      const other = await startMock({
        ttft: '5ms',
        itl: '2ms',
        tokens: 'uniform(5, 40)',
        seed: '3',
      });
      const arm = armPlan(overrides);
      const endpoint = endpointFor(arm, other.baseUrl, { groundTruth: true });
      const seen: number[] = [];
      for (let session = 0; session < 5; session++) {
        const { turns } = await runSession(arm, endpoint, { session });
        seen.push(turns[0]!.usage!.outputTokens!);
      }
      await other.close();
      return seen;
    };
    const sse = await lengths({ name: 'a' });
    expect(new Set(sse).size).toBeGreaterThan(1);
    expect(await lengths({ name: 'b', dialect: 'openai-responses' })).toEqual(sse);
    expect(
      await lengths({ name: 'c', dialect: 'openai-responses', transport: 'websocket' }),
    ).toEqual(sse);
  });
});
