/** A whole run: broken streams are continued, and its gates find a server that resumes wrongly. */
import { expect, it } from 'vitest';
import { runPlan } from '../../src/engine/run.ts';
import { mergeArm } from '../../src/result/merge.ts';
import { realWorld } from '../../src/world.ts';
import { load } from '../helpers/scenario.ts';

it('tells a server that resumes wrongly from one that does not', async () => {
  const plan = load(`
name: resume
target: mock
dialect: stream-chat
seed: 5
reconnect: { policy: immediate, attempts: 20 }
load: { kind: closed, sessions: 3, duration: 1s, graceful_stop: 30s }
prompt: Hello
faults: [ { kind: disconnect, how: fin, after: { tokens: 7 }, of: 100% } ]
mock: { ttft: 5ms, itl: 8ms, tokens: 40 }
timeouts: { idle: 10s }
arms:
  correct: {}
  twice: { mock: { resume_bug: duplicate_replay } }
gates:
  - correct.transcript_mismatches <= 0
  - twice.transcript_mismatches <= 0
`);
  const { clock, cwd } = realWorld();
  const result = await runPlan(plan, { clock, cwd });
  const [correct, twice] = result.arms.map((arm) => mergeArm(arm));
  expect(correct!.scalars.get('resumes')).toBeGreaterThan(0);
  expect(correct!.scalars.get('transcripts_checked')).toBeGreaterThan(0);
  expect(correct!.scalars.get('transcript_mismatches')).toBe(0);
  expect(correct!.counts.turn_outcomes).toEqual({ completed: correct!.counts.turns_started });
  expect(correct!.histograms.get('resume_latency')!.count).toBe(correct!.scalars.get('resumes'));
  expect(twice!.scalars.get('duplicates')).toBeGreaterThan(0);
  expect(twice!.scalars.get('transcript_mismatches')).toBeGreaterThan(0);
  expect(twice!.histograms.get('replay_amplification')!.max).toBeGreaterThan(1);
  expect(result.warnings.filter(({ code }) => code === 'wrong-transcripts')).toMatchObject([
    { arm: 'twice' },
  ]);
  // On a machine too busy to measure, gates are open, and neither passes.
  const verdicts = result.gates.map((gate) => gate.verdict);
  expect(verdicts).toEqual(
    result.validity.valid ? ['pass', 'fail'] : ['inconclusive', 'inconclusive'],
  );
  const [sample] = result.arms[0]!.trials[0]!.samples;
  expect(sample!.continuity!.resumes).toBeGreaterThan(0);
}, 60_000);
