/** The landmarks that a result brings along, so that it can be read where its dialects are not known. */
import { landmarkProblems } from '../metric/check-landmarks.ts';
import { unitedLandmarks, type LandmarkDefinition } from '../metric/landmark.ts';
import { findMetric } from '../metric/lookup.ts';

interface Arm {
  name: string;
  landmarks?: readonly LandmarkDefinition[] | undefined;
}

/** Those of all arms, each name once, in the order of the arms. */
export function landmarksOf(arms: readonly Pick<Arm, 'landmarks'>[]): LandmarkDefinition[] {
  return unitedLandmarks(arms.map(({ landmarks = [] }) => landmarks)).landmarks;
}

const phases = ['warmup', 'measured', 'cooldown'] as const;
type Phases = Record<(typeof phases)[number], { histograms: Readonly<Record<string, unknown>> }>;

/**
 * What is wrong with the landmarks of a result file: definitions that do not pass as those of a dialect,
 * two of one name that differ, histograms of which nothing says what they measure.
 *
 * @returns each with its place, from the list of arms on.
 */
export function landmarkMistakes(
  arms: readonly (Arm & { trials: readonly Phases[] })[],
): { path: (string | number)[]; message: string }[] {
  const { conflicts } = unitedLandmarks(arms.map(({ landmarks = [] }) => landmarks));
  return [
    ...conflicts.map((name) => ({
      path: [],
      message: `the landmark "${name}" is defined in two ways`,
    })),
    ...arms.flatMap(({ landmarks = [], trials }, arm) => [
      ...landmarkProblems(landmarks).map((message) => ({
        path: [arm, 'landmarks'],
        message,
      })),
      ...trials.flatMap((trial, index) =>
        phases.flatMap((phase) =>
          Object.keys(trial[phase].histograms)
            .filter((name) => findMetric(name, landmarks)?.kind !== 'distribution')
            .map((name) => ({
              path: [arm, 'trials', index, phase, 'histograms', name],
              message: 'neither a metric nor one of the landmarks of its arm',
            })),
        ),
      ),
    ]),
  ];
}
