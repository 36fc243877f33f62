/** What went wrong, by kind: every failure is counted, and as many kinds as a reader can take in are told apart. */
import type { Outcome } from '../metric/outcome.ts';
import type { FailureSample } from '../result/schema.ts';

const maxKinds = 50;

export class FailureTally {
  /** Failed turns by outcome, all of them. */
  readonly byOutcome: Partial<Record<Outcome, number>> = {};
  private readonly kinds = new Map<string, FailureSample>();

  note(outcome: Outcome, detail: string): void {
    this.byOutcome[outcome] = (this.byOutcome[outcome] ?? 0) + 1;
    // The end of the run is not a failure of the target.
    if (outcome === 'aborted') return;
    const key = `${outcome}\n${detail}`;
    const known = this.kinds.get(key);
    if (known) known.count++;
    else if (this.kinds.size < maxKinds) this.kinds.set(key, { outcome, detail, count: 1 });
  }

  /** Most frequent first. */
  toResult(): FailureSample[] {
    return [...this.kinds.values()].sort((a, b) => b.count - a.count);
  }
}
