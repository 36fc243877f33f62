/** What the client measures through a simulated proxy is what the proxy does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMock, type MockServer } from '../../mock-server/index.ts';
import type { ProxySettings } from '../../src/proxy/registry.ts';
import { startBufferingProxy } from '../../src/proxy/server.ts';
import type { ArmPlan } from '../../src/scenario/plan.ts';
import { armPlan, endpointFor, runSession, type SessionOutcome } from '../helpers/arm.ts';

let mock: MockServer;
beforeAll(async () => {
  mock = await startMock({ ttft: '50ms', itl: '20ms', tokens: 60, seed: '7' });
});
afterAll(() => mock.close());

async function through(
  settings: ProxySettings,
  overrides: Partial<ArmPlan> = {},
): Promise<SessionOutcome> {
  const proxy = await startBufferingProxy({
    ...settings,
    target: { host: '127.0.0.1', port: mock.port },
  });
  const arm = armPlan({
    name: `${settings.kind}-${overrides.transport ?? 'sse'}`,
    timeouts: { connectMs: 5000, idleMs: 5000, totalMs: 15_000 },
    ...overrides,
  });
  const endpoint = endpointFor(arm, `http://127.0.0.1:${proxy.port}/v1`, { groundTruth: true });
  try {
    return await runSession(arm, endpoint);
  } finally {
    await proxy.close();
  }
}

const ttftMs = ({ turns: [turn] }: SessionOutcome): number =>
  (turn!.firstTokenAt - turn!.writtenAt) / 1e6;
/** The share of a turn that had passed when its first token came; a stream of 1.2 s after 50 ms. */
const waited = ({ turns: [turn] }: SessionOutcome): number =>
  (turn!.firstTokenAt - turn!.writtenAt) / (turn!.endedAt - turn!.writtenAt);

describe('chat over SSE', () => {
  it.each<[ProxySettings, leastMs: number, share: [from: number, to: number]]>([
    [{ kind: 'nginx', http_version: '1.1' }, 40, [0, 0.75]],
    [{ kind: 'store-and-forward' }, 1100, [0.9, 1]],
    // A batch lasts 204 ms from what came first, be it only the head.
    [{ kind: 'haproxy' }, 190, [0, 0.75]],
  ])(
    'through %j the first token comes after %d ms or more',
    async (settings, least, [from, to]) => {
      const outcome = await through(settings);
      expect(outcome.turns[0]).toMatchObject({ outcome: 'completed' });
      expect(outcome.turns[0]!.usage?.outputTokens).toBe(60);
      expect(ttftMs(outcome)).toBeGreaterThan(least);
      expect(waited(outcome)).toBeGreaterThanOrEqual(from);
      expect(waited(outcome)).toBeLessThanOrEqual(to);
      // The mock's stamps pass, so the report can say how long tokens were under way.
      expect(outcome.instrumentErrors.length).toBeGreaterThan(20);
    },
  );
});

it('a WebSocket is not buffered', async () => {
  const outcome = await through(
    { kind: 'store-and-forward' },
    { dialect: 'openai-responses', transport: 'websocket' },
  );
  expect(outcome.turns[0]).toMatchObject({ outcome: 'completed' });
  expect(waited(outcome)).toBeLessThan(0.75);
});
