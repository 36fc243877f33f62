/** What networks and proxies of a scenario do to its times, and which of it a report calls buffered. */
import { describe, expect, it } from 'vitest';
import { runScenario, summarize, type Result } from '../../src/index.ts';
import type { ScenarioInput } from '../../src/scenario/schema.ts';

function run(
  arms: ScenarioInput['arms'],
  mock: ScenarioInput['mock'] = { ttft: '30ms', itl: '10ms', tokens: 30 },
): Promise<Result> {
  return runScenario({
    name: 'path',
    target: 'mock',
    arms,
    load: { kind: 'closed', sessions: 4, iterations: 8, duration: '20s' },
    prompt: 'Hello',
    mock,
  });
}

describe('the path of an arm', () => {
  it('adds its round trip to the first token of every dialect', async () => {
    const network = { rtt: '100ms' };
    const result = await run({
      direct: {},
      sse: { network },
      websocket: { network, dialect: 'openai-responses', transport: 'websocket' },
      sdk: { network, via: 'sdk' },
    });
    const [direct, ...far] = summarize(result).arms;
    for (const arm of far) {
      const added = arm.metrics.ttft!.p50 - direct!.metrics.ttft!.p50;
      expect(added, arm.name).toBeGreaterThan(95);
      expect(added, arm.name).toBeLessThan(arm.name === 'sdk' ? 330 : 180);
    }
  });

  it('shows what a buffering proxy does: later first tokens, no gaps, and a warning', async () => {
    const result = await run({ direct: {}, nginx: { proxy: { kind: 'nginx' } } });
    const [direct, nginx] = summarize(result).arms;
    expect(nginx!.metrics.ttft!.p50).toBeGreaterThan(direct!.metrics.ttft!.p50 + 50);
    expect(nginx!.metrics.itl!.p50).toBeLessThan(1);
    expect(nginx!.metrics.events_per_read!.mean).toBeGreaterThan(3);
    expect(result.arms[1]!.proxy).toBe('a simulated nginx');
    expect(result.warnings.map(({ code, arm }) => `${code} ${arm}`)).toContain('buffered nginx');
  });

  it('calls buffered what is, by size, by time or whole, and no clean path', async () => {
    const result = await run(
      {
        size: { proxy: { kind: 'size', bytes: '1KiB' } },
        // Events of very different sizes: what comes within a period must not add up to one size by chance.
        time: {
          proxy: { kind: 'interval', period: '250ms' },
          mock: { token_bytes: 'lognormal(60B, 1.2)' },
        },
        whole: { proxy: { kind: 'store-and-forward' } },
        direct: {},
        loss: { network: { rtt: '50ms', loss: '2%' } },
        jitter: { network: { rtt: '50ms', jitter: 'uniform(0ms, 50ms)' } },
      },
      // Events of many sizes: equal ones make bursts of equal time equal in size, too.
      {
        ttft: '30ms',
        itl: '10ms',
        tokens: 120,
        token_bytes: 'uniform(2B, 200B)',
        obfuscation: false,
      },
    );
    const said = result.warnings.filter(({ code }) => code === 'buffered');
    expect(said.map(({ arm }) => arm)).toEqual(['size', 'time', 'whole']);
    expect(said[0]!.message).toMatch(/events, (1\.[01] kB|9\d\d B), of equal size\./);
    expect(said[1]!.message).toMatch(/one every 2[0-9]\d ms, of equal (size and )?distance/);
    expect(said[2]!.message).toContain('came in one piece');
    expect(said[0]!.remedy).toContain('streamgauge diagnose');
  }, 60_000);
});
