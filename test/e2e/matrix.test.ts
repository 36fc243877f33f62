/**
 * A matrix from the scenario to the heat map, over carriers that shake hands differently. Of times, only
 * what cannot be less than the simulated path makes it.
 */
import { describe, expect, it } from 'vitest';
import { runScenario, summarize } from '../../src/index.ts';
import { renderReport } from '../../src/report/registry.ts';

describe('a matrix', () => {
  it('runs every arm in every cell, and its report is a heat map', async () => {
    const result = await runScenario({
      name: 'grid',
      target: 'mock',
      dialect: 'openai-responses',
      arms: { sse: {}, websocket: { transport: 'websocket' }, http2: { http: 2 } },
      matrix: { 'network.rtt': ['100ms'], 'network.loss': ['0%', '15%'] },
      heatmap: ['stall_ratio.mean', 'stalls'],
      load: { kind: 'closed', sessions: 6, iterations: 6, duration: '30s' },
      prompt: 'Hello',
      // No first token can be there within 50 ms of a path of 100 ms.
      objectives: { ttft: '50ms', reading_pace: '50ms' },
      mock: { ttft: '30ms', itl: '5ms', tokens: 30 },
    });
    expect(result.arms.map((arm) => [arm.name, arm.cell!.base])).toEqual([
      ['sse @ rtt=100ms, loss=0%', 'sse'],
      ['websocket @ rtt=100ms, loss=0%', 'websocket'],
      ['http2 @ rtt=100ms, loss=0%', 'http2'],
      ['sse @ rtt=100ms, loss=15%', 'sse'],
      ['websocket @ rtt=100ms, loss=15%', 'websocket'],
      ['http2 @ rtt=100ms, loss=15%', 'http2'],
    ]);
    const arms = summarize(result).arms;
    const [sse, websocket, http2] = arms;
    for (const arm of arms) expect(arm.outcomes, arm.name).toEqual({ completed: 6 });

    // TCP alone; TCP and the upgrade; TCP and TLS: every handshake goes through the path.
    expect(sse!.metrics.connect!.p50).toBeGreaterThan(95);
    expect(websocket!.metrics.connect!.p50).toBeGreaterThan(195);
    expect(http2!.metrics.connect!.p50).toBeGreaterThan(195);

    for (const [index, arm] of arms.entries()) {
      // The first token misses its deadline and at least the next one, of some thirty.
      expect(arm.metrics.fluidity_index!.max, arm.name).toBeLessThan(0.95);
      if (index < 3) continue;
      // With 15 % of the packets lost, thirty tokens stall in every carrier, and catch up.
      expect(arm.scalars.stalls, arm.name).toBeGreaterThan(60);
      expect(arm.metrics.time_to_recover!.n, arm.name).toBeGreaterThan(5);
    }

    const text = renderReport('terminal', result, { width: 100 })[0]!.text;
    expect(text).toContain('stall_ratio.mean [%] over rtt (rows) and loss (columns)');
    expect(text).toContain('stalls [/min] over rtt (rows) and loss (columns)');
  });
});
