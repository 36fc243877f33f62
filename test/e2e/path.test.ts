/** Networks, faults and proxies in a scenario: they act, and the result says what they did. */
import { describe, expect, it } from 'vitest';
import { runScenario, summarize, type Result } from '../../src/index.ts';
import type { ScenarioInput } from '../../src/scenario/schema.ts';

function run(arms: ScenarioInput['arms']): Promise<Result> {
  return runScenario({
    name: 'path',
    target: 'mock',
    arms,
    load: { kind: 'closed', sessions: 4, iterations: 8, duration: '20s' },
    prompt: 'Hello',
    mock: { ttft: '30ms', itl: '10ms', tokens: 30 },
  });
}

describe('the path of an arm', () => {
  it('adds its round trip to the first token of every dialect, and one more to connecting', async () => {
    const network = { rtt: '100ms' };
    const result = await run({
      direct: {},
      sse: { network },
      websocket: { network, dialect: 'openai-responses', transport: 'websocket' },
      sdk: { network, via: 'sdk' },
    });
    const [direct, ...far] = summarize(result).arms;
    for (const arm of far) {
      expect(arm.outcomes).toEqual({ completed: 8 });
      const added = arm.metrics.ttft!.p50 - direct!.metrics.ttft!.p50;
      expect(added, arm.name).toBeGreaterThan(95);
      expect(added, arm.name).toBeLessThan(arm.name === 'sdk' ? 330 : 180);
    }
    const [, sse, websocket] = summarize(result).arms;
    expect(sse!.metrics.connect!.p50).toBeGreaterThan(95);
    expect(websocket!.metrics.connect!.p50).toBeGreaterThan(195);
    expect(result.arms.map((arm) => arm.network)).toEqual([
      'direct',
      'delay rtt=100ms',
      'delay rtt=100ms',
      'delay rtt=100ms',
    ]);
    expect(result.arms[1]!.trials[0]!.faults[0]!.fired).toBeGreaterThan(8);
  });

  it('names faults that acted, and those that never did', async () => {
    const result = await run({
      cut: { faults: [{ kind: 'disconnect', how: 'rst', after: { bytes: '3kB' } }] },
      idle: { faults: [{ kind: 'disconnect', how: 'fin', after: { bytes: '40MB' } }] },
    });
    const [cut, idle] = summarize(result).arms;
    expect(cut!.outcomes.reset).toBe(8);
    expect(idle!.outcomes).toEqual({ completed: 8 });
    const warned = result.warnings.filter(({ code }) => code === 'fault-never-fired');
    expect(warned.map(({ arm }) => arm)).toEqual(['idle']);
  });

  it('shows what a buffering proxy does: later first tokens, no gaps, and a warning', async () => {
    const result = await run({ direct: {}, nginx: { proxy: { kind: 'nginx' } } });
    const [direct, nginx] = summarize(result).arms;
    expect(nginx!.metrics.ttft!.p50).toBeGreaterThan(direct!.metrics.ttft!.p50 + 50);
    expect(nginx!.metrics.itl!.p50).toBeLessThan(1);
    expect(nginx!.metrics.events_per_read!.mean).toBeGreaterThan(3);
    expect(result.arms[1]!.proxy).toBe('a simulated nginx');
    expect(result.warnings.map(({ code, arm }) => `${code} ${arm}`)).toContain('coalesced nginx');
  });
});
