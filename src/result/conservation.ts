/**
 * Bookkeeping checks. Work that was scheduled must be found again in exactly one place; where it is
 * not, the harness lost track of something and no number of that run can be trusted.
 */
import type { ArmResult, Counts, PhaseResult } from './schema.ts';

function sumOf(counts: Readonly<Partial<Record<string, number>>>): number {
  let sum = 0;
  for (const count of Object.values(counts)) sum += count ?? 0;
  return sum;
}

/** What does not add up in one set of counters; empty where all of it does. */
export function checkCounts(counts: Counts): string[] {
  const broken: string[] = [];
  const {
    sessions_scheduled: scheduled,
    sessions_started: started,
    sessions_dropped: dropped,
  } = counts;
  if (scheduled !== started + dropped) {
    broken.push(
      `${scheduled} sessions were scheduled, but ${started} started + ${dropped} dropped = ${started + dropped}`,
    );
  }
  const sessionEnds = sumOf(counts.session_outcomes);
  if (started !== sessionEnds) {
    broken.push(`${started} sessions started, but ${sessionEnds} have an outcome`);
  }
  const turnEnds = sumOf(counts.turn_outcomes);
  if (counts.turns_started !== turnEnds) {
    broken.push(`${counts.turns_started} turns started, but ${turnEnds} have an outcome`);
  }
  if (counts.sessions_completed > started) {
    broken.push(`${counts.sessions_completed} sessions completed, but only ${started} started`);
  }
  if (counts.sessions_good > counts.sessions_completed) {
    broken.push(
      `${counts.sessions_good} sessions met their objectives, but only ${counts.sessions_completed} completed`,
    );
  }
  if (counts.token_events > counts.events) {
    broken.push(`${counts.token_events} token events among only ${counts.events} events`);
  }
  return broken;
}

/**
 * Every histogram that takes at most one sample of a turn holds no more than there were turns.
 *
 * @param landmarks - names of those of the arm.
 */
function checkSamples(phase: PhaseResult, landmarks: readonly string[]): string[] {
  const broken: string[] = [];
  const limit = phase.counts.turns_started;
  for (const name of ['ttft', 'e2e', ...landmarks]) {
    const samples = phase.histograms[name]?.count ?? 0;
    if (samples > limit) broken.push(`${samples} samples of ${name} from ${limit} turns`);
  }
  return broken;
}

/**
 * Reasons for which a run's bookkeeping is broken, each naming arm, trial and phase; empty where
 * scheduled = started + dropped and started = the sum of outcomes hold everywhere.
 */
export function checkConservation(result: { arms: readonly ArmResult[] }): string[] {
  const reasons: string[] = [];
  for (const arm of result.arms) {
    const landmarks = (arm.landmarks ?? []).map(({ name }) => name);
    for (const trial of arm.trials) {
      for (const name of ['warmup', 'measured', 'cooldown'] as const) {
        const phase = trial[name];
        for (const what of [...checkCounts(phase.counts), ...checkSamples(phase, landmarks)]) {
          reasons.push(`${arm.name}, trial ${trial.trial + 1}, ${name}: ${what}`);
        }
      }
    }
  }
  return reasons;
}
