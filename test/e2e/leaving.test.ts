/** A whole run whose clients leave or read slowly: what is measured, by which method, and what it costs. */
import { afterEach, describe, expect, it } from 'vitest';
import { startMock, type MockServer } from '../../mock-server/index.ts';
import { runPlan } from '../../src/engine/run.ts';
import { mergeArm } from '../../src/result/merge.ts';
import type { Result } from '../../src/result/schema.ts';
import { planFromObject } from '../../src/scenario/load.ts';
import type { ScenarioInput } from '../../src/scenario/schema.ts';
import { realClock } from '../../src/world.ts';
import { mostInKernel } from '../helpers/kernel-buffers.ts';
import { memoryWorld } from '../helpers/memory-world.ts';

const base: ScenarioInput = {
  target: 'mock',
  dialect: 'openai-chat',
  load: { kind: 'closed', sessions: 3, duration: '1s' },
  prompt: 'Hi',
  leave: { how: 'fin', after: { tokens: 10 } },
  price: { output: '10 USD/M' },
  // Of 120 tokens, 110 are left when the client goes: 1.1 s, which no machine stands still for.
  mock: { ttft: '20ms', itl: '10ms', tokens: 120 },
};

function run(scenario: ScenarioInput): Promise<Result> {
  const plan = planFromObject(scenario, memoryWorld());
  return runPlan(plan, { clock: realClock, cwd: '/' });
}

let target: MockServer | undefined;
afterEach(() => target?.close());

describe('on the embedded mock', () => {
  it('a careful and a careless server differ by what was left of the answers', async () => {
    const result = await run({
      ...base,
      arms: { careful: {}, careless: { mock: { on_leave: 'keep_generating' } } },
    });
    const [careful, careless] = result.arms.map((arm) => mergeArm(arm));
    for (const phase of [careful!, careless!]) {
      const { waste } = phase;
      expect(waste).toMatchObject({ method: 'truth', still_running: 0 });
      expect(waste!.left).toBeGreaterThan(2);
      expect(waste!.measured).toBe(waste!.left);
      expect(phase.histograms.get('cancel_latency')!.count).toBe(waste!.left);
      expect(phase.counts.turn_outcomes).toEqual({ cancelled: waste!.left });
    }
    // The careful one stops within a fraction of what was to come.
    expect(careless!.histograms.get('wasted_tokens')!.min).toBeGreaterThanOrEqual(109);
    expect(careless!.histograms.get('cancel_latency')!.min).toBeGreaterThan(300);
    expect(careful!.histograms.get('wasted_tokens')!.percentile(50)).toBeLessThan(80);
    expect(careless!.scalars.get('wasted_token_share')).toBeCloseTo(110 / 120, 1);
    // 110 tokens × 1,000 at 10 USD per million.
    expect(careless!.scalars.get('waste_cost')).toBeCloseTo(1.1, 1);
    expect(result.arms[0]).toMatchObject({
      client: 'leaves every turn by fin after 10 tokens',
      price: { output_per_million: 10, currency: 'USD' },
    });
  });

  it('says when no client left', async () => {
    const result = await run({ ...base, leave: { how: 'fin', after: { tokens: 5000 } } });
    expect(result.warnings.map(({ code }) => code)).toContain('no-turn-left');
    expect(mergeArm(result.arms[0]!).waste).toBeUndefined();
  });

  it('records of a slow reader what the server saw', async () => {
    const { leave: _, price: __, ...plain } = base;
    // More than the kernel can hold, by a half: the rest waits at the server.
    const bytes = Math.ceil((1.5 * mostInKernel()) / 250 / 1000);
    const result = await run({
      ...plain,
      reader: { rate: '60MB/s' },
      load: { kind: 'closed', sessions: 1, duration: '300ms' },
      mock: { ttft: '5ms', itl: '1ms', tokens: 250, token_bytes: `${bytes}KB` },
    });
    const { histograms } = mergeArm(result.arms[0]!);
    expect(histograms.get('server_blocked')!.count).toBeGreaterThan(0);
    expect(histograms.get('server_unread')!.count).toBe(histograms.get('server_blocked')!.count);
    expect(result.arms[0]!.client).toBe('reads at 60000 kB/s');
  });
});

describe('of an external target', () => {
  const foreign = async (): Promise<ScenarioInput> => {
    target = await startMock({ ttft: '20ms', itl: '10ms', tokens: 120 });
    const { mock: _, ...rest } = base;
    return { ...rest, target: target.baseUrl, model: 'm' };
  };

  it('waste of an answer in the background is estimated from its usage', async () => {
    const scenario = await foreign();
    const result = await run({ ...scenario, dialect: 'openai-responses', background: true });
    const { waste, histograms } = mergeArm(result.arms[0]!);
    expect(waste).toMatchObject({ method: 'usage' });
    expect(waste!.measured).toBe(waste!.left);
    // A response in the background continues: all 120 are produced.
    expect(histograms.get('wasted_tokens')!.percentile(50)).toBeCloseTo(110, 0);
    // When it stopped is not known.
    expect(histograms.has('cancel_latency')).toBe(false);
  });

  it('a cancelled answer of the Realtime API tells its own usage', async () => {
    const scenario = await foreign();
    const result = await run({
      ...scenario,
      dialect: 'openai-realtime',
      leave: { how: 'cancel', after: { tokens: 10 } },
    });
    const { waste, histograms } = mergeArm(result.arms[0]!);
    expect(waste).toMatchObject({ method: 'usage' });
    expect(waste!.measured).toBe(waste!.left);
    expect(histograms.get('wasted_tokens')!.percentile(50)).toBeLessThan(80);
    expect(histograms.get('cancel_latency')!.count).toBe(waste!.left);
  });

  it('of a chat nothing is known, and the report says so', async () => {
    const result = await run(await foreign());
    expect(mergeArm(result.arms[0]!).waste).toMatchObject({ method: 'none', measured: 0 });
    expect(result.warnings.map(({ code }) => code)).toContain('waste-unknown');
  });
});
