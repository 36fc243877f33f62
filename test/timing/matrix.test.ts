/** What a matrix is for: cells that differ, by as much as their networks do. */
import { expect, it } from 'vitest';
import { runScenario, summarize } from '../../src/index.ts';

it('shows what handshakes cost, and that loss makes a stream stall', async () => {
  const result = await runScenario({
    name: 'grid',
    target: 'mock',
    dialect: 'openai-responses',
    arms: { sse: {}, websocket: { transport: 'websocket' }, http2: { http: 2 } },
    matrix: { 'network.rtt': ['100ms'], 'network.loss': ['0%', '15%'] },
    load: { kind: 'closed', sessions: 6, iterations: 12, duration: '30s' },
    prompt: 'Hello',
    objectives: { reading_pace: '50ms' },
    mock: { ttft: '30ms', itl: '10ms', tokens: 30 },
  });
  const { arms } = summarize(result);
  const [sse, websocket] = arms;
  // One round trip of TCP, and one more of the upgrade.
  expect(sse!.metrics.connect!.p50).toBeLessThan(websocket!.metrics.connect!.p50 - 40);
  for (const [index, arm] of arms.slice(3).entries()) {
    const calm = arms[index]!;
    expect(arm.metrics.stall_ratio!.mean).toBeGreaterThan(calm.metrics.stall_ratio!.mean);
  }
});
