/**
 * Networks, faults and proxies in a scenario: they act, and the result says what they did. Of times, only
 * what cannot be less: how much more there is is judged in test/timing/path.test.ts.
 */
import { describe, expect, it } from 'vitest';
import { runScenario, summarize, type Result } from '../../src/index.ts';
import type { ScenarioInput } from '../../src/scenario/schema.ts';

function run(
  arms: ScenarioInput['arms'],
  mock: ScenarioInput['mock'] = { ttft: '30ms', itl: '5ms', tokens: 30 },
): Promise<Result> {
  return runScenario({
    name: 'path',
    target: 'mock',
    arms,
    load: { kind: 'closed', sessions: 4, iterations: 4, duration: '20s' },
    prompt: 'Hello',
    mock,
  });
}

describe('the path of an arm', () => {
  it('adds its round trip to every dialect, and one more to connecting', async () => {
    const network = { rtt: '100ms' };
    const result = await run({
      direct: {},
      sse: { network },
      websocket: { network, dialect: 'openai-responses', transport: 'websocket' },
      sdk: { network, via: 'sdk' },
    });
    const [direct, ...far] = summarize(result).arms;
    expect(direct!.outcomes).toEqual({ completed: 4 });
    for (const arm of far) {
      expect(arm.outcomes).toEqual({ completed: 4 });
      // The round trip, and 30 ms of the mock's.
      expect(arm.metrics.ttft!.p50, arm.name).toBeGreaterThan(125);
    }
    const [sse, websocket] = far;
    expect(sse!.metrics.connect!.p50).toBeGreaterThan(95);
    expect(websocket!.metrics.connect!.p50).toBeGreaterThan(195);
    expect(result.arms.map((arm) => arm.network)).toEqual([
      'direct',
      'delay rtt=100ms',
      'delay rtt=100ms',
      'delay rtt=100ms',
    ]);
    expect(result.arms[1]!.trials[0]!.faults[0]!.fired).toBeGreaterThan(4);
  });

  it('names faults that acted, and those that never did', async () => {
    const result = await run({
      cut: { faults: [{ kind: 'disconnect', how: 'rst', after: { bytes: '3kB' } }] },
      idle: { faults: [{ kind: 'disconnect', how: 'fin', after: { bytes: '40MB' } }] },
    });
    const [cut, idle] = summarize(result).arms;
    // A client that finds the last bytes and the RST in one turn takes them for an end.
    const { reset = 0, truncated = 0 } = cut!.outcomes;
    expect(reset + truncated).toBe(4);
    expect(idle!.outcomes).toEqual({ completed: 4 });
    const warned = result.warnings.filter(({ code }) => code === 'fault-never-fired');
    expect(warned.map(({ arm }) => arm)).toEqual(['idle']);
  });

  it('passes through a buffering proxy, which collects events', async () => {
    const result = await run({ nginx: { proxy: { kind: 'nginx' } } });
    const [nginx] = summarize(result).arms;
    expect(nginx!.outcomes).toEqual({ completed: 4 });
    // The first token waits until a buffer is full.
    expect(nginx!.metrics.ttft!.p50).toBeGreaterThan(60);
    expect(nginx!.metrics.events_per_read!.mean).toBeGreaterThan(3);
    expect(result.arms[0]!.proxy).toBe('a simulated nginx');
  });
});
