/** The library's way in: the same object that a scenario file holds, checked the same way. */
import type { RunControl } from './engine/arm-run.ts';
import { runPlan } from './engine/run.ts';
import type { LiveSnapshot } from './result/live-snapshot.ts';
import type { Result, StreamSample } from './result/schema.ts';
import { planFromObject } from './scenario/load.ts';
import type { ScenarioInput } from './scenario/schema.ts';
import { realWorld } from './world.ts';

/** Gives an object literal the type of a scenario, so that editors complete and check it. */
export function defineScenario(scenario: ScenarioInput): ScenarioInput {
  return scenario;
}

export interface RunScenarioOptions {
  /** Stops the run early: `new TwoStageStop()`, then `request()` once or twice. */
  control?: RunControl;
  /** A few times a second while the run goes on. */
  onSnapshot?: (snapshot: LiveSnapshot) => void;
  /** Every turn when it has ended. */
  onStream?: (sample: StreamSample) => void;
}

/**
 * Runs a scenario and returns its result; nothing is written to disk or console.
 *
 * @throws StreamgaugeErrors when the scenario does not validate, with every problem found.
 * @throws StreamgaugeError `target-unreachable`, `too-few-files`, `nothing-measured`.
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
