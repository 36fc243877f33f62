/** `load:` as the engine takes it: numbers, and every default filled in. */
import { planLoad, type LoadInput } from '../load/registry.ts';
import type { Distribution } from '../random/distribution.ts';
import type { Problem } from '../settings/problem.ts';
import { parseDuration } from '../settings/units.ts';
import type { ScenarioFiles } from './files.ts';
import type { LoadPlan } from './plan.ts';

/** Settings that mean the same for every kind that takes them. */
interface SharedSettings {
  warmup?: string;
  cooldown?: string;
  graceful_stop?: string;
  max_concurrency?: number;
  max_waiting?: number;
}

const ms = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : parseDuration(text);

/**
 * @param report - takes mistakes; paths begin at the arm.
 * @returns the load, and the pause between two sessions of one place; undefined where a mistake was
 *   reported.
 */
export function buildLoad(
  input: LoadInput,
  files: ScenarioFiles,
  report: (problem: Problem) => void,
): { load: LoadPlan; pauseMs: Distribution | undefined } | undefined {
  const shared = input as SharedSettings;
  const warmupMs = ms(shared.warmup, 0);
  const cooldownMs = ms(shared.cooldown, 0);
  const planned = planLoad(input, {
    warmupMs,
    cooldownMs,
    readText: (file, key) => files.read(file, ['load', key], report),
    report: (problem) => report({ ...problem, path: ['load', ...problem.path] }),
  });
  if (!planned) return undefined;
  if (shared.max_waiting !== undefined && shared.max_concurrency === undefined) {
    report({
      path: ['load', 'max_waiting'],
      at: 'key',
      code: 'no-cap',
      message: 'load.max_waiting has no meaning without max_concurrency',
      hints: ['set max_concurrency, or remove max_waiting'],
    });
  }
  const { shape, durationMs, pauseMs } = planned;
  return {
    pauseMs,
    load: {
      shape,
      durationMs,
      warmupMs,
      cooldownMs,
      gracefulStopMs: ms(shared.graceful_stop, 30_000),
      maxConcurrency: shared.max_concurrency,
      maxWaiting: shared.max_waiting,
    },
  };
}
