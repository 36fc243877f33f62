/** When an external target's slot is free again after its client left, as a probe sees it. */
import { afterEach, expect, it } from 'vitest';
import { startMock, type MockServer } from '../../mock-server/index.ts';
import { runPlan } from '../../src/engine/run.ts';
import { mergeArm } from '../../src/result/merge.ts';
import { planFromObject } from '../../src/scenario/load.ts';
import { realClock } from '../../src/world.ts';
import { memoryWorld } from '../helpers/memory-world.ts';

let target: MockServer | undefined;
afterEach(() => target?.close());

it.each([
  ['at once', {}, 0, 250],
  ['half a second later', { stop_delay: '500ms' }, 350, 900],
] as const)('a probe sees a slot freed %s', async (_, server, least, most) => {
  target = await startMock({ ttft: '20ms', itl: '10ms', tokens: 400, slots: 2, ...server });
  const plan = planFromObject(
    {
      target: target.baseUrl,
      model: 'm',
      dialect: 'openai-chat',
      prompt: 'Hi',
      load: { kind: 'closed', sessions: 1, duration: '300ms' },
      leave: { how: 'fin', after: { tokens: 5 }, probe: { slots: 2 } },
    },
    memoryWorld(),
  );
  const result = await runPlan(plan, { clock: realClock, cwd: '/' });
  const { waste, histograms } = mergeArm(result.arms[0]!);
  expect(waste).toMatchObject({ method: 'slot_release', measured: 0 });
  const latency = histograms.get('cancel_latency')!;
  expect(latency.percentile(50)).toBeGreaterThanOrEqual(least);
  expect(latency.percentile(50)).toBeLessThan(most);
  expect(histograms.has('wasted_tokens')).toBe(false);
});
