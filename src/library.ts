/** The library's way in: the same object that a scenario file holds, checked the same way. */
import type { Diagnosis } from './diagnose/diagnosis.ts';
import type { DiagnoseOptions } from './diagnose/options.ts';
import { runDiagnosis } from './diagnose/run.ts';
import type { RunControl } from './engine/run-control.ts';
import { toolVersion } from './engine/fingerprint.ts';
import { runPlan } from './engine/run.ts';
import type { LiveSnapshot } from './result/live-snapshot.ts';
import type { Result, StreamSample } from './result/schema.ts';
import { planFromObject } from './scenario/load.ts';
import type { ScenarioInput } from './scenario/schema.ts';
import { realWorld } from './world.ts';

/**
 * Gives an object literal the type of a scenario, so that editors complete and check it.
 *
 * @example
 * ```js
 * import { defineScenario } from 'streamgauge';
 *
 * export default defineScenario({
 *   name: 'chat',
 *   target: 'mock',
 *   load: { kind: 'closed', sessions: 10, duration: '30s' },
 *   prompt: 'Hello',
 * });
 * ```
 */
export function defineScenario(scenario: ScenarioInput): ScenarioInput {
  return scenario;
}

export interface RunScenarioOptions {
  /** Stops the run early: `new TwoStageStop()`, then `request()` once or twice. */
  control?: RunControl;
  /** A few times a second during the run. */
  onSnapshot?: (snapshot: LiveSnapshot) => void;
  /** Every turn when it has ended. */
  onStream?: (sample: StreamSample) => void;
}

/**
 * Runs a scenario and returns its result; nothing is written to disk or console.
 *
 * @throws StreamgaugeErrors when the scenario does not validate, with every problem found.
 * @throws StreamgaugeError `target-unreachable`, `too-few-files`, `nothing-measured`.
 *
 * @example
 * ```js
 * import { runScenario, summarize } from 'streamgauge';
 *
 * const result = await runScenario(
 *   {
 *     name: 'SSE or WebSocket',
 *     target: 'mock',
 *     dialect: 'openai-responses',
 *     arms: { sse: { transport: 'sse' }, websocket: { transport: 'websocket' } },
 *     load: { kind: 'closed', sessions: 5, duration: '1s' },
 *     prompt: 'Hello',
 *     max_tokens: 8,
 *   },
 *   { onSnapshot: ({ arm, phase }) => console.error(arm, phase) },
 * );
 * for (const arm of summarize(result).arms) console.log(arm.name, arm.metrics.ttft?.p95);
 * ```
 */
export async function runScenario(
  scenario: ScenarioInput,
  options: RunScenarioOptions = {},
): Promise<Result> {
  const world = realWorld();
  return runPlan(planFromObject(scenario, world), {
    clock: world.clock,
    cwd: world.cwd,
    ...options,
  });
}

/**
 * Finds out who holds a stream back; nothing is written to disk or console. The key of an API is taken
 * from `options.apiKey` and from nowhere else.
 *
 * @throws StreamgaugeError `usage`, `target-unreachable`, `tls-failed`. Whatever else the target does is an
 *   answer: the verdict says it.
 *
 * @example
 * ```js
 * import { diagnose } from 'streamgauge';
 * import { startMock } from 'streamgauge/mock-server';
 *
 * const target = await startMock({ ttft: '20ms', itl: '20ms' });
 * const { verdict } = await diagnose({
 *   url: target.baseUrl,
 *   dialect: 'openai-chat',
 *   budgetMs: 10_000,
 * });
 * console.log(verdict.kind);
 * await target.close();
 * ```
 */
export async function diagnose(options: DiagnoseOptions): Promise<Diagnosis> {
  return runDiagnosis(options, { version: toolVersion(), startedMs: realWorld().clock.wall() });
}
