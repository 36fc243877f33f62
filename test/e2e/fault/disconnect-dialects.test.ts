/**
 * A fault that looks inside knows the events of every dialect: `after: { tokens: 3 }` ends an answer of
 * each, on each transport that streams, through the relay and the whole engine.
 */
import { describe, expect, it } from 'vitest';
import { dialects } from '../../../src/dialect/registry.ts';
import { runScenario, summarize } from '../../../src/index.ts';

const pairs = Object.values(dialects).flatMap(({ name, transports }) =>
  transports
    .filter((transport) => transport !== 'http')
    .map((transport) => [name, transport] as const),
);

describe.each(pairs)('%s over %s', (dialect, transport) => {
  it('is cut behind its third token', async () => {
    const result = await runScenario({
      target: 'mock',
      dialect,
      transport,
      load: { kind: 'closed', sessions: 1, iterations: 2, duration: '10s' },
      prompt: 'Hello',
      mock: { ttft: '10ms', itl: '5ms', tokens: 20 },
      faults: [{ kind: 'disconnect', how: 'fin', after: { tokens: 3 } }],
    });
    const [arm] = result.arms;
    const [trial] = arm!.trials;
    expect(trial!.faults.map(({ fired }) => fired)).toEqual([2]);
    expect(trial!.samples.map(({ token_events }) => token_events)).toEqual([3, 3]);
    expect(summarize(result).arms[0]!.outcomes).toEqual({ truncated: 2 });
    expect(result.warnings.filter(({ code }) => code === 'fault-never-fired')).toEqual([]);
  });
});
