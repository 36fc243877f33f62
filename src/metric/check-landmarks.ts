/** Checks landmarks where they enter: a dialect, a result file. */
import { landmarkLimits, landmarkPattern, type LandmarkDefinition } from './landmark.ts';
import { findMetric } from './lookup.ts';

/** What is wrong with the name of a landmark; undefined where nothing is. */
export function landmarkNameProblem(name: string): string | undefined {
  const { nameLength } = landmarkLimits;
  if (name.length > nameLength) return `the name of a landmark is longer than ${nameLength}`;
  // A name that JavaScript defines would be found in any object.
  if (!landmarkPattern.test(name) || name in {}) {
    return `${JSON.stringify(name)} is not a name of a landmark: write small letters, digits and _`;
  }
  return (
    findMetric(name) && `"${name}" is a metric of the catalogue, so no landmark can have its name`
  );
}

/** What is wrong with one text; undefined where nothing is. */
function textProblem(name: string, what: string, text: string, most: number): string | undefined {
  if (text.trim() === '') return `the landmark "${name}" has no ${what}`;
  return text.length > most
    ? `the ${what} of the landmark "${name}" is longer than ${most} characters`
    : undefined;
}

/** What is wrong with the landmarks of one dialect; empty where nothing is. */
export function landmarkProblems(landmarks: readonly LandmarkDefinition[]): string[] {
  const { perDialect, titleLength, textLength } = landmarkLimits;
  const names = landmarks.map(({ name }) => name);
  return [
    landmarks.length > perDialect
      ? `${landmarks.length} landmarks are more than the ${perDialect} that a dialect may have`
      : undefined,
    ...landmarks.flatMap(({ name, title, meaning, to }, index) => [
      landmarkNameProblem(name),
      names.indexOf(name) < index ? `the landmark "${name}" stands twice` : undefined,
      textProblem(name, 'title', title, titleLength),
      textProblem(name, 'meaning', meaning, textLength),
      textProblem(name, 'moment', to, textLength),
    ]),
  ].filter((problem) => problem !== undefined);
}
