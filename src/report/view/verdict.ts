/** The one line a run ends in. */
import type { ExitCodeName } from '../../exit-codes.ts';
import type { Outcome } from '../../metric/outcome.ts';
import type { Tone } from '../../format/style.ts';
import type { GateResult, Result } from '../../result/schema.ts';

/**
 * - `PASS`, `FAIL`: gates were declared and all hold, or not
 * - `INCONCLUSIVE`: no gate failed, at least one could not be decided
 * - `INVALID`: the harness, not the target, was the limit; numbers are shown, no gate counts
 * - `DONE`: no gates were declared, so nothing was demanded
 */
export type VerdictWord = 'PASS' | 'FAIL' | 'INCONCLUSIVE' | 'INVALID' | 'DONE';

export interface Verdict {
  word: VerdictWord;
  tone: Tone;
  /** The run was interrupted. */
  partial: boolean;
  sentence: string;
  /** Why it is invalid; empty otherwise. */
  reasons: readonly string[];
  /** The exit code a command that produced this run ends with. */
  exit: ExitCodeName;
}

function nameOf(gate: GateResult): string {
  return gate.arm === null ? gate.text : `${gate.text} (${gate.arm})`;
}

function list(gates: readonly GateResult[]): string {
  const shown = gates.slice(0, 3).map(nameOf).join(', ');
  return gates.length > 3 ? `${shown} and ${gates.length - 3} more` : shown;
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** Of many arms each may have its reason; the result file keeps all of them. */
const mostReasons = 8;

function few(reasons: readonly string[]): readonly string[] {
  if (reasons.length <= mostReasons) return reasons;
  const left = reasons.length - mostReasons + 1;
  return [...reasons.slice(0, mostReasons - 1), `and ${left} more, all of them in result.json`];
}

/** Whether there were turns, and none of them ever got a connection. */
function neverConnected(result: Result): boolean {
  let turns = 0;
  let failed = 0;
  for (const arm of result.arms) {
    for (const trial of arm.trials) {
      for (const phase of [trial.warmup, trial.measured, trial.cooldown]) {
        const outcomes = phase.counts.turn_outcomes as Partial<Record<Outcome, number>>;
        turns += phase.counts.turns_started;
        failed += outcomes.connect_failed ?? 0;
      }
    }
  }
  return turns > 0 && turns === failed;
}

function judgeGates(gates: readonly GateResult[]): Omit<Verdict, 'partial' | 'reasons'> {
  const failed = gates.filter((gate) => gate.verdict === 'fail');
  const open = gates.filter(
    (gate) => gate.verdict === 'inconclusive' || gate.verdict === 'no_data',
  );
  if (gates.length === 0) {
    return {
      word: 'DONE',
      tone: 'neutral',
      sentence: 'no gates declared, so nothing was demanded',
      exit: 'ok',
    };
  }
  if (failed.length > 0) {
    return {
      word: 'FAIL',
      tone: 'bad',
      sentence: `${failed.length} of ${plural(gates.length, 'gate')} failed: ${list(failed)}`,
      exit: 'gateFailed',
    };
  }
  if (open.length > 0) {
    return {
      word: 'INCONCLUSIVE',
      tone: 'caution',
      sentence: `${open.length} of ${plural(gates.length, 'gate')} cannot be decided: ${list(open)}`,
      exit: 'inconclusive',
    };
  }
  const sentence = gates.length === 1 ? 'the gate holds' : `all ${gates.length} gates hold`;
  return { word: 'PASS', tone: 'good', sentence, exit: 'ok' };
}

/** Decides a run's verdict and exit code. */
export function verdictOf(result: Result): Verdict {
  const { partial } = result;
  if (neverConnected(result)) {
    return {
      word: 'INVALID',
      tone: 'bad',
      partial,
      sentence: 'the target could not be reached: no turn got a connection',
      reasons: few(result.validity.reasons),
      exit: partial ? 'aborted' : 'unreachable',
    };
  }
  if (!result.validity.valid) {
    return {
      word: 'INVALID',
      tone: 'bad',
      partial,
      sentence: 'the measurement cannot be trusted; numbers are shown, no gate counts',
      reasons: few(result.validity.reasons),
      exit: partial ? 'aborted' : 'invalid',
    };
  }
  const verdict = judgeGates(result.gates);
  return { ...verdict, partial, reasons: [], exit: partial ? 'aborted' : verdict.exit };
}
