/**
 * The project's client and mock with a simulated proxy between: every transport works through it. What
 * it does to their times: test/timing/proxy-mock.test.ts.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startMock, type MockServer } from '../../mock-server/index.ts';
import type { ProxySettings } from '../../src/proxy/registry.ts';
import { startBufferingProxy } from '../../src/proxy/server.ts';
import type { ArmPlan } from '../../src/scenario/plan.ts';
import { armPlan, endpointFor, runSession, type SessionOutcome } from '../helpers/arm.ts';

let mock: MockServer;
beforeAll(async () => {
  mock = await startMock({ ttft: '20ms', itl: '5ms', tokens: 60, seed: '7' });
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
    timeouts: { connectMs: 30_000, idleMs: 30_000, totalMs: 60_000 },
    ...overrides,
  });
  const endpoint = endpointFor(arm, `http://127.0.0.1:${proxy.port}/v1`, { groundTruth: true });
  try {
    return await runSession(arm, endpoint);
  } finally {
    await proxy.close();
  }
}

it.each<[ProxySettings, leastMs: number]>([
  [{ kind: 'nginx', http_version: '1.1' }, 15],
  // All 60 tokens.
  [{ kind: 'store-and-forward' }, 300],
  // A batch lasts 204 ms from what came first, be it only the head.
  [{ kind: 'haproxy' }, 190],
])('chat over SSE arrives complete through %j, not before %d ms', async (settings, least) => {
  const outcome = await through(settings);
  const [turn] = outcome.turns;
  expect(turn).toMatchObject({ outcome: 'completed' });
  expect(turn!.usage?.outputTokens).toBe(60);
  expect((turn!.firstTokenAt - turn!.writtenAt) / 1e6).toBeGreaterThan(least);
  // The mock's stamps pass, so the report can say how long tokens were under way.
  expect(outcome.instrumentErrors.length).toBeGreaterThan(20);
});

it.each<[string, Partial<ArmPlan>]>([
  ['responses over SSE', { dialect: 'openai-responses' }],
  ['responses over WebSocket', { dialect: 'openai-responses', transport: 'websocket' }],
  ['realtime', { dialect: 'openai-realtime', transport: 'websocket' }],
])('%s works through a simulated nginx', async (_, overrides) => {
  const outcome = await through({ kind: 'nginx' }, overrides);
  expect(outcome.turns[0]).toMatchObject({ outcome: 'completed', detail: '' });
});

it('a WebSocket passes one that holds whole answers back', async () => {
  const outcome = await through(
    { kind: 'store-and-forward' },
    { dialect: 'openai-responses', transport: 'websocket' },
  );
  expect(outcome.turns[0]).toMatchObject({ outcome: 'completed' });
});

it('a time limit in the middle of a stream is a truncated stream', async () => {
  const slow = await startMock({ ttft: '50ms', itl: '1500ms', tokens: 3, seed: '7' });
  const proxy = await startBufferingProxy({
    kind: 'nginx',
    read_timeout: '400ms',
    target: { host: '127.0.0.1', port: slow.port },
  });
  const arm = armPlan({ name: 'limit' });
  const outcome = await runSession(arm, endpointFor(arm, `http://127.0.0.1:${proxy.port}/v1`));
  await proxy.close();
  await slow.close();
  expect(outcome.turns[0]!.outcome).toBe('truncated');
});
