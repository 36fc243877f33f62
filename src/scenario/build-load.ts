/** `load:` as the engine takes it: numbers, and every default filled in. */
import type { LoadShape, RateStage } from '../load/pacer.ts';
import { readTrace } from '../load/read-trace.ts';
import { messageOf } from '../errors.ts';
import { parseDuration, parseRate } from '../settings/units.ts';
import type { LoadPlan } from './plan.ts';
import type { Problem } from '../settings/problem.ts';
import type { ScenarioFiles } from './files.ts';
import type { LoadInput } from './schema-load.ts';

const hourMs = 3_600_000;
const unitMs = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 } as const;

const ms = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : parseDuration(text);

/** @param report - takes mistakes; paths begin at the arm. */
export function buildLoad(
  input: LoadInput,
  files: ScenarioFiles,
  report: (problem: Problem) => void,
): LoadPlan | undefined {
  const warmupMs = ms(input.warmup, 0);
  const cooldownMs = ms(input.cooldown, 0);
  const made = shapeOf(input, { warmupMs, cooldownMs }, files, report);
  if (!made) return undefined;
  const open = input.kind === 'closed' ? undefined : input;
  if (open?.max_waiting !== undefined && open.max_concurrency === undefined) {
    report({
      path: ['load', 'max_waiting'],
      at: 'key',
      code: 'no-cap',
      message: 'load.max_waiting has no meaning without max_concurrency',
      hints: ['set max_concurrency, or remove max_waiting'],
    });
  }
  return {
    ...made,
    warmupMs,
    cooldownMs,
    gracefulStopMs: ms(input.graceful_stop, 30_000),
    maxConcurrency: open?.max_concurrency,
    maxWaiting: open?.max_waiting,
  };
}

function shapeOf(
  input: LoadInput,
  around: { warmupMs: number; cooldownMs: number },
  files: ScenarioFiles,
  report: (problem: Problem) => void,
): { shape: LoadShape; durationMs: number } | undefined {
  const { warmupMs, cooldownMs } = around;
  switch (input.kind) {
    case 'closed': {
      const { sessions, iterations } = input;
      if (input.duration === undefined && iterations === undefined) {
        report({
          path: ['load'],
          code: 'missing-key',
          message: '"duration" is missing in load',
          hints: ['say how long it lasts (duration: 30s) or how many sessions (iterations: 500)'],
        });
        return undefined;
      }
      const shape = { kind: input.kind, sessions, ...(iterations !== undefined && { iterations }) };
      return { shape, durationMs: ms(input.duration, hourMs) };
    }
    case 'constant':
    case 'poisson':
      return {
        shape: { kind: input.kind, rate: parseRate(input.rate) },
        durationMs: parseDuration(input.duration),
      };
    case 'ramp': {
      const from = parseRate(input.from);
      const to = parseRate(input.to);
      if (from === 0 && to === 0) {
        report(noSessions(['load', 'to'], 'a ramp from 0/s to 0/s starts no session'));
        return undefined;
      }
      return {
        shape: {
          kind: 'ramp',
          from,
          to,
          arrival: input.arrival ?? 'even',
          leadMs: warmupMs,
          tailMs: cooldownMs,
        },
        durationMs: parseDuration(input.duration),
      };
    }
    case 'stages': {
      const stages = input.stages.map<RateStage>((stage) => ({
        durationMs: parseDuration(stage.duration),
        rate: parseRate(stage.rate),
        shape: stage.shape ?? 'step',
      }));
      if (stages.every((stage) => stage.rate === 0)) {
        report(noSessions(['load', 'stages'], 'stages whose rates are all 0/s start no session'));
        return undefined;
      }
      const durationMs = stages.reduce((sum, stage) => sum + stage.durationMs, 0);
      const first = stages[0]!;
      if (warmupMs > 0 && first.shape === 'ramp') {
        report({
          path: ['load', 'stages'],
          code: 'no-sessions',
          message: 'a first stage that ramps begins at 0/s and gives a warm-up nothing to do',
          hints: ['begin with a stage of shape: step, or leave warmup out'],
        });
        return undefined;
      }
      return {
        shape: {
          kind: 'stages',
          arrival: input.arrival ?? 'even',
          stages: [
            ...(warmupMs > 0
              ? [{ durationMs: warmupMs, rate: first.rate, shape: 'step' as const }]
              : []),
            ...stages,
            ...(cooldownMs > 0
              ? [{ durationMs: cooldownMs, rate: stages.at(-1)!.rate, shape: 'step' as const }]
              : []),
          ],
        },
        durationMs,
      };
    }
    case 'burst':
      return {
        shape: { kind: 'burst', size: input.size, everyMs: parseDuration(input.every) },
        durationMs: parseDuration(input.duration),
      };
    case 'trace':
      return traceShape(input, around, files, report);
  }
}

function traceShape(
  input: Extract<LoadInput, { kind: 'trace' }>,
  { warmupMs, cooldownMs }: { warmupMs: number; cooldownMs: number },
  files: ScenarioFiles,
  report: (problem: Problem) => void,
): { shape: LoadShape; durationMs: number } | undefined {
  const text = files.read(input.file, ['load', 'file'], report);
  if (text === undefined) return undefined;
  try {
    const startsMs = readTrace(text, input.unit === undefined ? {} : { unit: unitMs[input.unit] });
    // One more millisecond, so that the last start lies within.
    const recorded = startsMs.at(-1)! + 1 - warmupMs - cooldownMs;
    if (input.duration === undefined && recorded <= 0) {
      report({
        path: ['load', 'file'],
        code: 'trace-short',
        message: `${input.file} ends before the measured phase begins`,
        hints: ['make warm-up and cool-down shorter than the recording'],
      });
      return undefined;
    }
    return { shape: { kind: 'trace', startsMs }, durationMs: ms(input.duration, recorded) };
  } catch (error) {
    report({
      path: ['load', 'file'],
      code: 'trace-invalid',
      message: `${input.file}: ${messageOf(error)}`,
      hints: ['a trace is CSV with a column, or JSONL with a member, named timestamp'],
    });
    return undefined;
  }
}

function noSessions(path: Problem['path'], message: string): Problem {
  return { path, code: 'no-sessions', message };
}
