/** From a frame that reaches a landmark to the histogram, the record and the merged trials. */
import { describe, expect, it } from 'vitest';
import { PhaseRecorder } from '../../../src/engine/phase-recorder.ts';
import { toSample } from '../../../src/engine/samples.ts';
import type { LandmarkName } from '../../../src/metric/landmark.ts';
import { mergeArm } from '../../../src/result/merge.ts';
import { checkConservation } from '../../../src/result/conservation.ts';
import { firstFinding, landmarkArms, sampleResult } from '../../helpers/sample-result.ts';
import { landmarkTurn, writtenAt, type LandmarkFrame } from '../../helpers/landmark-turn.ts';

const finding = 'first_finding' as LandmarkName;
const other = 'last_finding' as LandmarkName;

const recorded = async (
  frames: readonly LandmarkFrame[],
  declared: readonly string[] = [finding, other],
  written = true,
): Promise<PhaseRecorder> => {
  const recorder = new PhaseRecorder();
  recorder.counts.turnsStarted++;
  recorder.turnEnded(await landmarkTurn(frames, declared, written));
  return recorder;
};

describe('recording', () => {
  it('takes the first time in a turn, and each landmark for itself', async () => {
    const recorder = await recorded([
      { at: 50 },
      { at: 120, reaches: [finding] },
      { at: 180, reaches: [finding, other] },
      { at: 300, reaches: [other], done: true },
    ]);
    expect(recorder.histogram(finding)).toMatchObject({ count: 1, mean: 120 });
    expect(recorder.histogram(other)).toMatchObject({ count: 1, mean: 180 });
    expect(recorder.histogram('e2e').mean).toBeCloseTo(300);
  });

  it('keeps what a turn reached that then broke', async () => {
    const recorder = await recorded([{ at: 120, reaches: [finding] }]);
    expect(recorder.turnOutcomes).toEqual({ truncated: 1 });
    expect(recorder.histogram(finding).mean).toBe(120);
  });

  it('counts one that came before the request was written whole as 0', async () => {
    const recorder = await recorded([
      { at: -5, reaches: [finding] },
      { at: 20, done: true },
    ]);
    expect(recorder.histogram(finding)).toMatchObject({ count: 1, mean: 0, min: 0 });
  });

  it('has nothing of a turn whose request was never written', async () => {
    const recorder = await recorded([{ at: 5, reaches: [finding] }], [finding], false);
    expect(recorder.histogram(finding).count).toBe(0);
  });

  it('does not keep what the dialect has not declared', async () => {
    const frames = [
      { at: 5, reaches: ['made_up', finding] },
      { at: 9, done: true },
    ];
    const turn = await landmarkTurn(frames, [finding]);
    expect([...turn.landmarks!.keys()]).toEqual([finding]);
  });

  it('makes nothing for a turn without landmarks', async () => {
    expect((await landmarkTurn([{ at: 5, done: true }], [finding])).landmarks).toBeUndefined();
  });

  it('takes nothing that comes after the end', async () => {
    const frames = [
      { at: 5, done: true },
      { at: 9, reaches: [finding] },
    ];
    expect((await landmarkTurn(frames, [finding])).landmarks).toBeUndefined();
  });

  it('is in the per-stream record, after the written request', async () => {
    const turn = await landmarkTurn(
      [
        { at: 1.23456, reaches: [other] },
        { at: 7, reaches: [finding] },
        { at: 9, done: true },
      ],
      [finding, other],
    );
    const sample = toSample(turn, writtenAt - 100e6);
    expect(sample.landmarks).toEqual({ last_finding: 1.235, first_finding: 7 });
    const without = toSample(await landmarkTurn([{ at: 9, done: true }], []), writtenAt);
    expect(without).not.toHaveProperty('landmarks');
  });
});

describe('merging trials', () => {
  const [arm] = sampleResult({ arms: landmarkArms, trials: 3 }).arms;

  it('adds up the landmarks of the arm, after the metrics of the catalogue', () => {
    const merged = mergeArm(arm!);
    const counts = arm!.trials.map((trial) => trial.measured.histograms[finding]!.count);
    expect(merged.histograms.get(finding)!.count).toBe(counts.reduce((a, b) => a + b));
    expect([...merged.histograms.keys()].slice(-2)).toEqual([finding, 'first_chart']);
  });

  it('leaves out what the arm does not declare', () => {
    const { landmarks: _, ...bare } = arm!;
    expect(mergeArm(bare).histograms.has(finding)).toBe(false);
  });

  it('finds more samples than turns', () => {
    const broken = structuredClone(arm!);
    const phase = broken.trials[0]!.measured;
    phase.histograms[firstFinding.name]!.count = phase.counts.turns_started + 1;
    expect(checkConservation({ arms: [broken] }).join()).toContain('samples of first_finding');
  });
});
