/**
 * Diagnosis against every real and simulated path of the catalogue: verdict, size or period, component and
 * fix. Each case is diagnosed once. One that is wrong is tried twice again and must then be right both times:
 * a busy machine can spoil a measurement, a wrong rule is wrong again. A clean path must never be called
 * held back, not once.
 *
 *   STREAMGAUGE_DIAGNOSE_REPEAT=20   how often each case is diagnosed (of more than one, 95 % must be right)
 *   STREAMGAUGE_DIAGNOSE_OUT=FILE    also writes every outcome as JSON; scripts/confusion-matrix.js reads it
 *   STREAMGAUGE_DIAGNOSE_SEED=N       other losses, another order of probes
 *   STREAMGAUGE_DIAGNOSE_SHARD=1/2    the first of two halves of the cases
 *   STREAMGAUGE_DIAGNOSE_ONLY=TEXT   only cases whose group and name contain it
 */
import { writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { whyMissing } from '../../src/proxy/real/registry.ts';
import { diagnosisCases } from '../helpers/diagnosis/cases.ts';
import type { DiagnosisCase } from '../helpers/diagnosis/case.ts';
import { diagnoseAll, isClean, type Outcome } from '../helpers/diagnosis/run.ts';

const repeat = Number(process.env['STREAMGAUGE_DIAGNOSE_REPEAT'] ?? 1);
const concurrency = Number(process.env['STREAMGAUGE_DIAGNOSE_CONCURRENCY'] ?? 16);
const out = process.env['STREAMGAUGE_DIAGNOSE_OUT'];
const only = process.env['STREAMGAUGE_DIAGNOSE_ONLY'] ?? '';
const seed = Number(process.env['STREAMGAUGE_DIAGNOSE_SEED'] ?? 0);
const [shard = 1, shards = 1] = (process.env['STREAMGAUGE_DIAGNOSE_SHARD'] ?? '1/1')
  .split('/')
  .map(Number);
const cases = diagnosisCases.filter(
  ({ group, name }, index) => `${group}, ${name}`.includes(only) && index % shards === shard - 1,
);
const missing = ({ needs }: DiagnosisCase): string | undefined => needs && whyMissing(needs);

let results = new Map<DiagnosisCase, Outcome[]>();
beforeAll(async () => {
  const runnable = cases.filter((one) => !missing(one));
  let left = runnable.length;
  results = await diagnoseAll(runnable, {
    repeat,
    seed,
    concurrency,
    ...(repeat === 1 && out === undefined ? { again: 2 } : {}),
    onCase(one, outcomes) {
      const wrong = outcomes.filter((outcome) => outcome.wrong.length > 0);
      left--;
      if (out === undefined && wrong.length === 0) return;
      const what = wrong.map((outcome) => outcome.wrong.join('; ')).join(' | ');
      console.log(
        `${one.group}, ${one.name}: ${outcomes.length - wrong.length} of ${outcomes.length} right${what && `: ${what}`} (${left} to go)`,
      );
    },
  });
  if (out === undefined) return;
  const records = cases.map((one) => ({
    group: one.group,
    name: one.name,
    expected: one.expected.kinds,
    clean: isClean(one),
    missing: missing(one) ?? null,
    outcomes: results.get(one) ?? [],
  }));
  writeFileSync(out, JSON.stringify(records, null, 1));
}, repeat * 600_000);

describe.each(cases)('$group, $name', (one) => {
  const why = missing(one);
  const title = `is ${one.expected.kinds.join(' or ')}${why ? ` (skipped: ${why})` : ''}`;
  // It has its further tries in itself.
  it.skipIf(why)(title, { retry: 0 }, ({ task }) => {
    const outcomes = results.get(one)!;
    if (repeat === 1) Object.assign(task.meta, { tries: outcomes.length });
    const wrong = outcomes.filter((outcome) => outcome.wrong.length > 0);
    expect(
      outcomes.filter(({ falseAlarm }) => falseAlarm).map(({ summary }) => summary),
      'false alarms',
    ).toEqual([]);
    const allowed = repeat === 1 ? 1 : Math.floor(repeat * 0.05);
    expect(
      wrong.length,
      wrong.map(({ wrong: what, summary }) => `${what.join('; ')}: ${summary}`).join('\n'),
    ).toBeLessThanOrEqual(allowed);
  });
});
