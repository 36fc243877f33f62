/**
 * The project's own client and mock with a simulated proxy between: every transport works through it,
 * and what the client measures is what the proxy does.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMock, type MockServer } from '../../mock-server/index.ts';
import type { ProxySettings } from '../../src/proxy/registry.ts';
import { startBufferingProxy } from '../../src/proxy/server.ts';
import type { ArmPlan } from '../../src/scenario/plan.ts';
import { armPlan, endpointFor, runSession, type SessionOutcome } from '../helpers/arm.ts';

let mock: MockServer;
beforeAll(async () => {
  mock = await startMock({ ttft: '50ms', itl: '20ms', tokens: 30, seed: '7' });
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

describe('chat over SSE', () => {
  it.each<[ProxySettings, low: number, high: number]>([
    [{ kind: 'nginx', http_version: '1.1' }, 40, 250],
    // The whole answer: 30 tokens, 20 ms apart.
    [{ kind: 'store-and-forward' }, 500, 1500],
    // A batch lasts 204 ms from what came first, be it only the head.
    [{ kind: 'haproxy' }, 190, 450],
  ])('through %j the first token comes after %d to %d ms', async (settings, low, high) => {
    const outcome = await through(settings);
    expect(outcome.turns[0]).toMatchObject({ outcome: 'completed' });
    expect(outcome.turns[0]!.usage?.outputTokens).toBe(30);
    expect(ttftMs(outcome)).toBeGreaterThan(low);
    expect(ttftMs(outcome)).toBeLessThan(high);
    // The mock's stamps pass, so the report can say how long tokens were under way.
    expect(outcome.instrumentErrors.length).toBeGreaterThan(20);
  });
});

it.each<[string, Partial<ArmPlan>]>([
  ['responses over SSE', { dialect: 'openai-responses' }],
  ['responses over WebSocket', { dialect: 'openai-responses', transport: 'websocket' }],
  ['realtime', { dialect: 'openai-realtime', transport: 'websocket' }],
])('%s works through a simulated nginx', async (_, overrides) => {
  const outcome = await through({ kind: 'nginx' }, overrides);
  expect(outcome.turns[0]).toMatchObject({ outcome: 'completed', detail: '' });
});

it('a WebSocket is not buffered', async () => {
  const outcome = await through(
    { kind: 'store-and-forward' },
    { dialect: 'openai-responses', transport: 'websocket' },
  );
  expect(outcome.turns[0]).toMatchObject({ outcome: 'completed' });
  expect(ttftMs(outcome)).toBeLessThan(300);
});

it('a time limit in the middle of a stream is a truncated stream', async () => {
  const slow = await startMock({ ttft: '50ms', itl: '400ms', tokens: 10, seed: '7' });
  const proxy = await startBufferingProxy({
    kind: 'nginx',
    read_timeout: '200ms',
    target: { host: '127.0.0.1', port: slow.port },
  });
  const arm = armPlan({ name: 'limit' });
  const outcome = await runSession(arm, endpointFor(arm, `http://127.0.0.1:${proxy.port}/v1`));
  await proxy.close();
  await slow.close();
  expect(outcome.turns[0]!.outcome).toBe('truncated');
});
